"""What can be done with a job that has ended, and what is known of it, over HTTP."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from infra.local.caller import CallFailed
from mediajobs.organization import Role
from tests.clip import clip
from tests.e2e import task
from tests.e2e.bucket import Bucket
from tests.e2e.door import call
from tests.stack import RunningStack

_TAG = f"history-{uuid4()}"


@pytest.fixture(scope="module")
def done(stack: RunningStack) -> dict[str, Any]:
    """A job that has looked at a clip."""
    source = Bucket(stack).put("history/clip.mp4", clip("clip.mp4"))
    job = stack.wait(stack.submit(task.get(source), {"tool": "media:probe"}, tags=[_TAG])["id"])
    assert job["status"] == "Success", job["error"]
    return job


def test_the_figures_of_a_job_add_up_by_month_and_tag(stack: RunningStack, done: dict[str, Any]) -> None:
    figures = stack.call("GET", f"/jobs/{done['id']}/metrics")
    assert figures["cus"] > 0
    assert figures["gb_in"] > 0
    assert figures["cost_usd"] > 0
    month = done["ended"][:7]
    (tagged,) = stack.call("GET", f"/metrics?tag={_TAG}&first={month}&last={month}")["months"]
    assert (tagged["jobs"], tagged["succeeded"], tagged["gb_in"]) == (1, 1, figures["gb_in"])
    (whole,) = stack.call("GET", f"/metrics?first={month}&last={month}")["months"]
    assert whole["jobs"] >= 1
    assert whole["cus"] >= tagged["cus"]


def test_the_event_log_leads_from_the_submission_to_the_end_without_a_gap(
    stack: RunningStack, done: dict[str, Any]
) -> None:
    events = stack.call("GET", f"/jobs/{done['id']}/events")["events"]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)
    assert (events[0]["status"], events[0]["by"]) == ("Pending", done["submitted_by"])
    assert events[-1]["status"] == "Success"
    rest = stack.call("GET", f"/jobs/{done['id']}/events?after=2&limit=1")["events"]
    assert rest == [events[2]]


def test_a_job_is_done_again_with_a_patch(stack: RunningStack, done: dict[str, Any]) -> None:
    patch = {"priority": 9, "tags": None, "user_data": "again"}
    made = stack.call("POST", f"/jobs/{done['id']}/resubmit", {"patch": patch})
    assert made["id"] != done["id"]
    again = stack.wait(made["id"])
    assert again["status"] == "Success", again["error"]
    assert (again["resubmitted_from"], again["priority"], again["tags"]) == (done["id"], 9, [])
    assert again["tasks"][1]["data"] == done["tasks"][1]["data"]


def test_a_restart_goes_on_at_the_task_that_failed(stack: RunningStack, media: Bucket) -> None:
    first, missing = media.put("history/first", b"1"), media.url("history/second")
    job = stack.submit(
        task.get(first), task.get(missing), {"tool": "media:probe", "parameters": {"input": "x"}}
    )
    failed = stack.wait(job["id"])
    assert [each["status"] for each in failed["tasks"]] == ["Success", "Failed", "Skipped"]
    with pytest.raises(CallFailed) as refused:
        stack.call("POST", f"/jobs/{job['id']}/cancel")
    assert refused.value.status == 409
    media.put("history/second", b"2")
    stack.call("POST", f"/jobs/{job['id']}/restart", {"start_at": "failed"})
    again = stack.wait(job["id"])
    assert (again["id"], again["attempt"]) == (job["id"], 2)
    assert [each["status"] for each in again["tasks"]] == ["Success", "Success", "Failed"]
    assert again["tasks"][0]["ended"] == failed["tasks"][0]["ended"], "what is done is not done again"
    events = stack.call("GET", f"/jobs/{job['id']}/events")["events"]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert {event["attempt"] for event in events} == {1, 2}


def test_a_log_is_read_in_pages_and_20_times_a_minute(
    stack: RunningStack, done: dict[str, Any], key_of: Callable[[Role], str]
) -> None:
    key, path = key_of(Role.VIEW), f"/jobs/{done['id']}/tasks/1/logs"
    lines, token, calls = [], "", 0
    while token is not None:
        page = call(stack.url, "GET", path + (token and f"?next_token={token}"), key=key)
        assert page.status == 200, page.body
        lines += page.json["logs"]
        token, calls = page.json["next_token"], calls + 1
    assert lines
    assert [line["timestamp"] for line in lines] == sorted(line["timestamp"] for line in lines)
    assert page.headers["ratelimit"].startswith(f'"minute";r={20 - calls};')
    answers = [call(stack.url, "GET", path, key=key) for _ in range(21 - calls)]
    assert [answer.status for answer in answers] == [200] * (20 - calls) + [429]
    assert answers[-1].is_problem
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
