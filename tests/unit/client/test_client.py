"""The Python client against the service's real endpoints."""

import asyncio
import inspect
from typing import Any, get_origin, get_type_hints

import httpx2
import pytest

from infra import synchronous
from mediajobs.client import AsyncClient, CallRefused, Client, Retry, ServiceAway, WaitTimeout, call, setup
from mediajobs.routes import ROUTES
from mediajobs.tools.tool import Result
from tests.unit.client.wire import Fate, Wire
from tests.world import World, tool

_AT_ONCE = Retry(tries=4, first=0)
_SPEC = {"tasks": [{"tool": "test:nothing"}], "tags": ["client"]}


@pytest.fixture
def world(acme: World) -> World:
    acme.tools["test:nothing"] = tool(lambda run, parameters: Result())
    return acme


def _client(world: World, fate: Fate | None = None) -> tuple[Client, Wire]:
    wire = Wire(world) if fate is None else Wire(world, fate)
    return Client("https://api.example.com", world.key, retry=_AT_ONCE, transport=wire), wire


def test_the_synchronous_client_is_the_asynchronous_one_without_its_awaits() -> None:
    assert synchronous.TARGET.read_text() == synchronous.client(), "run `make docs`"


def test_both_clients_can_do_the_same() -> None:
    def methods(kind: type[Any]) -> dict[str, list[str]]:
        found = inspect.getmembers(kind, inspect.isfunction)
        return {name: list(inspect.signature(each).parameters) for name, each in found if name[0] != "_"}

    assert methods(Client) == methods(AsyncClient)
    assert {"submit", "wait", "jobs", "logs"} <= set(methods(Client))


def test_a_job_is_submitted_found_cancelled_and_made_again(world: World) -> None:
    client, _ = _client(world)
    with client:
        job = client.submit(_SPEC)
        assert client.job(job["id"])["tags"] == ["client"]
        assert [row["id"] for row in client.jobs(tag="client", status=["Pending", "Running"])] == [job["id"]]
        assert client.cancel(job["id"])["status"] == "Cancelled"
        assert client.restart(job["id"])["attempt"] == 2
        other = client.resubmit(job["id"], {"tags": ["again"]})
        assert (other["tags"], other["resubmitted_from"]) == (["again"], job["id"])
        assert [event["sequence"] for event in client.events(job["id"])] == [1, 2, 3]


def test_pages_are_followed_to_the_end(world: World) -> None:
    client, wire = _client(world)
    ids = [client.submit(_SPEC)["id"] for _ in range(5)]
    wire.seen.clear()
    assert [row["id"] for row in client.jobs(limit=2)] == ids[::-1]
    assert len(wire.seen) == 3


def test_a_submission_whose_answer_is_lost_is_sent_again_and_makes_one_job(world: World) -> None:
    client, wire = _client(world, lambda number, _: "answer lost" if number < 3 else "handled")
    job = client.submit(_SPEC)
    assert len({request.headers["idempotency-key"] for request in wire.seen}) == 1
    assert len(wire.seen) == 3
    assert [row["id"] for row in client.jobs()] == [job["id"]]


def test_what_may_have_been_done_is_not_sent_again(world: World) -> None:
    client, wire = _client(world)
    job = client.submit(_SPEC)
    client, wire = _client(world, lambda *_: "answer lost")
    wire.seen.clear()
    with pytest.raises(ServiceAway):
        client.cancel(job["id"])
    assert len(wire.seen) == 1


def test_a_restart_whose_answer_is_lost_is_sent_again_and_makes_one_attempt(world: World) -> None:
    client, wire = _client(world, lambda number, _: "answer lost" if number == 3 else "handled")
    job_id = client.submit(_SPEC)["id"]
    client.cancel(job_id)
    assert client.restart(job_id)["attempt"] == 2
    assert len(wire.seen) == 4


def test_a_call_that_had_no_effect_is_sent_again_whatever_it_is(world: World) -> None:
    client, wire = _client(world)
    job = client.submit(_SPEC)
    client, wire = _client(world, lambda number, _: "429" if number < 3 else "handled")
    assert client.cancel(job["id"])["status"] == "Cancelled"
    assert len(wire.seen) == 3


@pytest.mark.parametrize("fate", ["lost", "500", "502", "503", "504"])
def test_reads_are_tried_again_a_few_times(world: World, fate: str) -> None:
    client, wire = _client(world, lambda number, _: fate if number < 4 else "handled")
    assert list(client.jobs()) == []
    client, wire = _client(world, lambda *_: fate)
    with pytest.raises((ServiceAway, CallRefused)):
        list(client.jobs())
    assert len(wire.seen) == _AT_ONCE.tries


def test_nothing_is_sent_again_before_the_service_wants_it(world: World) -> None:
    def busy(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(429, headers={"retry-after": "40"}, json={"detail": "later"})

    seen: list[httpx2.Request] = []
    with (
        Client("https://api.example.com", "key", transport=httpx2.MockTransport(busy)) as client,
        pytest.raises(CallRefused) as caught,
    ):
        list(client.logs("job", 0))
    assert (len(seen), caught.value.retry_after) == (1, 40)


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(200, html="<h1>Welcome</h1>"),
        httpx2.Response(301, headers={"location": "https://www.example.com"}),
        httpx2.Response(302, json={}),
    ],
)
def test_an_answer_of_somebody_else_is_said_to_be_so(answer: httpx2.Response) -> None:
    wire = httpx2.MockTransport(lambda _: answer)
    with (
        Client("https://www.example.com", "key", transport=wire) as client,
        pytest.raises(CallRefused, match=r"https://www\.example\.com answers, but not as this API"),
    ):
        client.job("any")


