"""The inspector: many places at once, and an answer in time whatever they do."""

import time
from typing import Any

import pytest

from mediajobs.worker import inspect
from tests.server.http import Handler, serve
from tests.world import Context, World


@pytest.fixture(autouse=True)
def _loopback_is_open(acme: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_NETWORKS", "127.0.0.0/8")


def event(*urls: str) -> dict[str, Any]:
    sources = [{"url": url, "name": str(index)} for index, url in enumerate(urls)]
    task = {"index": 0, "tool": "storage:get", "parameters": {"sources": sources}}
    return {"version": 1, "organization": "acme", "job": "none", "tasks": [task], "sealed": {}}


def slow(handler: Handler) -> None:
    time.sleep(1)
    handler.answer(200, b"123")


def stalled(handler: Handler) -> None:
    handler.home.over.wait()


def test_places_are_looked_at_side_by_side() -> None:
    with serve({"/a": slow}) as server:
        begin = time.monotonic()
        checks = inspect.handler(event(*[server.url("/a")] * 12), Context(20_000))["checks"]
        assert time.monotonic() - begin < 12
    assert [check["ok"] for check in checks] == [True] * 12


def test_what_is_not_looked_at_in_time_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect, "AT_ONCE", 1)
    with serve({"/a": lambda handler: handler.answer(200, b"123"), "/b": stalled}) as server:
        urls = (server.url("/a"), server.url("/b"), server.url("/a"))
        begin = time.monotonic()
        checks = inspect.handler(event(*urls), Context(4_000))["checks"]
        assert time.monotonic() - begin < 4
    assert [check["ok"] for check in checks] == [True, None, None]
    assert checks[2]["detail"] == "there was no time left to look at it"


def test_a_file_that_no_job_may_load_is_told_so() -> None:
    def huge(handler: Handler) -> None:
        handler.answer(200, Content_Length=str(10 * 1024**3))

    with serve({"/a": huge}) as server:
        (check,) = inspect.handler(event(server.url("/a")), Context(20_000))["checks"]
    assert check["ok"] is False
    assert check["detail"].startswith("LimitExceeded")


def test_an_unforeseen_error_at_one_place_says_nothing_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    real = inspect.reach

    def fails(location: Any, *rest: Any) -> Any:
        if location.url.endswith("/b"):
            raise RuntimeError("canary")
        return real(location, *rest)

    monkeypatch.setattr(inspect, "reach", fails)
    with serve({"/a": slow}) as server:
        checks = inspect.handler(event(server.url("/a"), server.url("/b")), Context(20_000))["checks"]
    assert [check["ok"] for check in checks] == [True, None]
    assert "canary" not in checks[1]["detail"]
