"""POST /jobs?dry_run=true: everything is checked and told, nothing is stored or started."""

import json
from functools import partial
from typing import Any

import pytest

from mediajobs import aws
from tests.moto_account import OTHER_REGION, REGION, table_rows
from tests.server import ftp
from tests.server.http import Handler, serve
from tests.world import World

DRY = "/jobs?dry_run=true"
BODY = bytes(1_000_000)


@pytest.fixture(autouse=True)
def _loopback_is_open(acme: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_NETWORKS", "127.0.0.0/8")


def get(*urls: str) -> dict[str, Any]:
    sources = [{"url": url, "name": f"{index}.mp4"} for index, url in enumerate(urls)]
    return {"tool": "storage:get", "parameters": {"sources": sources}}


def put(*urls: str) -> dict[str, Any]:
    return {"tool": "storage:put", "parameters": {"destinations": [{"url": url} for url in urls]}}


def rehearsed(world: World, *tasks: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = world.call("POST", DRY, {"tasks": list(tasks), **more})
    assert answer.status == 200, answer.body
    return dict(answer.body)


def test_nothing_is_stored_announced_or_remembered(acme: World) -> None:
    before = table_rows()
    body = {"tasks": [{"tool": "test:nothing"}]}
    for _ in range(2):
        answer = acme.call("POST", DRY, body, headers={"idempotency-key": "once"})
        assert answer.status == 200
        assert "location" not in answer.headers
    assert table_rows() == before
    assert acme.call("GET", f"/jobs/{answer.body['job']['id']}").status == 404
    other = {"tasks": [{"tool": "test:nothing"}] * 2}
    assert acme.call("POST", "/jobs", other, headers={"idempotency-key": "once"}).status == 201


def test_the_job_is_shown_as_a_submission_would_answer_it(acme: World) -> None:
    body = {
        "tasks": [{"tool": "test:nothing", "retry": {"count": 2}}],
        "region": f"aws:{OTHER_REGION}",
        "priority": 7,
        "tags": ["a"],
        "user_data": "x",
    }
    plan = acme.call("POST", DRY, body).body
    job = acme.call("POST", "/jobs", body).body
    differ = {"id", "submitted", "deadline", "queue_position"}
    shown = {name: value for name, value in plan["job"].items() if name not in differ}
    assert plan["region"] == OTHER_REGION
    for task in (*job["tasks"], *shown["tasks"]):
        del task["number"]
    assert shown == {name: value for name, value in job.items() if name not in differ}


def test_the_place_in_the_queue_is_that_of_the_priority(acme: World) -> None:
    for _ in range(3):
        acme.submit("test:nothing")
    plan = rehearsed(acme, {"tool": "test:nothing"})
    assert plan["queue_position"] == plan["job"]["queue_position"] == 3
    assert plan["pool"] == {
        "region": REGION,
        "capacity": 4,
        "max_priority": 100,
        "running": 0,
        "pending": 3,
    }
    assert rehearsed(acme, {"tool": "test:nothing"}, priority=90)["queue_position"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"tasks": []},
        {"tasks": [{"tool": "no:such"}]},
        {"tasks": [get("gopher://a/b")]},
        {"tasks": [{"tool": "test:nothing"}], "region": "mars-1"},
        {"tasks": [{"tool": "test:nothing"}], "priority": 101},
    ],
)
def test_what_a_submission_refuses_is_refused_alike(acme: World, body: dict[str, Any]) -> None:
    dry, wet = acme.call("POST", DRY, body), acme.call("POST", "/jobs", body)
    assert dry.status == 422
    assert dry.body == wet.body


def test_a_dry_run_needs_the_role_of_a_submission(acme: World) -> None:
    body = {"tasks": [{"tool": "test:nothing"}]}
    assert acme.call("POST", DRY, body, key=acme.key_of("VIEW")).status == 403
    assert acme.call("POST", "/jobs?dry_run=perhaps", body).status == 422


def test_each_source_is_looked_at_in_the_name_of_its_task(acme: World) -> None:
    own = f"s3://media/{acme.organization}/in.mp4"
    aws.media_client(REGION).put_object(Bucket="media", Key=f"{acme.organization}/in.mp4", Body=b"123")
    routes = {"/a.mp4": lambda handler: handler.answer(200, BODY)}
    with serve(routes) as server:
        urls = (own, server.url("/a.mp4?signature=canary"), server.url("/none.mp4"))
        plan = rehearsed(acme, {"tool": "test:nothing"}, get(*urls, "http://127.0.0.1:1/a.mp4"))
    seen = [(check["pointer"], check["ok"], check["bytes"]) for check in plan["checks"]]
    place = "/tasks/1/parameters/sources"
    assert seen == [
        (f"{place}/0/url", True, 3),
        (f"{place}/1/url", True, len(BODY)),
        (f"{place}/2/url", False, None),
        (f"{place}/3/url", False, None),
    ]
    assert {(check["task"], check["kind"]) for check in plan["checks"]} == {(1, "source")}
    assert plan["checks"][2]["detail"].startswith("SourceNotFound")
    assert "canary" not in json.dumps(plan)


