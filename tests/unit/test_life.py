"""A job's road through the real handlers, from its submission to its end."""

import json
from typing import Any

import pytest
import time_machine
from time_machine import Traveller

from mediajobs.errors import InvalidMedia, RunLost, TransferFailed
from mediajobs.tools.tool import Result
from tests.world import World, tool


def _raise(error: Exception) -> Any:
    def do(_run: Any, _parameters: Any) -> Result:
        raise error

    return tool(do)


def test_a_job_of_three_tasks_runs_to_success(acme: World) -> None:
    job_id = acme.submit("test:nothing", "test:nothing", "test:nothing")
    assert acme.job(job_id)["status"] == "Pending"
    acme.settle_down()
    job = acme.job(job_id)
    assert job["status"] == "Success"
    assert job["progress"] == 100
    assert [task["status"] for task in job["tasks"]] == ["Success"] * 3
    assert acme.pool().holders == frozenset()


def test_the_first_failure_stops_the_job_and_skips_the_rest(acme: World) -> None:
    acme.tools["test:bad"] = _raise(InvalidMedia("this is no video"))
    job_id = acme.submit("test:nothing", "test:bad", "test:nothing")
    acme.settle_down()
    job = acme.job(job_id)
    assert job["status"] == "Failed"
    assert job["error"] == {
        "code": "InvalidMedia",
        "message": "this is no video",
        "retryable": False,
        "task": 1,
    }
    assert [task["status"] for task in job["tasks"]] == ["Success", "Failed", "Skipped"]
    assert job["tasks"][1]["error"]["code"] == "InvalidMedia"
    assert acme.pool().holders == frozenset()


def test_a_task_is_tried_again_as_often_as_its_retry_says(acme: World, clock: Traveller) -> None:
    tries = []

    def flaky(_run: Any, _parameters: Any) -> Result:
        tries.append(1)
        if len(tries) < 3:
            raise TransferFailed("the line broke")
        return Result()

    acme.tools["test:flaky"] = tool(flaky)
    acme.pause = clock.shift  # type: ignore[assignment]
    task = {"tool": "test:flaky", "retry": {"count": 2, "delay_seconds": 7}}
    started = acme.call("POST", "/jobs", {"tasks": [task]}).body["id"]
    acme.settle_down()
    job = acme.job(started)
    assert job["status"] == "Success"
    assert job["tasks"][0]["tries"] == 3
    assert job["duration"] == pytest.approx(14, abs=0.1)


def test_a_retry_does_not_cover_other_errors(acme: World) -> None:
    acme.tools["test:bad"] = _raise(InvalidMedia("no"))
    task = {"tool": "test:bad", "retry": {"count": 3, "on": ["TransferFailed"]}}
    job_id = acme.call("POST", "/jobs", {"tasks": [task]}).body["id"]
    acme.settle_down()
    assert acme.job(job_id)["tasks"][0]["tries"] == 1


def test_a_worker_that_dies_ends_in_failed_with_that_reason(acme: World) -> None:
    job_id = acme.submit("test:nothing", "test:nothing")
    acme.tools["test:nothing"] = _raise(KeyboardInterrupt())  # type: ignore[arg-type]
    for _ in range(4):
        acme.deliver()
    with pytest.raises(KeyboardInterrupt):
        acme.run(f"{job_id}-1-1")
    answer = acme.settle(_payload(acme, job_id, 0) | {"error": {"Error": "Runtime.ExitError"}})
    assert answer["next"] == "stop"
    job = acme.job(job_id)
    assert job["status"] == "Failed"
    assert job["error"]["code"] == "WorkerDied"
    assert "Runtime.ExitError" in job["error"]["message"]
    assert job["error"]["retryable"] is True
    assert acme.pool().holders == frozenset()


