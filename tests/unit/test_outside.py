"""Outside workers: taking a task, keeping it, losing it, and handing in what came of it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from time_machine import Traveller

from mediajobs import aws
from mediajobs.settings import settings
from tests.moto_account import REGION
from tests.world import World


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens of the executions that were told of an end."""
    tokens: list[str] = []
    client = aws.client("stepfunctions", REGION)
    monkeypatch.setattr(
        type(client),
        "send_task_success",
        lambda _, **said: tokens.append(said["taskToken"]),
        raising=False,
    )
    return tokens


def _offered(acme: World, *more: str, token: str = "token", **task: Any) -> str:
    """A running job whose first task waits outside; its id."""
    body = {"tasks": [{"tool": "test:nothing", "executor": "outside", **task}, *({"tool": t} for t in more)]}
    job_id = str(acme.call("POST", "/jobs", body).body["id"])
    while acme.deliver():
        pass
    acme.offer(f"{job_id}-1-1", token)
    return job_id


@pytest.fixture
def worker(acme: World) -> str:
    """The key of an outside worker."""
    return acme.key_of("WORK")


def _take(acme: World, worker: str, **body: Any) -> Any:
    return acme.call("POST", "/work", body or None, key=worker)


def _say(acme: World, worker: str, work: str, call: str, **body: Any) -> Any:
    return acme.call("POST", f"/work/{work}/{call}", body, key=worker)


def _leave(acme: World, worker: str, work: str, name: str, content: bytes) -> None:
    """Leave a file as its link would."""
    answer = _say(acme, worker, work, "links", name=name, content_type="video/mp4")
    assert (answer.body["method"], answer.body["headers"]) == ("PUT", {"content-type": "video/mp4"})
    key = answer.body["url"].split("?")[0].partition("amazonaws.com/")[2]
    aws.media_client(REGION).put_object(Bucket="workspace", Key=key, Body=content)


def _stored() -> list[str]:
    listed = aws.media_client(REGION).list_objects_v2(Bucket="workspace")
    return [entry["Key"] for entry in listed.get("Contents", ())]


