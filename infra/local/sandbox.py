"""What an execution environment runs first: it hands over to AWS's runtime client and dies with its emulator.

Started by path (`python -P sandbox.py HANDLER`), so it imports the standard library alone until the runtime
client comes. Its standard input is a pipe that nobody writes to: its end means that the emulator is gone.
"""

import os
import runpy
import signal
import sys
import threading
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

#: From <sys/prctl.h>.
_PR_SET_CHILD_SUBREAPER = 36


def _processes() -> dict[int, tuple[int, int]]:
    """Every process with its parent and session; empty where there is no /proc."""
    processes = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # The command in parentheses may hold anything, so read from its end.
            fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            processes[int(entry.name)] = int(fields[1]), int(fields[3])
    return processes


def descendants(root: int) -> list[int]:
    """The children of a process and theirs, parents first."""
    processes = _processes()
    found = [root]
    for ancestor in found:
        found += [pid for pid, (parent, _) in processes.items() if parent == ancestor]
    return found[1:]


def adopt_orphans() -> None:
    """Make what a dead environment leaves behind a child of this process, where the system can."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_orphans(environments: Collection[int]) -> None:
    """Kill the adopted: children of this process in another session that are no environment."""
    own = os.getsid(0)
    for pid, (parent, session) in _processes().items():
        if parent == os.getpid() and session != own and pid not in environments:
            for one in [pid, *descendants(pid)]:
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def kill_tree(root: int) -> None:
    """Kill a process that leads its group, the group, and every descendant that left it."""
    with suppress(ProcessLookupError):
        os.kill(root, signal.SIGSTOP)
    family = descendants(root)
    with suppress(ProcessLookupError):
        os.killpg(root, signal.SIGKILL)
    for pid in family:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _die_with(pipe: int) -> None:
    os.read(pipe, 1)
    for pid in descendants(os.getpid()):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    os.killpg(os.getpgid(0), signal.SIGKILL)


def _main(handler: str) -> None:
    # The handler's own children must not hold the pipe.
    lifeline = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    threading.Thread(target=_die_with, args=(lifeline,), daemon=True, name="lifeline").start()
    sys.argv = ["awslambdaric", handler]
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main(sys.argv[1])
