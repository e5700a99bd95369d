"""Kills the processes of a running stack at random moments, and notes what it has killed."""

import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.sandbox import descendants
from tests.stack import RunningStack

#: Of so many kills: workers of tools, other handlers, and the front door.
_KINDS = {"worker": 5, "handler": 4, "door": 1}
#: Seconds in which one that is at work is looked for.
_SEARCH = 1.0


@dataclass
class Killer:
    """Chooses by its dice; the moments are the caller's."""

    stack: RunningStack
    dice: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    #: The log streams of the handlers that were killed.
    streams: set[str] = field(default_factory=set)
    #: From the end of the stack to its next start, each time; in milliseconds since the epoch.
    restarts: list[tuple[int, int]] = field(default_factory=list)

    def kill(self) -> None:
        """Kill one process, which exists at this moment."""
        kind = self.dice.choices(list(_KINDS), list(_KINDS.values()))[0]
        pid = self._door() if kind == "door" else self._handler(is_worker=kind == "worker")
        if pid is None:
            return
        stream = variables(pid).get("AWS_LAMBDA_LOG_STREAM_NAME")
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.kills[kind] += 1
            self.streams |= {stream} if stream else set()

    def restart(self) -> None:
        """Stop the stack gracefully in the middle of everything, and start it again."""
        begin = _now()
        self.stack.restart()
        self.restarts.append((begin, _now()))
        self.kills["graceful restart"] += 1

    def crash(self) -> None:
        """Kill the whole stack at once, and start it again."""
        begin = _now()
        self.stack.kill()
        self.stack.start()
        self.restarts.append((begin, _now()))
        self.kills["whole stack"] += 1

    def _door(self) -> int | None:
        return next(
            (pid for pid in children(self.stack.local.pid) if b"infra.local.door" in _line(pid)), None
        )

    def _handler(self, *, is_worker: bool) -> int | None:
        """Half of the time one that is at work, if there is any; otherwise of any function, as often as of
        another that has many."""
        found: dict[str, list[int]] = {}
        for pid in handlers(self.stack):
            name = variables(pid).get("AWS_LAMBDA_FUNCTION_NAME", "")
            if ("-worker-" in name) == is_worker and name:
                found.setdefault(name, []).append(pid)
        if not found:
            return None
        if self.dice.random() < 0.5:
            deadline = time.monotonic() + _SEARCH
            while time.monotonic() < deadline:
                busy = [pid for pids in found.values() for pid in pids if _is_busy(pid)]
                if busy:
                    return self.dice.choice(busy)
                time.sleep(0.005)
        return self.dice.choice(found[self.dice.choice(sorted(found))])


def handlers(stack: RunningStack) -> list[int]:
    """The processes of functions."""
    return [pid for pid in children(stack.local.emulator_pid) if b"sandbox.py" in _line(pid)]


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    return [child for child in descendants(pid) if _stat(child)[1:2] == [str(pid)]]


def variables(pid: int) -> dict[str, str]:
    """The environment that a process was started with; empty if it is gone."""
    try:
        text = (Path("/proc") / str(pid) / "environ").read_bytes().decode(errors="replace")
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in text.split("\0") if "=" in line)


def _is_busy(pid: int) -> bool:
    """Whether it computes, or has a program at work."""
    return _stat(pid)[:1] == ["R"] or bool(descendants(pid))


def _line(pid: int) -> bytes:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes()
    except OSError:
        return b""


def _stat(pid: int) -> list[str]:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _now() -> int:
    return time.time_ns() // 1_000_000
