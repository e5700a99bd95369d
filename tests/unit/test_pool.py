"""Pools through the API: how many jobs may run in a region, how urgently, and how many wait."""

from typing import Any

import pytest
import time_machine

from mediajobs import aws
from mediajobs.reactions import dispatch
from mediajobs.settings import settings
from mediajobs.store.item import to_item
from mediajobs.table import job_key
from tests.moto_account import REGION
from tests.world import World

_TASK = {"tool": "test:nothing"}


def test_a_pool_shows_its_capacity_and_what_runs_and_waits(acme: World) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 1})
    for _ in range(3):
        acme.submit("test:nothing")
    while acme.deliver():
        pass
    shown = acme.call("GET", "/pools/eu-central-1").body
    assert shown == {
        "region": "eu-central-1",
        "capacity": 1,
        "max_priority": 100,
        "running": 1,
        "pending": 2,
    }


@pytest.mark.parametrize("region", ["eu-west-1", "..", "x" * 3000])
def test_a_region_without_a_pool_is_not_found_and_the_others_are_named(acme: World, region: str) -> None:
    answer = acme.call("GET", f"/pools/{region}")
    assert answer.status == 404
    assert "eu-central-1, us-east-1" in answer.body["detail"]


@pytest.mark.parametrize(
    ("role", "priority", "status"),
    [("SUBMIT", 30, 201), ("SUBMIT", 31, 422), ("CONFIG", 31, 422), ("ADMIN", 31, 201), ("ADMIN", 100, 201)],
)
def test_only_an_admin_submits_above_the_limit_of_the_pool(
    acme: World, role: str, priority: int, status: int
) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 4, "max_priority": 30})
    answer = _submit(acme, role, priority=priority)
    assert answer.status == status
    if status == 422:
        assert answer.body["errors"][0]["pointer"] == "/priority"
        assert "at most 30" in answer.body["errors"][0]["detail"]


def test_who_names_no_priority_gets_the_usual_one_as_far_as_the_pool_allows(acme: World) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 4, "max_priority": 30})
    assert _submit(acme, "SUBMIT").body["priority"] == 30
    assert _submit(acme, "ADMIN").body["priority"] == 50
    assert _submit(acme, "SUBMIT", region="us-east-1", priority=100).body["priority"] == 100


def test_a_changed_capacity_leaves_the_priority_limit_as_it_was(acme: World) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 4, "max_priority": 30})
    assert acme.call("PUT", "/pools/eu-central-1", {"capacity": 5}).body["max_priority"] == 30
    assert acme.call("GET", "/pools").body["pools"][0]["max_priority"] == 30


@pytest.mark.parametrize(("limit", "status"), [(-1, 422), (0, 200), (100, 200), (101, 422), ("9", 422)])
def test_a_priority_limit_is_a_number_from_0_to_100(acme: World, limit: Any, status: int) -> None:
    answer = acme.call("PUT", "/pools/eu-central-1", {"capacity": 4, "max_priority": limit})
    assert answer.status == status


@pytest.mark.parametrize("is_deaf", [False, True])
def test_a_job_whose_row_cannot_be_read_does_not_block_its_pool(acme: World, is_deaf: bool) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 0})
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        broken = [acme.submit("test:nothing", priority=90) for _ in range(3)]
        readable = acme.submit("test:nothing")
        acme.settle_down()
        for job_id in broken:
            _spoil(acme, job_id)
        acme.call("PUT", "/pools/eu-central-1", {"capacity": 1})
        if is_deaf:
            acme.records()
            clock.shift(61)
            assert acme.sweep() == {"looked_at": 1, "failed": 3}
        acme.settle_down()
        assert acme.job(readable)["status"] == "Success"


def _spoil(acme: World, job_id: str) -> None:
    """Give a job a status that no version knows."""
    aws.client("dynamodb", REGION).update_item(
        TableName=settings().table_name,
        Key=to_item({"pk": job_key(acme.organization, job_id), "sk": "JOB"}),
        UpdateExpression="SET #status = :strange",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues=to_item({":strange": "Strange"}),
    )


def _submit(acme: World, role: str, **more: Any) -> Any:
    return acme.call("POST", "/jobs", {"tasks": [_TASK], **more}, key=acme.key_of(role))


def test_a_pool_that_is_raised_by_many_slots_is_filled_in_several_rounds(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "MOST", 3)
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 0})
    for _ in range(8):
        acme.submit("test:nothing")
    while acme.deliver():
        pass
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 50})
    shown = []
    while acme.deliver():
        shown.append(acme.call("GET", "/pools/eu-central-1").body["running"])
    assert sorted({*shown}) == [0, 3, 6, 8]
