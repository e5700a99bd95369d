"""The processes of a running stack: ffmpeg, and the worker that runs it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from infra.local.sandbox import descendants
from tests.stack import RunningStack

T = TypeVar("T")


def ffmpegs(stack: RunningStack) -> list[int]:
    """Every ffmpeg of the stack's workers."""
    return [pid for pid in descendants(stack.local.emulator_pid) if _program(pid).startswith("ffmpeg")]


def worker_of(stack: RunningStack, pid: int) -> int:
    """The worker whose descendant a process is: a child of the emulator."""
    while (parent := _parent(pid)) != stack.local.emulator_pid:
        assert parent > 1, f"process {pid} is none of the stack's"
        pid = parent
    return pid


def until(call: Callable[[], T], seconds: float = 20) -> T:
    """What a call gives as soon as that is true."""
    deadline = time.monotonic() + seconds
    while not (found := call()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return found


def running_ffmpeg(stack: RunningStack, seconds: float = 90) -> int:
    """The one ffmpeg there is, once it has been at work for longer than a look at a file takes."""

    def the_one() -> int | None:
        match ffmpegs(stack):
            case [pid] if _processor_seconds(pid) > 1:
                return pid
        return None

    pid = until(the_one, seconds)
    assert pid is not None
    return pid


def ended_invocations(stack: RunningStack, log: str) -> int:
    """How many invocations have ended in the environment whose log a job's row names."""
    region, group, stream = log.split("|")
    found = stack.client("logs", region).get_log_events(
        logGroupName=group, logStreamName=stream, startFromHead=True
    )
    return sum(event["message"].startswith("REPORT ") for event in found["events"])


def is_gone(pid: int) -> bool:
    """Whether no such process runs any more; a zombie does not."""
    return _stat(pid)[:1] in ([], ["Z"])


def _program(pid: int) -> str:
    try:
        return Path((Path("/proc") / str(pid) / "cmdline").read_bytes().split(b"\0")[0].decode()).name
    except OSError:
        return ""


def _stat(pid: int) -> list[str]:
    """The fields behind the program's name: state, parent, and so on; none of a process that is gone."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    return int(([*_stat(pid), "0", "0"])[1])


def _processor_seconds(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / 100 if fields else 0