def test_a_task_is_taken_worked_on_and_handed_in(acme: World, worker: str, told: list[str]) -> None:
    job_id = _offered(acme)
    work = _take(acme, worker).body
    assert (work["job_id"], work["task"], work["tool"]) == (job_id, 0, "test:nothing")
    assert _take(acme, worker).status == 204
    assert _say(acme, worker, work["work"], "heartbeat", progress=40, lines=["half"]).status == 200
    assert acme.job(job_id)["tasks"][0]["progress"] == 40
    _leave(acme, worker, work["work"], "made.mp4", b"12345")
    result = {
        "files": [{"name": "made.mp4", "content_type": "video/mp4"}],
        "usage": {"seconds_in": 2.5, "bytes_out": 5},
        "data": {"found": 1},
    }
    assert _say(acme, worker, work["work"], "result", **result).status == 204
    job = acme.job(job_id)
    assert job["status"] == "Success"
    (task,) = job["tasks"]
    assert [(file["name"], file["size"]) for file in task["files"]] == [("made.mp4", 5)]
    assert (task["data"], task["usage"]["seconds_in"]) == ({"found": 1}, 2.5)
    assert acme.pool().holders == frozenset()
    assert told == ["token"]
    assert _say(acme, worker, work["work"], "result", **result).status == 204, "a lost answer is sent again"


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_result_is_taken_though_its_execution_does_not_wait_any_more(
    acme: World, worker: str, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    told: list[str] = []

    def refuse(_: Any, **said: Any) -> None:
        told.append(said["taskToken"])
        raise ClientError({"Error": {"Code": code, "Message": "over"}}, "SendTaskSuccess")

    monkeypatch.setattr(type(aws.client("stepfunctions", REGION)), "send_task_success", refuse, raising=False)
    job_id = _offered(acme)
    work = _take(acme, worker).body["work"]
    assert _say(acme, worker, work, "result").status == 204
    assert acme.job(job_id)["status"] == "Success"
    assert _take(acme, worker).status == 204
    assert told == ["token"], "it is not told again"


def test_the_next_task_runs_when_the_one_outside_is_done(acme: World, worker: str, told: list[str]) -> None:
    job_id = _offered(acme, "test:nothing")
    work = _take(acme, worker).body["work"]
    assert _say(acme, worker, work, "result").status == 204
    assert told == ["token"]
    assert [task["status"] for task in acme.job(job_id)["tasks"]] == ["Success", "Pending"]


def test_what_a_worker_said_is_in_the_log_of_the_task(acme: World, worker: str) -> None:
    job_id = _offered(acme)
    work = _take(acme, worker).body["work"]
    _say(acme, worker, work, "heartbeat", lines=["frame=1", "frame=2"])
    logs = acme.call("GET", f"/jobs/{job_id}/tasks/0/logs").body["logs"]
    assert [line["message"] for line in logs] == ["frame=1", "frame=2"]


def test_a_cancelled_job_is_gone_at_the_next_heartbeat_and_the_slot_goes_back_when_the_worker_says_so(
    acme: World, worker: str
) -> None:
    job_id = _offered(acme)
    work = _take(acme, worker).body["work"]
    _leave(acme, worker, work, "part.mp4", b"1")
    assert acme.call("POST", f"/jobs/{job_id}/cancel").status == 200
    assert _say(acme, worker, work, "heartbeat").status == 404
    assert _say(acme, worker, work, "result").status == 404
    assert acme.pool().holders == {f"{job_id}#1"}
    assert _say(acme, worker, work, "failure").status == 204
    assert acme.pool().holders == frozenset()
    assert not _stored()
    while acme.deliver():
        pass
    assert acme.executions()[f"{job_id}-1-1"] == "ABORTED"


def test_a_worker_that_is_not_heard_of_fails_the_task_as_one_that_died(
    acme: World, worker: str, clock: Traveller
) -> None:
    job_id = _offered(acme)
    work = _take(acme, worker).body["work"]
    clock.shift(61)
    assert _take(acme, worker).status == 204
    job = acme.job(job_id)
    assert (job["status"], job["error"]["code"]) == ("Failed", "WorkerDied")
    assert _say(acme, worker, work, "heartbeat").status == 404
    while acme.deliver():
        pass
    assert acme.executions()[f"{job_id}-1-1"] == "ABORTED"


def test_a_dead_worker_that_the_execution_asks_about_fails_the_task(
    acme: World, worker: str, clock: Traveller
) -> None:
    job_id = _offered(acme)
    work = _take(acme, worker).body["work"]
    place = {"organization": acme.organization, "job": job_id, "attempt": 1, "task": 0, "executor": "outside"}
    gone = {**place, "error": {"Error": "States.Timeout", "Cause": ""}}
    assert acme.settle(gone) == {"next": "retry", "pause": 60}, "it is heard of"
    assert _say(acme, worker, work, "heartbeat").status == 200
    clock.shift(200)
    assert acme.settle(gone)["next"] == "stop"
    assert acme.job(job_id)["error"]["code"] == "WorkerDied"


def test_heartbeats_keep_a_task_for_as_long_as_it_takes(acme: World, worker: str, clock: Traveller) -> None:
    job_id = _offered(acme)
    work = _take(acme, worker).body["work"]
    for _ in range(5):
        clock.shift(50)
        assert _say(acme, worker, work, "heartbeat").status == 200
        acme.sweep()
    assert acme.job(job_id)["status"] == "Running"
    clock.shift(130)
    acme.sweep()
    assert acme.job(job_id)["error"]["code"] == "WorkerDied", "the sweeper finds it, too"


def test_the_task_of_a_dead_worker_is_taken_by_another_after_its_pause(
    acme: World, worker: str, clock: Traveller, told: list[str]
) -> None:
    job_id = _offered(acme, retry={"count": 1, "delay_seconds": 30})
    first = _take(acme, worker).body["work"]
    clock.shift(61)
    assert _take(acme, worker).status == 204, "it has its pause first"
    clock.shift(31)
    second = _take(acme, worker).body["work"]
    assert second != first
    assert _say(acme, worker, first, "result").status == 404, "who lost it can hand in nothing"
    assert _say(acme, worker, second, "result").status == 204
    job = acme.job(job_id)
    assert (job["status"], job["tasks"][0]["tries"]) == ("Success", 2)


def test_a_failure_is_told_with_its_code(acme: World, worker: str) -> None:
    job_id = _offered(acme)
    work = _take(acme, worker).body["work"]
    _leave(acme, worker, work, "part.mp4", b"1")
    assert _say(acme, worker, work, "failure", code="InvalidMedia", message="no video").status == 204
    error = acme.job(job_id)["error"]
    assert (error["code"], error["message"], error["task"]) == ("InvalidMedia", "no video", 0)
    assert not _stored()


def test_a_file_that_was_not_left_cannot_be_handed_in(acme: World, worker: str) -> None:
    _offered(acme)
    work = _take(acme, worker).body["work"]
    files = [{"name": "none.mp4", "content_type": "video/mp4"}]
    answer = _say(acme, worker, work, "result", files=files)
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/files/0/name")


def test_a_worker_takes_only_what_it_can_do_and_the_most_urgent_first(acme: World, worker: str) -> None:
    _offered(acme)
    assert _take(acme, worker, tools=["media:transcode"]).status == 204
    urgent = acme.call(
        "POST", "/jobs", {"tasks": [{"tool": "test:nothing", "executor": "outside"}], "priority": 90}
    ).body["id"]
    while acme.deliver():
        pass
    acme.offer(f"{urgent}-1-1")
    assert _take(acme, worker, tools=["test:nothing"]).body["job_id"] == urgent


def test_a_worker_s_key_opens_nothing_else(acme: World, worker: str) -> None:
    assert acme.call("GET", "/jobs", key=worker).status == 403
    for role in ("VIEW", "SUBMIT", "CONFIG"):
        assert _take(acme, acme.key_of(role)).status == 403


def test_an_execution_that_was_not_told_is_told_by_the_sweeper(
    acme: World, worker: str, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = _offered(acme, "test:nothing")
    work = _take(acme, worker).body["work"]
    from mediajobs import outside

    with monkeypatch.context() as broken:
        broken.setattr(outside, "tell", lambda _: None)
        assert _say(acme, worker, work, "result").status == 204
    tokens: list[str] = []
    client = aws.client("stepfunctions", REGION)
    monkeypatch.setattr(
        type(client),
        "send_task_success",
        lambda _, **said: tokens.append(said["taskToken"]),
        raising=False,
    )
    clock.shift(200)
    acme.sweep()
    assert tokens == ["token"]
    assert acme.job(job_id)["status"] == "Running"


def test_a_link_lets_a_worker_load_what_an_earlier_task_has_left(acme: World, worker: str) -> None:
    _offered(acme)
    work = _take(acme, worker).body["work"]
    assert _say(acme, worker, work, "links", name="none.mp4").status == 422
    for bad in ("../../up.mp4", "/x", "a//b"):
        assert _say(acme, worker, work, "links", name=bad, content_type="video/mp4").status == 422


def test_the_input_of_an_execution_says_where_each_task_runs(acme: World) -> None:
    job_id = _offered(acme, "test:nothing")
    states = aws.client("stepfunctions", REGION)
    arn = settings().state_machine_arn(REGION).replace(":stateMachine:", ":execution:") + f":{job_id}-1-1"
    given = json.loads(states.describe_execution(executionArn=arn)["input"])
    assert "tasks" not in given
    assert [(step["executor"], step["seconds"] > 900) for step in given["mixed"]] == [
        ("outside", True),
        ("lambda", True),
    ]
