"""What has happened to a job, as our API answers it: its events and its log."""

from typing import Annotated

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, NextToken, Time
from mediajobs.job import Status


class Event(TypedDict):
    """An entry of a job's event log."""

    sequence: Annotated[int, About("counts from 1 without a gap")]
    attempt: int
    time: Time
    by: Annotated[str, About("the id of an API key, or the part of the service")]
    status: Annotated[Status, About("the job's status after it")]
    task: int | None
    task_status: Status | None
    reason: str | None


class EventPage(TypedDict):
    """A page of events."""

    events: list[Event]


class LogLine(TypedDict):
    """A line of a task's log."""

    timestamp: Time
    level: str
    message: str


class LogPage(TypedDict):
    """A page of a log."""

    logs: list[LogLine]
    next_token: NextToken
