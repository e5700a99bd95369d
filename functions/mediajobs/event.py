"""What happened to a job, as its event log keeps it and as the bus announces it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from mediajobs.job import Job, Status
from mediajobs.message import KINDS
from mediajobs.timestamp import to_text

if TYPE_CHECKING:
    # With it come the types of all answers, which a cold start need not wait for.
    from mediajobs.answer import Announcement

#: The version of what stands on the bus; a change that breaks subscribers raises it.
VERSION: Literal["1"] = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of a job's event log: `sequence` counts from 1 without a gap."""

    organization_id: str
    job_id: str
    region: str
    sequence: int
    attempt: int
    #: Milliseconds since the epoch.
    at: int
    #: Who: an API key's id, or the part of the service.
    by: str
    #: The job's status after it.
    status: Status
    #: The task it is about, and that task's status.
    task: int | None = None
    task_status: Status | None = None
    reason: str | None = None
    #: Whether a slot of the pool became free, or a job began to wait for one.
    wakes_pool: bool = False
    #: Whether the job's status changed with it; otherwise it is about a task or a slot.
    status_changed: bool = True
    #: Whether receivers of the job's own are told of it; absent if not.
    is_told: bool | None = None

    @property
    def message_id(self) -> str:
        """What names it to receivers: the same whenever, and to whomever, it is told."""
        return f"msg_{self.job_id}-{self.sequence}"

    @classmethod
    def next(cls, job: Job, status: Status, *, at: int, by: str, **more: Any) -> Self:
        """The event after the last one of `job`."""
        return cls(
            organization_id=job.organization,
            job_id=job.id,
            region=job.region,
            sequence=job.sequence + 1,
            attempt=job.attempt,
            at=at,
            by=by,
            status=status,
            is_told=(more.get("status_changed", True) and status.value in job.tells) or None,
            **more,
        )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The event of a row of the table."""
        known = {name: row[name] for name in cls.__slots__ if name in row}
        known["status"] = Status(known["status"])
        if "task_status" in known:
            known["task_status"] = Status(known["task_status"])
        return cls(**known)

    def to_row(self) -> dict[str, Any]:
        """As the table holds it, without its keys."""
        return {name: getattr(self, name) for name in self.__slots__}

    def messages(self) -> Iterator[tuple[str, str]]:
        """What webhooks are told: the type of message, and its id."""
        known = {}
        if self.status_changed:
            known[f"job.{self.status.lower()}"] = self.message_id
        if self.task_status is not None:
            known[f"task.{self.task_status.lower()}"] = f"{self.message_id}-task"
        return ((kind, message_id) for kind, message_id in known.items() if kind in KINDS)

    def announcements(self) -> Iterator[tuple[str, "Announcement"]]:
        """What the bus is told: detail-type and detail."""
        detail: Announcement = {
            "version": VERSION,
            "organization_id": self.organization_id,
            "job_id": self.job_id,
            "region": self.region,
            "attempt": self.attempt,
            "sequence": self.sequence,
            "time": to_text(self.at),
        }
        if self.task is not None and self.task_status is not None:
            of_task: Any = {"task": self.task, "status": self.task_status.value, "reason": self.reason}
            yield "Task Status Changed", {**detail, **of_task}
        if self.status_changed:
            of_job: Any = {"status": self.status.value, "reason": self.reason}
            yield "Job Status Changed", {**detail, **of_job}