def test_an_error_of_somebody_else_is_told_as_it_is() -> None:
    said = {"message": "no such stage", "errors": ["a text"]}
    wire = httpx2.MockTransport(lambda _: httpx2.Response(403, json=said))
    with (
        Client("https://www.example.com", "key", transport=wire) as client,
        pytest.raises(CallRefused, match="no such stage") as caught,
    ):
        client.job("any")
    assert caught.value.fields == ()


@pytest.mark.parametrize("url", ["", "api.example.com", "ftp://api.example.com", "https://", "//a"])
def test_what_is_no_url_of_a_service_is_refused_at_once(url: str) -> None:
    for kind in (Client, AsyncClient):
        with pytest.raises(ServiceAway, match="such as https"):
            kind(url, "key")


@pytest.mark.parametrize("key", ["", " ", "ké", "a\nb"])
def test_what_is_no_key_is_refused_at_once(key: str) -> None:
    with pytest.raises(ServiceAway, match="API key"):
        Client("https://api.example.com", key)


def test_a_refusal_names_the_fields_and_the_rules(world: World) -> None:
    client, wire = _client(world)
    with pytest.raises(CallRefused) as caught:
        client.submit({"tasks": []})
    assert (caught.value.status, caught.value.code) == (422, "invalid-request")
    assert caught.value.fields[0].pointer == "/tasks"
    assert "/tasks" in str(caught.value)
    assert len(wire.seen) == 1


def test_a_wait_ends_with_the_job(world: World) -> None:
    client, _ = _client(world)
    job = client.submit(_SPEC)
    world.settle_down()
    seen: list[str] = []
    ended = client.wait(job["id"], on_change=lambda each: seen.append(each["status"]))
    assert (ended["status"], seen) == ("Success", ["Success"])


def test_a_wait_ends_with_its_time(world: World) -> None:
    client, _ = _client(world)
    job = client.submit(_SPEC)
    with pytest.raises(WaitTimeout):
        client.wait(job["id"], timeout=0)


def test_the_asynchronous_client_does_the_same(world: World) -> None:
    async def run() -> None:
        wire = Wire(world, lambda number, _: "answer lost" if number == 1 else "handled")
        async with AsyncClient(
            "https://api.example.com", world.key, retry=_AT_ONCE, transport=wire
        ) as client:
            job = await client.submit(_SPEC)
            assert [row["id"] async for row in client.jobs()] == [job["id"]]
            world.settle_down()
            assert (await client.wait(job["id"]))["status"] == "Success"

    asyncio.run(run())


def test_pauses_grow_and_are_those_that_the_service_asks_for() -> None:
    retry = Retry(first=1, longest=5)
    assert retry.pause(1, 3) == 3
    for number, most in ((1, 1), (2, 2), (3, 4), (10, 5)):
        assert all(0 <= retry.pause(number, None) <= most for _ in range(50))


def test_every_call_of_the_api_has_one_of_the_client() -> None:
    samples = {str: "x", int: 1, bool: True, "Mapping": {}, "Sequence": ()}

    def sample(annotation: Any) -> Any:
        kind = get_origin(annotation) or annotation
        return samples.get(kind, samples.get(kind.__name__))

    made = {}
    for module in (call, setup):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            hints = get_type_hints(function)
            if function.__module__ != module.__name__ or get_origin(hints["return"]) is not call.Call:
                continue
            needed = [
                each for each in inspect.signature(function).parameters.values() if each.default is each.empty
            ]
            sent = function(*(sample(hints[each.name]) for each in needed))
            (route,) = (
                each
                for each in ROUTES
                if each.method == sent.method and each.match(sent.path.split("/")[1:]) is not None
            )
            made[name] = route.endpoint
    # Those are pages for people and for generators of clients.
    assert {each.endpoint for each in ROUTES} - set(made.values()) == {"get_openapi", "get_docs"}


def test_every_list_is_read_to_its_end(world: World) -> None:
    client, wire = _client(world)
    for number in range(5):
        client.send(call.create_bundle(f"bundle {number}"))
    wire.seen.clear()
    assert [each["number"] for each in client.bundles(limit=2)] == [5, 4, 3, 2, 1]
    assert len(wire.seen) == 3
    body = {"job": _SPEC}
    for name in ("a", "b"):
        client.send(setup.put_template(name, body))
    assert [each["name"] for each in client.templates()] == ["a", "b"]
    client.send(setup.create_key({"user": "jo", "role": "VIEW"}))
    assert len(list(client.keys())) == 2
    made = client.send(setup.create_webhook({"url": "https://hooks.example.com/"}))
    pinged = [client.send(setup.ping_webhook(made["id"]))["id"] for _ in range(2)]
    assert {each["id"] for each in client.deliveries(made["id"])} == set(pinged)
    job = client.submit({**_SPEC, "notify": ["https://hooks.example.com/"]})
    assert list(client.job_deliveries(job["id"])) == []


def test_an_organization_is_named_in_every_call(world: World) -> None:
    wire = Wire(world)
    client = Client("https://api.example.com", world.key, organization=world.organization, transport=wire)
    client.submit(_SPEC)
    assert list(client.jobs(limit=1))
    assert all(request.url.params["organization_id"] == world.organization for request in wire.seen)