def test_a_task_that_no_worker_has_come_to_is_tried_again_after_a_respite(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    while acme.deliver():
        pass
    answer = acme.settle(_payload(acme, job_id, 0) | {"error": {"Error": "Runtime.ImportModuleError"}})
    assert answer == {"next": "retry", "pause": 60}
    assert acme.job(job_id)["tasks"][0]["status"] == "Pending"


def test_an_error_that_no_tool_foresaw_is_told_without_its_text(acme: World) -> None:
    acme.tools["test:bug"] = _raise(ValueError("password=hunter2"))
    job_id = acme.submit("test:bug")
    acme.settle_down()
    error = acme.job(job_id)["error"]
    assert error["code"] == "ToolCrashed"
    assert "hunter2" not in json.dumps(acme.job(job_id))


def test_a_pending_job_is_cancelled_at_once_and_never_starts(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    answer = acme.call("POST", f"/jobs/{job_id}/cancel")
    assert (answer.status, answer.body["status"]) == (200, "Cancelled")
    acme.settle_down()
    assert acme.executions() == {}
    assert [task["status"] for task in acme.job(job_id)["tasks"]] == ["Skipped"]


def test_a_job_that_has_ended_cannot_be_cancelled(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    acme.settle_down()
    answer = acme.call("POST", f"/jobs/{job_id}/cancel")
    assert answer.status == 409
    assert answer.body["type"] == "urn:mediajobs:problem:conflict"


def test_a_running_job_that_is_cancelled_gives_its_slot_back_when_its_worker_is_gone(acme: World) -> None:
    seen: dict[str, Any] = {}

    def cancelled(run: Any, _parameters: Any) -> Result:
        path = run.directory / "half"
        path.write_text("half")
        run.save(path, "half")
        seen["cancel"] = acme.call("POST", f"/jobs/{job_id}/cancel").status
        seen["holders"] = acme.pool().holders
        raise RunLost("seen by the watch")

    acme.tools["test:long"] = tool(cancelled)
    job_id = acme.submit("test:nothing", "test:long", "test:nothing")
    acme.settle_down()
    assert seen == {"cancel": 200, "holders": frozenset({f"{job_id}#1"})}
    job = acme.job(job_id)
    assert job["status"] == "Cancelled"
    assert [task["status"] for task in job["tasks"]] == ["Success", "Cancelled", "Skipped"]
    assert acme.pool().holders == frozenset()
    assert acme.executions() == {f"{job_id}-1-1": "ABORTED"}
    assert _workspace() == []


def test_a_result_that_comes_after_the_cancel_changes_nothing(acme: World) -> None:
    def cancelled(_run: Any, _parameters: Any) -> Result:
        acme.call("POST", f"/jobs/{job_id}/cancel")
        return Result(data={"too": "late"})

    acme.tools["test:long"] = tool(cancelled)
    job_id = acme.submit("test:long")
    acme.settle_down()
    job = acme.job(job_id)
    assert (job["status"], job["tasks"][0]["data"]) == ("Cancelled", None)
    assert acme.pool().holders == frozenset()


def test_a_second_worker_of_a_task_is_turned_away_while_the_first_is_at_work(acme: World) -> None:
    errors = []

    def twice(_run: Any, _parameters: Any) -> Result:
        errors.append(acme.work(_payload(acme, job_id, 0)))
        return Result(data={"by": "the first"})

    acme.tools["test:slow"] = tool(twice)
    job_id = acme.submit("test:slow")
    acme.settle_down()
    assert errors == ["RunHeld"]
    assert acme.job(job_id)["tasks"][0]["data"] == {"by": "the first"}


def test_a_finished_task_that_is_delivered_again_is_not_run_again(acme: World) -> None:
    runs = []

    def count(_run: Any, _parameters: Any) -> Result:
        runs.append(1)
        return Result()

    acme.tools["test:count"] = tool(count)
    job_id = acme.submit("test:count", "test:nothing")
    acme.settle_down()
    assert acme.work(_payload(acme, job_id, 0)) is None
    assert len(runs) == 1


def test_files_pass_from_task_to_task(acme: World) -> None:
    def write(run: Any, parameters: Any) -> Result:
        path = run.directory / "out"
        path.write_text(parameters.say)
        return Result(files=[run.save(path, "greeting.txt")])

    def read(run: Any, _parameters: Any) -> Result:
        return Result(data={"read": run.open("greeting.txt").read_text()})

    acme.tools |= {"test:write": tool(write), "test:read": tool(read)}
    tasks = [
        {"tool": "test:write", "parameters": {"say": "hello"}},
        {"tool": "test:nothing"},
        {"tool": "test:read"},
    ]
    job_id = acme.call("POST", "/jobs", {"tasks": tasks}).body["id"]
    acme.settle_down()
    job = acme.job(job_id)
    assert job["tasks"][2]["data"] == {"read": "hello"}
    (file,) = job["tasks"][0]["files"]
    assert (file["name"], file["size"], file["content_type"]) == ("greeting.txt", 5, "text/plain")
    assert f"/jobs/{acme.organization}/{job_id}/1/0/" in file["url"]


def test_a_pool_never_runs_more_than_its_capacity(acme: World) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 2})
    ids = [acme.submit("test:nothing") for _ in range(5)]
    while acme.deliver():
        pass
    assert [acme.job(each)["status"] for each in ids] == ["Running"] * 2 + ["Pending"] * 3
    acme.settle_down()
    assert {acme.job(each)["status"] for each in ids} == {"Success"}


def test_jobs_start_by_priority_and_then_by_submission(acme: World) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 1})
    started = []
    acme.tools["test:note"] = tool(lambda run, _: started.append(run.job_id) or Result())  # type: ignore[func-returns-value]
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        ids = []
        for priority in (10, 50, 90, 50, 10):
            body = {"tasks": [{"tool": "test:note"}], "priority": priority}
            ids.append(acme.call("POST", "/jobs", body).body["id"])
            clock.shift(0.001)
        acme.settle_down()
    assert started == [ids[2], ids[1], ids[3], ids[0], ids[4]]


