"""What a transfer may take: bytes in all, silence and slowness; and how far it is."""

import time
from dataclasses import dataclass

from mediajobs.errors import LimitExceeded, TransferFailed
from mediajobs.tools.tool import Hold

#: Bytes of one file, since it must lie on a worker's disk; a `put` takes as many in all.
MAX_BYTES = 5 * 1024**3
#: Bytes read or written at once.
CHUNK = 256 * 1024


@dataclass(frozen=True)
class Limits:
    """When a transfer is given up."""

    #: Bytes of one file.
    size: int = MAX_BYTES
    #: Seconds in which nothing comes or goes.
    silence: float = 30
    #: Bytes a second, over a window of so many seconds: a server that only drips holds nobody.
    rate: int = 1024
    window: float = 90


class Meter:
    """Counts bytes over all the `parts` of a task: each file, for each location it goes to."""

    def __init__(self, run: Hold, *, parts: int, limits: Limits = Limits()) -> None:
        self.run = run
        self.limits = limits
        self._parts = parts
        self._begun = 0
        self._expected: int | None = None
        self._part_moved = 0
        self._window_start = time.monotonic()
        self._window_moved = 0

    def begin(self) -> None:
        """The next part begins."""
        self.run.check()
        self._begun += 1
        self._expected, self._part_moved = None, 0
        self._window_start, self._window_moved = time.monotonic(), 0

    def expect(self, size: int | None) -> None:
        """The present part starts from nothing and should have this size, where it is known. Raises
        LimitExceeded."""
        self._expected, self._part_moved = size, 0
        self._refuse_more_than(size or 0)

    def add(self, count: int) -> None:
        """So many bytes of the file went by. Raises LimitExceeded, TransferFailed."""
        self.pace(count)
        self.count(count)

    def pace(self, count: int) -> None:
        """So many bytes went over the wire, whatever they were. Raises TransferFailed if it is too slow."""
        self.run.check()
        self._window_moved += count
        elapsed = time.monotonic() - self._window_start
        if elapsed >= self.limits.window:
            if self._window_moved < self.limits.rate * elapsed:
                raise TransferFailed(f"the transfer is slower than {self.limits.rate} bytes a second")
            self._window_start, self._window_moved = time.monotonic(), 0

    def count(self, count: int) -> None:
        """So many bytes of the file itself went by. Raises LimitExceeded."""
        self._part_moved += count
        self._refuse_more_than(self._part_moved)
        share = min(1.0, self._part_moved / self._expected) if self._expected else 0
        self.run.progress((self._begun - 1 + share) / self._parts)

    def _refuse_more_than(self, size: int) -> None:
        if size > self.limits.size:
            raise LimitExceeded(f"the file is larger than {self.limits.size} bytes")
