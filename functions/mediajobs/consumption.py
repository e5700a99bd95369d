"""What jobs consume: worker time, media and bytes; and what that costs at list price."""

from typing import NamedTuple

#: One compute unit is a minute of a worker with one GB of memory.
UNIT_GB_MS = 60_000

# AWS's list prices of November 2026 in us-east-1, in USD; an estimate elsewhere.
_GB_SECOND = 0.0000133334
#: Requests, transitions, reads and writes of one job of three tasks; `make bench` counts them.
_JOB = 0.0002


class Consumption(NamedTuple):
    """Sums of what was consumed; media in milliseconds of picture, or of sound where there is none."""

    #: Memory held by workers, times how long: GB times milliseconds.
    gb_ms: int = 0
    ms_in: int = 0
    ms_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0

    def plus(self, other: "Consumption") -> "Consumption":
        """Both together."""
        return Consumption(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    @classmethod
    def of_worker(cls, milliseconds: int, memory_mb: int) -> "Consumption":
        """A worker's time."""
        return cls(gb_ms=max(0, milliseconds) * memory_mb // 1024)

    @property
    def compute_units(self) -> float:
        """Minutes of a worker with one GB."""
        return round(self.gb_ms / UNIT_GB_MS, 4)

    def cost(self, jobs: int) -> float:
        """USD at list price, of so many jobs."""
        return round(self.gb_ms / 1000 * _GB_SECOND + jobs * _JOB, 6)


NOTHING = Consumption()
