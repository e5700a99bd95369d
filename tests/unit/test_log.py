"""Every line of every handler says what it is about: organization, job, attempt and task where there are."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from mediajobs.errors import InvalidMedia
from mediajobs.log import bind, logger
from mediajobs.tools.tool import Result
from tests.world import Context, World, tool


class Lines:
    """What a handler has written, by CloudWatch's lights: one JSON a line."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    def of(self, handler: Callable[[], Any]) -> list[dict[str, Any]]:
        self._stream.truncate(self._stream.seek(0))
        handler()
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logger.registered_formatter)
    under = logging.getLogger("mediajobs")
    level = under.level
    under.addHandler(handler)
    under.setLevel(logging.INFO)
    yield Lines(stream)
    under.removeHandler(handler)
    under.setLevel(level)
    bind()


def _about(found: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {tuple(line.get(name) for name in ("organization", "job", "attempt", "task")) for line in found}


@pytest.fixture
def job_id(acme: World) -> str:
    def breaks(_run: Any, _parameters: Any) -> Result:
        raise InvalidMedia("no video")

    acme.tools |= {"test:nothing": tool(lambda _run, _parameters: Result()), "test:break": tool(breaks)}
    return acme.submit("test:nothing", "test:break", notify=["https://127.0.0.1/"])


def test_each_handler_says_which_job_its_lines_are_about(acme: World, lines: Lines, job_id: str) -> None:
    whose = (acme.organization, job_id)
    acme.announce(acme.records())
    granted = lines.of(lambda: acme.dispatch(acme.messages()))
    assert _about(granted) == {(*whose, 1, None)}
    acme.announce(acme.records())

    def drive() -> None:
        for event in acme.bus_events():
            acme.drive(event)

    started = lines.of(drive)
    assert _about(started) == {(*whose, None, None)}
    for index, outcome in enumerate((None, "TaskFailed")):
        payload = {"organization": acme.organization, "job": job_id, "attempt": 1, "task": index}
        worked = lines.of(partial(_work, acme, payload, outcome))
        assert _about(worked) == {(*whose, 1, index)}
        (run,) = {line["run"] for line in worked}
        assert run
    acme.announce(acme.records())
    told = lines.of(lambda: [acme.notify(message) for message in acme.tries()])
    assert _about(told) == {(*whose, None, None)}
    assert all(line["delivery"] for line in told)


def _work(acme: World, payload: dict[str, Any], outcome: str | None) -> None:
    assert acme.work({**payload, "worker": "media", "seconds": 930}) == outcome


def test_a_worker_that_died_is_told_of_by_its_job_and_task(acme: World, lines: Lines, job_id: str) -> None:
    def vanishes(_run: Any, _parameters: Any) -> Result:
        raise SystemExit

    acme.tools["test:nothing"] = tool(vanishes)
    for _ in range(4):
        acme.deliver()
    payload = {"organization": acme.organization, "job": job_id, "attempt": 1, "task": 0}
    with pytest.raises(SystemExit):
        acme.work({**payload, "worker": "media", "seconds": 930})
    settled = lines.of(lambda: acme.settle({**payload, "error": {"Error": "Runtime.ExitError"}}))
    assert _about(settled) == {(acme.organization, job_id, 1, 0)}
    assert {line.get("run") for line in settled} == {None}


def test_an_endpoint_names_the_request_the_organization_and_the_key(acme: World, lines: Lines) -> None:
    refused = lines.of(lambda: acme.call("GET", "/jobs/0190b5a2-1f4e-7c3b-9a58-3d2f4c5b6a79"))
    (line,) = refused
    assert line["organization"] == acme.organization
    assert (line["endpoint"], line["request_id"], line["status"]) == ("api.get_job", "request-1", 404)
    assert acme.key.startswith(f"mj_{line['key_id']}")


def test_what_was_bound_for_one_thing_is_not_for_the_next(lines: Lines) -> None:
    bind(organization="a", job="b", attempt=1, task=0, run="c")
    bind(organization="d", job="e")
    (line,) = lines.of(lambda: logger.info("said"))
    assert (line["organization"], line["job"]) == ("d", "e")
    assert [line.get(name) for name in ("attempt", "task", "run")] == [None, None, None]


def test_the_sweeper_names_the_job_that_it_could_not_look_after(
    acme: World, lines: Lines, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediajobs.reactions import sweep

    def breaks(*_: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(sweep, "look", breaks)
    monkeypatch.setattr(sweep, "now", lambda: 4_000_000_000_000)
    swept = lines.of(lambda: sweep.handler({}, Context()))
    (failed,) = [line for line in swept if line["level"] == "ERROR"]
    assert (failed["organization"], failed["job"]) == (acme.organization, job_id)


def test_a_line_is_utf_8_whatever_it_says() -> None:
    """Half of a surrogate pair comes in JSON, and cannot be written as it is."""
    line = logger.registered_formatter.format(logging.makeLogRecord({"msg": "é \ud800"}))
    assert json.loads(line.encode())["message"] == "é \ud800"
    assert "é" in line
