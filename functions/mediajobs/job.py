"""A job as the service knows it: its status, the legal moves, and the hot row that carries them."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from mediajobs.consumption import NOTHING, Consumption

#: How long a finished job can be seen, in days.
RETENTION_DAYS = 31


class Status(StrEnum):
    """The state of a job or of a task."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCESS = "Success"
    CANCELLED = "Cancelled"
    FAILED = "Failed"
    #: Of a task only: an earlier task failed, or the job was cancelled before.
    SKIPPED = "Skipped"

    @property
    def is_terminal(self) -> bool:
        """Whether only a restart leads on from here."""
        return self not in (Status.PENDING, Status.RUNNING)


#: Every legal move of a job; leaving a terminal status is a restart, which raises the attempt.
MOVES: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.RUNNING, Status.CANCELLED, Status.FAILED}),
    Status.RUNNING: frozenset({Status.SUCCESS, Status.CANCELLED, Status.FAILED}),
    Status.SUCCESS: frozenset({Status.PENDING}),
    Status.CANCELLED: frozenset({Status.PENDING}),
    Status.FAILED: frozenset({Status.PENDING}),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job or a task failed; `task` is the index of the failing task, if one is to blame."""

    code: str
    message: str
    retryable: bool
    task: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The hot row of a job. Times are milliseconds since the epoch."""

    organization: str
    id: str
    region: str
    status: Status
    attempt: int
    priority: int
    #: The tools of its tasks, each once, joined by commas.
    tools: str
    task_count: int
    #: Number of the last event written; every decision is conditional on it.
    sequence: int
    #: Number of the last status event that is known to be announced.
    announced: int
    #: When this attempt fails if it has not ended.
    deadline: int
    #: The API key that submitted it.
    submitted_by: str

    #: The tasks before this index are done; in a terminal job it is the one that ended it.
    cursor: int = 0
    #: Percent of the task at the cursor.
    progress: int = 0
    #: How often the task at the cursor has been tried and has failed.
    tries: int = 0
    #: The task at the cursor may not start before.
    not_before: int = 0
    #: How many executions this attempt has had; the current one's number.
    drive: int = 1
    #: At which task each attempt began; the results before it are those of the attempt before.
    firsts: tuple[int, ...] = (0,)
    #: Names of executions still to be stopped.
    stops: frozenset[str] = frozenset()
    #: The runs whose files are to be removed: each from its claim on, until it succeeds or they are gone.
    litter: frozenset[str] = frozenset()
    #: The name under which its pool counts it as a holder; an earlier attempt's until that worker is gone.
    held: str | None = None

    #: The hold of a worker on the task at the cursor.
    run: str | None = None
    run_until: int = 0
    run_started: int = 0
    run_log: str | None = None
    #: Its memory in MB.
    run_mb: int = 0

    #: What the tasks of this attempt have consumed.
    consumed: Consumption = NOTHING

    started: int | None = None
    ended: int | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    failure_retryable: bool = False
    failure_task: int | None = None
    tags: tuple[str, ...] = ()
    user_data: str | None = None
    bundle_id: str | None = None
    #: The template it was made from and its version: `name@3`.
    template_id: str | None = None
    #: What the lists of the dialect that it came by filter by.
    labels: tuple[str, ...] = ()
    #: The first file that it loads.
    input_name: str | None = None
    #: The statuses of which it tells receivers of its own.
    tells: frozenset[str] = frozenset()
    #: When the next look at what it owes is due.
    due: int | None = None
    #: Seconds since the epoch after which the job is gone.
    ttl: int | None = None

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """The job of a row of the table."""
        known = {field.name: row[field.name] for field in fields(cls) if field.name in row}
        known["status"] = Status(known["status"])
        known["tags"] = tuple(known.get("tags", ()))
        known["labels"] = tuple(known.get("labels", ()))
        known["stops"] = frozenset(known.get("stops", ()))
        known["tells"] = frozenset(known.get("tells", ()))
        known["litter"] = frozenset(known.get("litter", ()))
        known["consumed"] = Consumption(*known.get("consumed", ()))
        known["firsts"] = tuple(known.get("firsts", (0,)))
        return cls(**known)

    @property
    def submitted(self) -> int:
        """Milliseconds since the epoch, as the id has them."""
        return UUID(self.id).int >> 80

    @property
    def failure(self) -> Failure | None:
        """Why the job failed."""
        if self.failure_code is None:
            return None
        return Failure(
            self.failure_code, self.failure_message or "", self.failure_retryable, self.failure_task
        )

    @property
    def execution(self) -> str:
        """The name of this attempt's current execution: 80 characters at most."""
        return f"{self.id}-{self.attempt}-{self.drive}"

    @property
    def holder(self) -> str:
        """What stands for this attempt in its pool."""
        return f"{self.id}#{self.attempt}"

    @property
    def place(self) -> str:
        """What names the present run among all of the job: `attempt/task/run`."""
        return f"{self.attempt}/{self.cursor}/{self.run}"

    @property
    def lost(self) -> frozenset[str]:
        """The litter of the runs that have been taken away: all but what a worker may still be at."""
        return frozenset(place for place in self.litter if place.rpartition("/")[2] != self.run)

    def folder(self, place: str) -> str:
        """Where in its region's workspace the files of one of its runs stand."""
        return f"jobs/{self.organization}/{self.id}/{place}/"

    @property
    def rank(self) -> str:
        """Sorts the pending jobs of a pool: higher priority first, then by submission."""
        return f"{999 - self.priority:03d}#{self.id}"

    @property
    def percent(self) -> int:
        """Progress of the whole job, every task counting the same; 100 only when it succeeded."""
        if self.status is Status.SUCCESS:
            return 100
        return min(99, (self.cursor * 100 + self.progress) // self.task_count)

    def has_expired(self, now: int) -> bool:
        """Whether the job is gone, whatever the table still holds."""
        return self.ttl is not None and self.ttl * 1000 <= now

    def worker_time(self, at: int) -> Consumption:
        """What the worker at the cursor has consumed when it ends then."""
        if self.run is None:
            return NOTHING
        return Consumption.of_worker(at - self.run_started, self.run_mb)

    def consumed_by(self, at: int) -> Consumption:
        """What the attempt has consumed when the worker at the cursor ends then."""
        return self.consumed.plus(self.worker_time(at))

    def is_run_live(self, now: int) -> bool:
        """Whether a worker may still be at work on it."""
        return self.run is not None and now < self.run_until

    def attempt_of(self, index: int) -> int:
        """The attempt whose result a task of this one has: its own, or one that it goes on from."""
        attempt = self.attempt
        while index < self.firsts[attempt - 1]:
            attempt -= 1
        return attempt

    def task_status(self, index: int) -> Status:
        """The status of one task: tasks run in order, so the cursor tells."""
        if index < self.cursor or self.status is Status.SUCCESS:
            return Status.SUCCESS
        if index > self.cursor:
            return Status.SKIPPED if self.status.is_terminal else Status.PENDING
        if self.status is Status.RUNNING:
            return Status.RUNNING if self.run else Status.PENDING
        if self.status is Status.FAILED and self.failure_task is None:
            return Status.SKIPPED
        if self.status is Status.CANCELLED and self.started is None:
            return Status.SKIPPED
        return self.status
