"""`mediajobs worker` as a real process, which knows nothing of AWS, against the running stack."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.local.sandbox import descendants
from mediajobs.organization import Role
from tests.e2e import task
from tests.e2e.bucket import Workspace
from tests.e2e.clock import end_lease, sweep
from tests.e2e.process import is_gone, until
from tests.stack import RunningStack

ROOT = Path(__file__).parents[2]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(stack: RunningStack, key_of: Callable[[Role], str], tmp_path: Path, spawn: Start) -> Start:
    """Starts `mediajobs worker`, in an environment without any AWS in it."""

    def begin(*arguments: str) -> "subprocess.Popen[str]":
        return spawn(
            [sys.executable, "-m", "mediajobs", "worker", "--poll", "0.5", *arguments],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "PYTHONPATH": str(ROOT / "functions"),
                "TMPDIR": str(tmp_path),
                "MEDIAJOBS_URL": stack.url,
                "MEDIAJOBS_API_KEY": key_of(Role.WORK),
            },
        )

    return begin


def _outside(**made: Any) -> dict[str, Any]:
    return {**made, "executor": "outside"}


def _at_work(process: "subprocess.Popen[str]") -> int:
    """The one ffmpeg that the worker has been running for a moment."""

    def program(pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode().rpartition("/")[2]
        except OSError:
            return ""

    pid = until(lambda: next(iter(p for p in descendants(process.pid) if program(p).startswith("ffmpeg")), 0))
    time.sleep(0.2)
    return pid


def test_a_worker_outside_does_its_part_of_a_job_between_two_of_ours(
    stack: RunningStack, workspace: Workspace, start: Start, tmp_path: Path
) -> None:
    job = stack.submit(
        task.encode(seconds=2),
        _outside(
            tool="media:transcode",
            parameters={"renditions": [{"preset": "h264-720p"}]},
            timeout_seconds=3600,
        ),
        {"tool": "media:probe"},
    )
    worker = start()
    job = stack.wait(job["id"], seconds=90)
    assert job["status"] == "Success", job["error"]
    (file,) = job["tasks"][1]["files"]
    assert file["size"] > 500
    assert job["tasks"][1]["data"]["outputs"][0]["name"] == file["name"]
    assert job["tasks"][1]["usage"]["seconds_in"] == pytest.approx(2, abs=0.2)
    assert len(workspace.of(job)) == 2
    lines = stack.call("GET", f"/jobs/{job['id']}/tasks/1/logs")["logs"]
    assert any("ffmpeg" in line["message"] for line in lines)
    worker.send_signal(signal.SIGTERM)
    said, _ = worker.communicate(timeout=10)
    assert "media:transcode: done" in said
    assert not list(tmp_path.glob("mediajobs-*")), "nothing stays on the machine"


def test_a_cancelled_task_is_ended_outside_within_ten_seconds(stack: RunningStack, start: Start) -> None:
    job = stack.submit(_outside(**task.endless(timeout_seconds=7200)))
    worker = start("--once")
    ffmpeg = _at_work(worker)
    stack.call("POST", f"/jobs/{job['id']}/cancel")
    began = time.monotonic()
    until(lambda: is_gone(ffmpeg), 10)
    said, _ = worker.communicate(timeout=10)
    assert time.monotonic() - began < 12
    assert "lost" in said


def test_the_task_of_a_worker_that_is_killed_is_done_by_the_next_one(
    stack: RunningStack, start: Start
) -> None:
    job = stack.submit(
        _outside(**task.encode(seconds=2000, retry={"count": 1, "delay_seconds": 0}, timeout_seconds=7200))
    )
    worker = start("--once")
    _at_work(worker)
    worker.kill()
    end_lease(stack, job)
    sweep(stack)
    assert stack.job(job["id"])["tasks"][0]["status"] == "Pending"
    start("--once")
    job = stack.wait(job["id"], seconds=90)
    assert job["status"] == "Success", job["error"]
    assert job["tasks"][0]["tries"] == 2
