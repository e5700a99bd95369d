"""Tells how much memory the programs that this process starts have really used."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.local.sandbox import descendants

#: Seconds between two looks: a program tells its own peak, up to the last of them.
_PAUSE = 0.05


class MemoryWatch:
    """Looks at every program while it runs, as what has ended tells nothing by itself."""

    def __init__(self) -> None:
        #: Bytes that any one program had in memory at once.
        self.peak = 0
        #: Programs that others have started before.
        self._others = frozenset(descendants(os.getpid()))
        self._over = threading.Event()

    def _look(self) -> None:
        own = Path("/proc/self/cmdline").read_bytes()
        while not self._over.wait(_PAUSE):
            for pid in set(descendants(os.getpid())) - self._others:
                with suppress(OSError):
                    # What still bears our name is about to become the program, and has our memory until then.
                    if Path(f"/proc/{pid}/cmdline").read_bytes() != own:
                        self.peak = max(self.peak, _peak(pid))


def _peak(pid: int) -> int:
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    return int(found[1]) * 1024 if found else 0


@contextmanager
def weighing() -> Iterator[MemoryWatch]:
    """Watch the programs that are started inside, and those of other threads."""
    watch = MemoryWatch()
    thread = threading.Thread(target=watch._look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch._over.set()
        thread.join()
