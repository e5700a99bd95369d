"""What webhooks are told in our own words, as types."""

from typing import Annotated, Literal

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, Id, Time
from mediajobs.answer.announcement import JobStatusChanged, TaskStatusChanged
from mediajobs.answer.job import Job
from mediajobs.message import OfJob, OfTask

_State = Annotated[Job | None, About("as it is now, without links; null where it would be too long")]


class JobNews(JobStatusChanged):
    """What has become of a job."""

    job: _State


class TaskNews(TaskStatusChanged):
    """What has become of a task."""

    job: _State


class Nothing(TypedDict):
    """That the webhook is tried out."""

    time: Time
    webhook_id: Id
    job: None


class JobMessage(TypedDict):
    """Tells of a job."""

    type: OfJob
    timestamp: Time
    data: JobNews


class TaskMessage(TypedDict):
    """Tells of a task: it succeeded, failed, or waits for its next try (pending)."""

    type: OfTask
    timestamp: Time
    data: TaskNews


class Ping(TypedDict):
    """Tells of nothing."""

    type: Literal["webhook.ping"]
    timestamp: Time
    data: Nothing


#: Its `type` says which of them it is.
Message = JobMessage | TaskMessage | Ping