def test_no_place_that_a_job_may_not_reach_is_looked_at(acme: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_NETWORKS", "")
    with serve({}) as server:
        (check,) = rehearsed(acme, get(server.url("/a.mp4")))["checks"]
        assert server.requests == []
    assert check["ok"] is False
    assert check["detail"].startswith("AddressForbidden")


def test_a_destination_is_looked_at_and_left_as_it_is(acme: World, tmp_path: Any) -> None:
    with ftp.serve(tmp_path) as port, serve({}) as server:
        urls = (
            f"s3://media/{acme.organization}/out/",
            "s3://media/another/out/",
            f"ftp://{ftp.USER}:p%40ss%20word%2F1@localhost:{port}/",
            server.url("/out/"),
        )
        plan = rehearsed(acme, put(*urls))
    assert [check["ok"] for check in plan["checks"]] == [True, False, True, None]
    assert {check["kind"] for check in plan["checks"]} == {"destination"}
    assert "Contents" not in aws.media_client(REGION).list_objects_v2(Bucket="media")
    assert list(tmp_path.iterdir()) == []


def test_credentials_travel_sealed_and_are_shown_sealed(acme: World, tmp_path: Any, monkeypatch: Any) -> None:
    (tmp_path / "a.mp4").write_bytes(b"123")
    sent: list[str] = []
    real = World.inspect

    def inspect(self: World, event: dict[str, Any]) -> dict[str, Any]:
        sent.append(json.dumps(event))
        return real(self, event)

    monkeypatch.setattr(World, "inspect", inspect)
    with ftp.serve(tmp_path) as port:
        credentials = {"username": ftp.USER, "password": ftp.PASSWORD}
        source = {"url": f"ftp://localhost:{port}/a.mp4", "credentials": credentials}
        task = {"tool": "storage:get", "parameters": {"sources": [source]}}
        plan = rehearsed(acme, task)
    assert [(check["ok"], check["bytes"]) for check in plan["checks"]] == [(True, 3)]
    assert plan["job"]["tasks"][0]["parameters"]["sources"][0]["credentials"] == {"sealed": "0"}
    for text in (*sent, json.dumps(plan)):
        assert ftp.USER not in text
        assert ftp.PASSWORD not in text


def test_an_inspector_that_is_away_is_a_503_and_a_job_without_places_needs_none(acme: World) -> None:
    acme.is_inspector_away = True
    answer = acme.call("POST", DRY, {"tasks": [get("https://example.com/a.mp4")]})
    assert answer.status == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert rehearsed(acme, {"tool": "test:nothing"})["checks"] == []


def test_an_inspector_that_fails_is_a_503(acme: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "inspect", lambda *_: 1 / 0)
    assert acme.call("POST", DRY, {"tasks": [get("https://example.com/a.mp4")]}).status == 503


def test_time_and_cost_follow_from_the_sizes_of_the_sources(acme: World) -> None:
    transcode = {"tool": "media:transcode", "parameters": {"renditions": [{"preset": "h264-720p"}]}}
    out = put(f"s3://media/{acme.organization}/out/")
    known: list[dict[str, Any]] = []

    def answer(size: int, handler: Handler) -> None:
        handler.answer(200, bytes(size))

    for size in (1_000_000, 10_000_000):
        with serve({"/a.mp4": partial(answer, size)}) as server:
            known.append(rehearsed(acme, get(server.url("/a.mp4")), transcode, out)["estimate"])
    short, long = known
    assert 0 < short["seconds"] < long["seconds"]
    assert 0 < short["cost_usd"] < long["cost_usd"]
    assert all(task["basis"] for task in short["tasks"])
    assert short["seconds"] == pytest.approx(sum(task["seconds"] for task in short["tasks"]) + 3, abs=0.1)


def test_what_nothing_is_known_of_is_not_guessed(acme: World) -> None:
    probe = {"tool": "media:probe"}
    estimate = rehearsed(acme, get("http://127.0.0.1:1/a.mp4"), probe, {"tool": "test:nothing"})["estimate"]
    assert estimate["seconds"] is estimate["cost_usd"] is None
    assert [task["seconds"] for task in estimate["tasks"]] == [None, None, None]
    assert estimate["tasks"][0]["basis"] == "The size of a source is not known."
    assert estimate["tasks"][2]["basis"] == "There is no rule for this tool."


def test_a_place_that_does_not_answer_in_time_is_left_open(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediajobs.worker import inspect

    monkeypatch.setattr(inspect, "SECONDS", 0.3)

    def stall(handler: Handler) -> None:
        handler.home.over.wait()

    with serve({"/a.mp4": stall}) as server:
        (check,) = rehearsed(acme, get(server.url("/a.mp4")))["checks"]
    assert (check["ok"], check["detail"]) == (None, "no answer within 0.3 s")
