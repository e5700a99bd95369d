"""A task that fails: who failed, why, whether a retry can help, and the retries themselves."""

import time
from itertools import pairwise
from threading import Thread

from tests.clip import clip
from tests.e2e import task
from tests.e2e.bucket import Bucket, Workspace
from tests.e2e.process import ffmpegs, is_gone, running_ffmpeg
from tests.server.http import Handler, serve
from tests.stack import RunningStack


def test_the_first_failing_task_ends_the_job_and_skips_the_rest(
    stack: RunningStack, media: Bucket, workspace: Workspace
) -> None:
    broken = media.put("failure/clip.mp4", clip("clip.mp4").read_bytes()[:3000])
    job = stack.submit(
        task.get(broken),
        {"tool": "media:probe", "retry": {"count": 3}},
        task.encode(seconds=1),
        task.put(media.url("failure/out/")),
    )
    job = stack.wait(job["id"])
    assert job["status"] == "Failed"
    assert [each["status"] for each in job["tasks"]] == ["Success", "Failed", "Skipped", "Skipped"]
    error = job["error"]
    assert (error["code"], error["retryable"], error["task"]) == ("InvalidMedia", False, 1)
    assert "moov atom not found" in error["message"]
    assert job["tasks"][1]["error"] == error
    assert job["tasks"][1]["tries"] == 1, "what cannot help is not tried"
    assert job["tasks"][2]["error"] is None
    logs = stack.call("GET", f"/jobs/{job['id']}/tasks/1/logs")["logs"]
    assert any(line["level"] == "ERROR" for line in logs)
    assert not media.names("failure/out/")
    assert len(workspace.of(job)) == 1, "only what succeeded has left a file"


def test_a_server_that_fails_twice_is_asked_a_third_time(stack: RunningStack) -> None:
    answers = [503, 503, 200]
    asked: list[float] = []

    def fail_twice(handler: Handler) -> None:
        asked.append(time.monotonic())
        handler.answer(answers.pop(0), b"content")

    with serve({"/clip": fail_twice}) as server:
        job = stack.submit(task.get(server.url("/clip"), retry={"count": 2, "delay_seconds": 2}))
        job = stack.wait(job["id"])
    assert job["status"] == "Success", job["error"]
    assert (job["tasks"][0]["tries"], len(asked)) == (3, 3)
    assert all(later - earlier >= 2 for earlier, later in pairwise(asked))
    assert job["tasks"][0]["files"][0]["size"] == len(b"content")


def test_a_server_that_goes_on_failing_fails_the_job_as_worth_a_retry(stack: RunningStack) -> None:
    with serve({"/clip": lambda handler: handler.answer(503)}) as server:
        job = stack.submit(task.get(server.url("/clip"), retry={"count": 1, "delay_seconds": 0}))
        job = stack.wait(job["id"])
        assert len(server.requests) == 2
    assert job["status"] == "Failed"
    assert job["tasks"][0]["tries"] == 2
    assert (job["error"]["code"], job["error"]["retryable"]) == ("TransferFailed", True)


def test_a_source_that_appears_late_is_waited_for_where_the_policy_says_so(
    stack: RunningStack, media: Bucket
) -> None:
    policy = {"count": 5, "delay_seconds": 2, "on": ["SourceNotFound"]}
    job = stack.submit(task.get(media.url("failure/late"), retry=policy))
    first = stack.wait(job["id"], "Running")

    def appear() -> None:
        time.sleep(3)
        media.put("failure/late", b"here")

    late = Thread(target=appear)
    late.start()
    job = stack.wait(first["id"])
    late.join()
    assert job["status"] == "Success", job["error"]
    assert 2 <= job["tasks"][0]["tries"] <= 5


def test_a_task_that_takes_too_long_ends_with_its_ffmpeg(stack: RunningStack, workspace: Workspace) -> None:
    job = stack.submit(task.endless(timeout_seconds=4), task.encode(seconds=1))
    ffmpeg = running_ffmpeg(stack)
    job = stack.wait(job["id"], seconds=15)
    assert is_gone(ffmpeg)
    assert job["status"] == "Failed"
    assert [each["status"] for each in job["tasks"]] == ["Failed", "Skipped"]
    assert (job["error"]["code"], job["error"]["task"]) == ("TaskTimeout", 0)
    assert "4 s" in job["error"]["message"]
    assert not workspace.of(job)


def test_a_job_that_passes_its_deadline_fails_in_the_middle_of_a_task(stack: RunningStack) -> None:
    job = stack.submit(task.endless(), task.encode(seconds=1), deadline_seconds=8)
    job = stack.wait(job["id"], seconds=25)
    assert not ffmpegs(stack)
    assert job["status"] == "Failed"
    assert job["error"]["code"] == "DeadlineExceeded"
    assert job["tasks"][1]["status"] == "Skipped"
    assert job["ended"] >= job["deadline"]
