"""What a client of the service may believe after what it was told: plain dicts, with no code of the service.

Where a fault leaves a client without an answer, it has to reckon with both outcomes.
"""

from dataclasses import dataclass, field
from typing import Any

ENDED = frozenset({"Success", "Failed", "Cancelled"})
MONTH = 31 * 24 * 3600 * 1000


@dataclass
class Known:
    """A job that the service has acknowledged."""

    name: str
    body: dict[str, Any]
    #: How each of its attempts ends if nothing interferes.
    outcome: str
    #: Milliseconds from a start to its deadline.
    time: int
    deadline: int
    attempt: int = 1
    #: How the present attempt may end.
    ends: set[str] = field(default_factory=set)
    #: When it was first seen to have ended in this attempt.
    ended: int | None = None

    def begin(self, attempt: int, at: int) -> None:
        """An attempt begins."""
        self.attempt, self.deadline, self.ended = attempt, at + self.time, None
        self.ends = {self.outcome}


@dataclass
class Model:
    """All that a client knows."""

    jobs: dict[str, Known] = field(default_factory=dict)
    #: The job that each Idempotency-Key has made.
    keys: dict[str, str] = field(default_factory=dict)
    #: The Idempotency-Keys that have restarted a job.
    restarts: set[str] = field(default_factory=set)
    #: By name; None where the client was not answered.
    bundles: dict[str, str | None] = field(default_factory=dict)
    #: What the pool's capacity may be.
    capacity: set[int] = field(default_factory=set)

    def add(self, job_id: str, known: Known, key: str | None) -> None:
        """A job was acknowledged, to a request of that Idempotency-Key."""
        self.jobs[job_id] = known
        known.ends = {known.outcome}
        if key is not None:
            self.keys[key] = job_id

    def see(self, job_id: str, status: str, attempt: int, at: int) -> str | None:
        """The service shows a job so: what cannot be, in words."""
        known = self.jobs[job_id]
        if at >= known.deadline:
            known.ends.add("Failed")
        if attempt != known.attempt:
            return f"{known.name} is in attempt {attempt}, and was asked for {known.attempt}"
        if known.ended is not None and status not in ENDED:
            return f"{known.name} had ended, and is {status} without a restart"
        if status not in ENDED:
            return None
        known.ended = known.ended or at
        if status not in known.ends:
            return f"{known.name} is {status}, and may only be {sorted(known.ends)}"
        return None

    def may_fail(self) -> None:
        """Something befell workers or executions: whatever has not ended may fail."""
        for known in self.jobs.values():
            if known.ended is None:
                known.ends.add("Failed")

    def forget(self, job_ids: set[str]) -> None:
        """These are gone."""
        for job_id in job_ids & self.jobs.keys():
            del self.jobs[job_id]
        self.keys = {key: job_id for key, job_id in self.keys.items() if job_id not in job_ids}