def test_a_raised_capacity_starts_what_waits(acme: World) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 0})
    job_id = acme.submit("test:nothing")
    acme.settle_down()
    assert acme.job(job_id)["status"] == "Pending"
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 1})
    acme.settle_down()
    assert acme.job(job_id)["status"] == "Success"


def test_the_sweeper_alone_brings_jobs_to_their_end(acme: World, clock: Traveller) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 1})
    ids = [acme.submit("test:nothing", "test:nothing") for _ in range(2)]
    for _ in range(8):
        clock.shift(61)
        acme.sweep()
        for name, status in acme.executions().items():
            if status == "RUNNING":
                acme.run(name)
    assert [acme.job(each)["status"] for each in ids] == ["Success"] * 2
    clock.shift(120)
    acme.sweep()
    assert acme.sweep() == {"looked_at": 0, "failed": 0}
    told = {
        (event["detail"]["job_id"], event["detail"]["status"])
        for event in acme.bus_events()
        if event["detail-type"] == "Job Status Changed"
    }
    assert told == {(each, status) for each in ids for status in ("Pending", "Running", "Success")}


def test_nothing_is_due_any_more_when_a_job_has_ended_and_been_announced(
    acme: World, clock: Traveller
) -> None:
    acme.submit("test:nothing")
    acme.settle_down()
    clock.shift(3600)
    assert acme.sweep() == {"looked_at": 0, "failed": 0}


def test_a_job_whose_worker_vanished_is_failed_when_its_time_is_over(acme: World, clock: Traveller) -> None:
    acme.tools["test:gone"] = _raise(SystemExit())  # type: ignore[arg-type]
    job_id = acme.submit("test:gone")
    for _ in range(4):
        acme.deliver()
    with pytest.raises(SystemExit):
        acme.run(f"{job_id}-1-1")
    clock.shift(120)
    acme.sweep()
    assert acme.job(job_id)["status"] == "Running"
    clock.shift(900)
    acme.sweep()
    job = acme.job(job_id)
    assert (job["status"], job["error"]["code"]) == ("Failed", "WorkerDied")
    assert acme.pool().holders == frozenset()


def _writes_and_dies(run: Any, _parameters: Any) -> Result:
    path = run.directory / "half"
    path.write_text("half")
    run.save(path, "half")
    raise SystemExit


def _dead_worker(acme: World, **more: Any) -> str:
    """A job whose worker died with a file in the workspace; its id."""
    acme.tools["test:dies"] = tool(_writes_and_dies)
    task = {"tool": "test:dies", **more}
    job_id = str(acme.call("POST", "/jobs", {"tasks": [task]}).body["id"])
    for _ in range(4):
        acme.deliver()
    with pytest.raises(SystemExit):
        acme.run(f"{job_id}-1-1")
    assert len(_workspace()) == 1
    return job_id


@pytest.mark.parametrize("count", [0, 1])
def test_what_a_dead_worker_left_goes_when_the_executor_tells_of_its_death(acme: World, count: int) -> None:
    job_id = _dead_worker(acme, retry={"count": count})
    acme.settle(_payload(acme, job_id, 0) | {"error": {"Error": "Runtime.ExitError"}})
    assert acme.job(job_id)["status"] == ("Running" if count else "Failed")
    assert _workspace() == []


