"""What a caller sees of jobs as they come, change and go."""

import time
from typing import Any

import time_machine

from tests.world import World


def test_jobs_that_come_or_change_between_two_pages_neither_repeat_nor_hide_others(acme: World) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        ids = []
        for _ in range(6):
            ids.append(acme.submit("test:nothing"))
            clock.shift(1)
        query = "status=Pending,Running,Success&limit=2"
        seen, token = [], ""
        while True:
            answer = acme.call("GET", f"/jobs?{query}" + (token and f"&next_token={token}")).body
            seen += [row["id"] for row in answer["jobs"]]
            token = answer["next_token"]
            if token is None:
                break
            acme.submit("test:nothing")
            clock.shift(1)
            acme.settle_down()
    assert [job_id for job_id in seen if job_id in ids] == ids[::-1]


def test_an_expired_job_is_in_no_list(acme: World) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        job_id = acme.submit("test:nothing")
        acme.settle_down()
        clock.shift(31 * 24 * 3600 - 1)
        assert [row["id"] for row in acme.call("GET", "/jobs").body["jobs"]] == [job_id]
        clock.shift(1)
        assert acme.call("GET", "/jobs").body["jobs"] == []


def test_the_event_log_has_no_gap_and_tells_who_and_why(acme: World) -> None:
    job_id = acme.submit("test:nothing", "test:nothing")
    acme.settle_down()
    acme.call("POST", f"/jobs/{job_id}/restart")
    acme.settle_down()
    events = acme.call("GET", f"/jobs/{job_id}/events").body["events"]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    told = [(event["attempt"], event["status"], event["task"]) for event in events]
    one = [("Pending", None), ("Running", None), ("Running", 0), ("Success", 1)]
    assert told == [(attempt, status, task) for attempt in (1, 2) for status, task in one]
    assert events[0]["by"] != "dispatch"
    assert events[1]["by"] == "dispatch"
    assert acme.call("GET", f"/jobs/{job_id}/events?after=7").body["events"] == events[7:]


def test_a_caller_that_has_the_present_state_is_told_so_in_no_bytes(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    first = acme.call("GET", f"/jobs/{job_id}")
    again = acme.call("GET", f"/jobs/{job_id}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, None)
    acme.settle_down()
    changed = acme.call("GET", f"/jobs/{job_id}", headers={"if-none-match": first.headers["etag"]})
    assert (changed.status, changed.body["status"]) == (200, "Success")


def test_a_wait_ends_when_something_changes(acme: World, monkeypatch: Any) -> None:
    job_id = acme.submit("test:nothing")
    monkeypatch.setattr("time.sleep", lambda _: acme.settle_down())
    answer = acme.call("GET", f"/jobs/{job_id}", headers={"prefer": "respond-async, wait=20"})
    assert answer.body["status"] == "Success"
    assert answer.headers["preference-applied"] == "wait=20"


def test_a_wait_ends_when_its_time_is_over(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    begun = time.monotonic()
    answer = acme.call("GET", f"/jobs/{job_id}", headers={"prefer": "wait=1"})
    assert answer.body["status"] == "Pending"
    assert 1 <= time.monotonic() - begun < 3


def test_a_wait_for_a_job_that_has_ended_does_not_wait(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    acme.settle_down()
    begun = time.monotonic()
    acme.call("GET", f"/jobs/{job_id}", headers={"prefer": "wait=25"})
    assert time.monotonic() - begun < 3


def test_a_caller_with_an_old_state_does_not_wait(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    begun = time.monotonic()
    headers = {"prefer": "wait=25", "if-none-match": '"of yesterday"'}
    assert acme.call("GET", f"/jobs/{job_id}", headers=headers).status == 200
    assert time.monotonic() - begun < 3


def test_a_pending_job_knows_its_place_in_the_queue(acme: World) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 0})
    low = acme.call("POST", "/jobs", {"tasks": [{"tool": "test:nothing"}], "priority": 1}).body["id"]
    ids = [acme.submit("test:nothing") for _ in range(2)]
    positions = {job_id: acme.job(job_id)["queue_position"] for job_id in (low, *ids)}
    assert positions[low] == 2
    assert sorted(positions[job_id] for job_id in ids) == [0, 1]
    acme.call("POST", f"/jobs/{low}/cancel")
    assert acme.job(low)["queue_position"] is None
