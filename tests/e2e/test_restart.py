"""The stack is stopped and started again while jobs run and wait."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.clip import clip
from tests.e2e import task
from tests.e2e.bucket import Bucket, Workspace
from tests.e2e.clock import bring_look, sweep
from tests.e2e.process import ffmpegs, is_gone, running_ffmpeg
from tests.stack import RunningStack


@pytest.mark.slow
def test_jobs_end_rightly_after_a_restart_in_their_middle(
    stack: RunningStack, media: Bucket, workspace: Workspace, capacity: Callable[[int], Any]
) -> None:
    source = media.put("restart/clip.mp4", clip("clip.mp4"))
    done = stack.wait(stack.submit(task.get(source))["id"])
    capacity(1)
    patient = task.encode(seconds=900, retry={"count": 1, "delay_seconds": 0})
    running = stack.submit(task.get(source), patient, task.put(media.url("restart/out/"), files=["made.mp4"]))
    waiting = stack.submit(task.get(source), {"tool": "media:probe"})
    ffmpeg = running_ffmpeg(stack)
    before = stack.local

    stack.restart()

    assert is_gone(ffmpeg)
    assert not ffmpegs(stack)
    assert (stack.url, stack.api_key) == (before.url, before.api_key)
    again = stack.job(done["id"])
    assert [again[part] for part in ("status", "started", "ended")] == [
        done[part] for part in ("status", "started", "ended")
    ]
    assert [file["name"] for file in again["tasks"][0]["files"]] == ["clip.mp4"]
    assert [stack.job(job["id"])["status"] for job in (running, waiting)] == ["Running", "Pending"]
    # The start has told of the worker that the stop ended. That the execution is gone, too, is seen by the
    # next look of the sweeper, at most two minutes later.
    bring_look(stack, running)
    sweep(stack)
    running, waiting = (stack.wait(job["id"], seconds=100) for job in (running, waiting))
    assert running["status"] == "Success", running["error"]
    assert [each["tries"] for each in running["tasks"]] == [1, 2, 1], "what was done is not done again"
    assert media.names("restart/out/") == ["made.mp4"]
    assert len(workspace.of(running)) == 2
    assert waiting["status"] == "Success"
    assert waiting["started"] >= running["ended"]
