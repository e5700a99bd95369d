"""What stands on the event bus, as types: the details of its events."""

from typing import Annotated, Literal

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, Id, Time

_Reason = Annotated[str | None, About("why, in words; of a failure its code, a colon and its message")]


class Announcement(TypedDict):
    """What every event tells."""

    version: Annotated[Literal["1"], About("of this schema; a change that breaks subscribers raises it")]
    organization_id: Id
    job_id: Id
    region: Annotated[str, About("where the job runs")]
    attempt: Annotated[int, About("1, and 1 more with each restart")]
    sequence: Annotated[int, About("of the event in the job's log; the same event is told under the same")]
    time: Time


class JobStatusChanged(Announcement):
    """The detail of `Job Status Changed`."""

    status: Literal["Pending", "Running", "Success", "Cancelled", "Failed"]
    reason: _Reason


class TaskStatusChanged(Announcement):
    """The detail of `Task Status Changed`: a task succeeded, failed, or waits for its next try (Pending)."""

    task: Annotated[int, About("its index, from 0")]
    status: Literal["Pending", "Success", "Failed"]
    reason: _Reason


#: The details by their detail-type.
ANNOUNCEMENTS: dict[str, type[Announcement]] = {
    "Job Status Changed": JobStatusChanged,
    "Task Status Changed": TaskStatusChanged,
}