@pytest.mark.parametrize("verbs", [(), ("cancel",), ("cancel", "restart")])
def test_what_a_dead_worker_left_goes_when_its_lease_is_over(
    acme: World, clock: Traveller, verbs: tuple[str, ...]
) -> None:
    job_id = _dead_worker(acme)
    for verb in verbs:
        acme.call("POST", f"/jobs/{job_id}/{verb}")
    acme.deliver()
    clock.shift(120)
    acme.sweep()
    assert len(_workspace()) == 1, "it may still be at work"
    clock.shift(900)
    acme.sweep()
    assert _workspace() == []
    assert acme.pool().holders == frozenset()


def test_what_a_dead_worker_left_goes_also_when_another_has_taken_its_task(
    acme: World, clock: Traveller
) -> None:
    job_id = _dead_worker(acme)
    acme.tools["test:dies"] = tool(lambda _run, _parameters: Result())
    clock.shift(910)
    assert acme.work(_payload(acme, job_id, 0)) is None
    clock.shift(61)
    acme.sweep()
    assert (acme.job(job_id)["status"], _workspace()) == ("Success", [])
    clock.shift(3600)
    assert acme.sweep() == {"looked_at": 0, "failed": 0}


def test_a_worker_that_wakes_up_after_it_was_given_up_removes_what_it_makes(
    acme: World, clock: Traveller
) -> None:
    def sleeps(run: Any, _parameters: Any) -> Result:
        clock.shift(1000)
        acme.sweep()
        assert acme.job(job_id)["status"] == "Failed"
        path = run.directory / "late"
        path.write_text("late")
        return Result(files=[run.save(path, "late")])

    acme.tools["test:sleeps"] = tool(sleeps)
    job_id = acme.submit("test:sleeps")
    acme.settle_down()
    assert (acme.job(job_id)["error"]["code"], _workspace()) == ("WorkerDied", [])


def test_the_files_of_a_success_are_never_removed(acme: World, clock: Traveller) -> None:
    def write(run: Any, _parameters: Any) -> Result:
        path = run.directory / "out"
        path.write_text("made")
        return Result(files=[run.save(path, "out")])

    acme.tools["test:write"] = tool(write)
    acme.submit("test:write", "test:write")
    acme.settle_down()
    clock.shift(7200)
    acme.sweep()
    assert len(_workspace()) == 2


def test_a_job_whose_execution_was_lost_is_driven_again(acme: World, clock: Traveller) -> None:
    from tests.moto_account import end_execution

    job_id = acme.submit("test:nothing", "test:nothing")
    for _ in range(4):
        acme.deliver()
    machine = "arn:aws:states:eu-central-1:123456789012:execution:mediajobs-test"
    end_execution(f"{machine}:{job_id}-1-1", "FAILED")
    clock.shift(61)
    acme.sweep()
    acme.settle_down()
    assert acme.job(job_id)["status"] == "Success"
    assert acme.executions()[f"{job_id}-1-2"] == "SUCCEEDED"


def test_a_job_fails_at_its_deadline_also_while_it_waits(acme: World, clock: Traveller) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 0})
    body = {"tasks": [{"tool": "test:nothing"}], "deadline_seconds": 600}
    job_id = acme.call("POST", "/jobs", body).body["id"]
    clock.shift(601)
    acme.sweep()
    job = acme.job(job_id)
    assert (job["status"], job["error"]["code"]) == ("Failed", "DeadlineExceeded")
    assert [task["status"] for task in job["tasks"]] == ["Skipped"]


def test_a_job_is_gone_31_days_after_its_end_even_if_its_row_is_not(acme: World, clock: Traveller) -> None:
    job_id = acme.submit("test:nothing")
    acme.settle_down()
    clock.shift(31 * 24 * 3600 - 1)
    assert acme.call("GET", f"/jobs/{job_id}").status == 200
    clock.shift(1)
    assert acme.call("GET", f"/jobs/{job_id}").status == 404


def _payload(acme: World, job_id: str, index: int) -> dict[str, Any]:
    return {
        "organization": acme.organization,
        "job": job_id,
        "attempt": 1,
        "task": index,
        "worker": "media",
        "seconds": 930,
    }


def _workspace() -> list[str]:
    from mediajobs import aws

    listed = aws.media_client("eu-central-1").list_objects_v2(Bucket="workspace")
    return [entry["Key"] for entry in listed.get("Contents", ())]
