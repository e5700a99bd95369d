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
        self._over = threading.Event()

    def _look(self) -> None:
        while not self._over.wait(_PAUSE):
            for pid in descendants(os.getpid()):
                with suppress(OSError):
                    found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
                    self.peak = max(self.peak, int(found[1]) * 1024 if found else 0)


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
