"""Workers that are killed, hang, or come back from the dead."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e import task
from tests.e2e.bucket import Workspace
from tests.e2e.clock import end_lease, row, sweep
from tests.e2e.process import ended_invocations, is_gone, running_ffmpeg, until, worker_of
from tests.stack import RunningStack


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """Processes that do nothing for a while, and then go on as if nothing had been."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            if not is_gone(pid):
                os.kill(pid, signal.SIGCONT)


def test_a_killed_worker_fails_the_job_and_says_so(stack: RunningStack, running: Callable[[], int]) -> None:
    job = stack.submit(task.endless(), task.encode(seconds=1))
    ffmpeg = running_ffmpeg(stack)
    os.kill(worker_of(stack, ffmpeg), signal.SIGKILL)
    job = stack.wait(job["id"], seconds=15)
    assert job["status"] == "Failed"
    assert [each["status"] for each in job["tasks"]] == ["Failed", "Skipped"]
    error = job["error"]
    assert (error["code"], error["retryable"], error["task"]) == ("WorkerDied", True, 0)
    assert "without a word" in error["message"]
    until(lambda: is_gone(ffmpeg), 5)
    assert running() == 0


def test_the_task_of_a_killed_worker_is_done_again_where_it_may_be_retried(
    stack: RunningStack, workspace: Workspace
) -> None:
    job = stack.submit(
        task.encode(seconds=300, retry={"count": 1, "delay_seconds": 0}),
        task.encode(seconds=1),
    )
    os.kill(worker_of(stack, running_ffmpeg(stack)), signal.SIGKILL)
    job = stack.wait(job["id"])
    assert job["status"] == "Success", job["error"]
    assert [each["tries"] for each in job["tasks"]] == [2, 1]
    assert len(workspace.of(job)) == 2, "one file a task, and none of the killed run"


def test_a_hung_ffmpeg_is_ended_when_the_task_s_time_is_over(stack: RunningStack) -> None:
    job = stack.submit(task.endless(timeout_seconds=6))
    ffmpeg = running_ffmpeg(stack)
    with frozen(ffmpeg):
        job = stack.wait(job["id"], seconds=15)
        assert is_gone(ffmpeg)
    assert job["error"]["code"] == "TaskTimeout"


def test_the_slot_of_a_hung_worker_is_nobody_else_s_until_it_is_gone(
    stack: RunningStack, capacity: Callable[[int], Any], running: Callable[[], int]
) -> None:
    capacity(1)
    job = stack.submit(task.endless())
    ffmpeg = running_ffmpeg(stack)
    with frozen(worker_of(stack, ffmpeg)):
        assert stack.call("POST", f"/jobs/{job['id']}/cancel")["status"] == "Cancelled"
        next_job = stack.submit(task.encode(seconds=1))
        time.sleep(7)
        assert not is_gone(ffmpeg)
        assert stack.job(next_job["id"])["status"] == "Pending", "what still runs still holds its slot"
        assert running() == 1
    next_job = stack.wait(next_job["id"], seconds=15)
    assert next_job["status"] == "Success"
    assert is_gone(ffmpeg)


def test_a_worker_that_comes_back_after_its_lease_changes_nothing(
    stack: RunningStack, workspace: Workspace
) -> None:
    job = stack.submit(task.encode(seconds=300), task.encode(seconds=1))
    ffmpeg = running_ffmpeg(stack)
    with frozen(worker_of(stack, ffmpeg)):
        log = row(stack, job)["run_log"]
        before = ended_invocations(stack, log)
        end_lease(stack, job)
        # Or the round of this minute comes first.
        sweep(stack)
        failed = stack.wait(job["id"], "Failed")
        assert (failed["error"]["code"], failed["error"]["retryable"]) == ("WorkerDied", True)
        # Its ffmpeg ends meanwhile, so that it wakes up with a finished file in its hands.
        until(lambda: is_gone(ffmpeg), 60)
    until(lambda: ended_invocations(stack, log) > before, 60)
    assert stack.job(job["id"]) == failed
    assert not workspace.of(job)
