"""The Python client against the service's real endpoints."""

import asyncio
import inspect
from typing import Any

import pytest

from infra import synchronous
from mediajobs.client import AsyncClient, CallRefused, Client, Retry, ServiceAway, WaitTimeout
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
    for act in (client.cancel, client.restart):
        wire.seen.clear()
        with pytest.raises(ServiceAway):
            act(job["id"])
        assert len(wire.seen) == 1


def test_a_call_that_had_no_effect_is_sent_again_whatever_it_is(world: World) -> None:
    client, wire = _client(world)
    job = client.submit(_SPEC)
    client, wire = _client(world, lambda number, _: "429" if number < 3 else "handled")
    assert client.cancel(job["id"])["status"] == "Cancelled"
    assert len(wire.seen) == 3


@pytest.mark.parametrize("fate", ["lost", "502", "503", "504"])
def test_reads_are_tried_again_a_few_times(world: World, fate: str) -> None:
    client, wire = _client(world, lambda number, _: fate if number < 4 else "handled")
    assert list(client.jobs()) == []
    client, wire = _client(world, lambda *_: fate)
    with pytest.raises((ServiceAway, CallRefused)):
        list(client.jobs())
    assert len(wire.seen) == _AT_ONCE.tries


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
    assert retry.pause(1, 100) == 5
    for number, most in ((1, 1), (2, 2), (3, 4), (10, 5)):
        assert all(0 <= retry.pause(number, None) <= most for _ in range(50))


def test_an_organization_is_named_in_every_call(world: World) -> None:
    wire = Wire(world)
    client = Client("https://api.example.com", world.key, organization=world.organization, transport=wire)
    client.submit(_SPEC)
    assert list(client.jobs(limit=1))
    assert all(request.url.params["organization_id"] == world.organization for request in wire.seen)
