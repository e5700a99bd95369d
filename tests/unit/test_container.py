"""What `settle` makes of the end of a container, as Step Functions tells it."""

import json
from typing import Any

from mediajobs.executor import SPOKEN
from mediajobs.store import job as jobs
from mediajobs.store import run
from mediajobs.timestamp import now
from tests.world import World


def _running(acme: World) -> dict[str, Any]:
    """What the state machine says of a task on Fargate that has its turn."""
    body = {"tasks": [{"tool": "test:nothing", "executor": "fargate"}]}
    job_id = acme.call("POST", "/jobs", body).body["id"]
    while acme.deliver():
        pass
    place = {"organization": acme.organization, "job": job_id, "attempt": 1, "task": 0}
    return {**place, "worker": "media", "seconds": 60, "executor": "fargate"}


def _claim(event: dict[str, Any]) -> None:
    place = event["organization"], event["job"], event["attempt"], event["task"]
    run.claim(*place, run="x" * 12, at=now(), until=now() + 60_000, log="a|b|c", memory_mb=8192)


def _ended(acme: World, event: dict[str, Any], code: int | None) -> dict[str, Any]:
    cause = json.dumps({"Containers": [{"Name": "worker", **({} if code is None else {"ExitCode": code})}]})
    return acme.settle({**event, "error": {"Error": "States.TaskFailed", "Cause": cause}})


def test_a_container_that_says_that_the_row_knows_more_ends_no_other_worker(acme: World) -> None:
    event = _running(acme)
    _claim(event)
    answer = _ended(acme, event, SPOKEN)
    assert answer["next"] == "retry"
    assert answer["pause"] > 0, "until the lease of the one that holds the task is over"
    job = jobs.find(acme.organization, event["job"])
    assert job is not None
    assert job.run == "x" * 12


def test_a_container_that_was_killed_fails_its_task(acme: World) -> None:
    event = _running(acme)
    _claim(event)
    assert _ended(acme, event, 137)["next"] == "stop"
    assert acme.job(event["job"])["error"]["code"] == "WorkerDied"
    assert acme.pool().holders == frozenset()


def test_a_container_that_did_not_start_is_tried_again_after_a_respite(acme: World) -> None:
    event = _running(acme)
    assert _ended(acme, event, None) == {"next": "retry", "pause": 60}
    refused = {**event, "error": {"Error": "ECS.ClientException", "Cause": "no capacity"}}
    assert acme.settle(refused) == {"next": "retry", "pause": 60}
    assert acme.job(event["job"])["status"] == "Running"


def test_an_offer_that_fails_ends_no_worker_that_is_heard_of(acme: World) -> None:
    event = {**_running(acme), "executor": "outside"}
    _claim(event)
    failed = {**event, "error": {"Error": "Lambda.Unknown", "Cause": ""}}
    assert acme.settle(failed) == {"next": "retry", "pause": 60}
    assert acme.job(event["job"])["status"] == "Running"
