"""Cancel: at once for the caller, within 10 s for the work, and nothing half done is left."""

import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from infra.local.caller import CallFailed
from tests.clip import clip
from tests.e2e import task
from tests.e2e.bucket import Bucket, Workspace
from tests.e2e.process import ffmpegs, is_gone, running_ffmpeg, until
from tests.server.http import Handler, serve
from tests.stack import RunningStack

#: Seconds in which the work of a cancelled job has to be over.
AT_MOST = 10


def cancel(stack: RunningStack, job: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = stack.call("POST", f"/jobs/{job['id']}/cancel")
    assert answer["status"] == "Cancelled", "the caller is not kept waiting"
    return answer


def test_a_pending_job_is_cancelled_and_never_starts(
    stack: RunningStack, capacity: Callable[[int], Any], running: Callable[[], int]
) -> None:
    capacity(0)
    job = stack.submit(task.encode(seconds=1), task.encode(seconds=1))
    cancelled = cancel(stack, job)
    assert (cancelled["started"], cancelled["error"]) == (None, None)
    assert [each["status"] for each in cancelled["tasks"]] == ["Skipped", "Skipped"]
    capacity(4)
    # A job submitted later would not start before an earlier one of the same priority.
    later = stack.wait(stack.submit(task.encode(seconds=1))["id"])
    assert later["status"] == "Success"
    assert stack.job(job["id"]) == cancelled
    assert running() == 0


def test_a_job_in_the_middle_of_a_ten_minute_transcode_stops_within_ten_seconds(
    stack: RunningStack,
    media: Bucket,
    workspace: Workspace,
    running: Callable[[], int],
) -> None:
    source = media.put("cancel/ten.mp4", clip("ten-minutes.mp4"))
    rendition = {"video": {"codec": "hevc", "width": 1920, "height": 1080, "speed": "slow"}}
    job = stack.submit(
        task.get(source),
        {"tool": "media:transcode", "parameters": {"renditions": [rendition]}},
        task.put(media.url("cancel/out/")),
    )
    stack.wait(job["id"], "Running")
    ffmpeg = running_ffmpeg(stack)
    time.sleep(2)
    begin = time.monotonic()
    cancel(stack, job)
    until(lambda: is_gone(ffmpeg) and not ffmpegs(stack), AT_MOST)
    until(lambda: running() == 0, AT_MOST - (time.monotonic() - begin))
    assert time.monotonic() - begin < AT_MOST

    job = stack.job(job["id"])
    assert job["status"] == "Cancelled"
    assert [each["status"] for each in job["tasks"]] == ["Success", "Cancelled", "Skipped"]
    kept = workspace.of(job)
    assert len(kept) == 1, "only what the finished task has left"
    assert kept[0].endswith("/ten.mp4")
    assert not media.names("cancel/out/")


def test_a_job_in_a_stalled_download_stops_within_ten_seconds(
    stack: RunningStack, workspace: Workspace, running: Callable[[], int]
) -> None:
    stalled = Event()

    def stall(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        handler.wfile.write(b"x" * 1000)
        handler.wfile.flush()
        stalled.set()
        handler.home.over.wait(60)

    with serve({"/whole": lambda handler: handler.answer(200, b"whole"), "/stalls": stall}) as server:
        job = stack.submit(task.get(server.url("/whole"), server.url("/stalls")), task.encode(seconds=1))
        assert stalled.wait(30)
        time.sleep(1)
        assert workspace.of(job), "the first of the two files lies in the workspace"
        begin = time.monotonic()
        cancel(stack, job)
        until(lambda: running() == 0, AT_MOST)
        assert time.monotonic() - begin < AT_MOST
    assert not workspace.of(job)
    assert [each["status"] for each in stack.job(job["id"])["tasks"]] == ["Cancelled", "Skipped"]


def test_what_has_ended_cannot_be_cancelled(stack: RunningStack) -> None:
    job = stack.wait(stack.submit(task.encode(seconds=1))["id"])
    with pytest.raises(CallFailed) as refused:
        stack.call("POST", f"/jobs/{job['id']}/cancel")
    assert refused.value.status == 409
    assert "Success" in refused.value.problem["detail"]
    assert stack.job(job["id"])["status"] == "Success"
