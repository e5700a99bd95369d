"""What stands on the bus is as its published schema says."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mediajobs.errors import InvalidMedia, TransferFailed
from mediajobs.tools.tool import Result
from tests.world import World, tool

SCHEMAS = Path(__file__).parents[2] / "docs/events"


def _validator(detail_type: str) -> Draft202012Validator:
    name = detail_type.lower().replace(" ", "-")
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.v1.json").read_text()))


def _told(acme: World) -> list[dict[str, Any]]:
    """All that is put on the bus until nothing moves."""
    seen: list[dict[str, Any]] = []
    drive = acme.drive

    def note(event: dict[str, Any]) -> None:
        seen.append(event)
        drive(event)

    acme.drive = note  # type: ignore[method-assign]
    acme.settle_down()
    return seen


def test_every_event_on_the_bus_fits_the_schema_of_its_detail_type(acme: World) -> None:
    def fail(_run: Any, _parameters: Any) -> Result:
        raise InvalidMedia("this is no video")

    tries: list[int] = []

    def fail_once(_run: Any, _parameters: Any) -> Result:
        tries.append(1)
        if len(tries) == 1:
            raise TransferFailed("the line broke")
        return Result()

    acme.tools |= {"test:fail": tool(fail), "test:once": tool(fail_once)}
    retried = {"tool": "test:once", "retry": {"count": 1, "delay_seconds": 0}}
    assert acme.call("POST", "/jobs", {"tasks": [retried]}).status == 201
    failed = acme.submit("test:nothing", "test:fail")
    cancelled = acme.submit("test:nothing")
    acme.call("POST", f"/jobs/{cancelled}/cancel")
    seen = _told(acme)
    acme.call("POST", f"/jobs/{failed}/restart")
    seen += _told(acme)
    for event in seen:
        _validator(event["detail-type"]).validate(event["detail"])
    told = {(event["detail-type"], event["detail"]["status"]) for event in seen}
    assert told == {
        *(("Job Status Changed", each) for each in ("Pending", "Running", "Success", "Failed", "Cancelled")),
        *(("Task Status Changed", each) for each in ("Pending", "Success", "Failed")),
    }


@pytest.mark.parametrize("change", [{"status": "Lost"}, {"attempt": "1"}, {"job_id": None}])
def test_what_does_not_fit_is_found(acme: World, change: dict[str, Any]) -> None:
    acme.submit("test:nothing")
    event = next(each for each in _told(acme) if each["detail-type"] == "Job Status Changed")
    assert not _validator("Job Status Changed").is_valid(event["detail"] | change)


def test_an_event_that_is_announced_twice_wakes_its_pool_once(acme: World) -> None:
    acme.submit("test:nothing")
    records = acme.records()
    acme.announce(records)
    acme.announce(records)
    assert len(acme.messages()) == 1
