"""What a submission would make, as a dry run answers it."""

from typing import Annotated, Literal

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About
from mediajobs.answer.job import Job
from mediajobs.answer.pool import WatchedPool


class Check(TypedDict):
    """What can be told of a place that a job names, before there is a job."""

    task: int
    pointer: Annotated[str, About("where the place stands in the body (RFC 6901)")]
    kind: Literal["source", "destination"]
    url: Annotated[str, About("without what may be secret")]
    ok: Annotated[
        bool | None,
        About(
            "whether the source is there and can be read, or the destination can be written; null where only"
            " the transfer itself would tell"
        ),
    ]
    bytes: Annotated[int | None, About("of a source")]
    detail: str


class Checks(TypedDict):
    """What the inspector answers."""

    checks: list[Check]


class TaskEstimate(TypedDict):
    """How long a task will take."""

    task: int
    seconds: Annotated[float | None, About("null if there is nothing that an estimate could rest on")]
    basis: Annotated[str, About("what it rests on, or what is missing")]


class Estimate(TypedDict):
    """How long a job will take once it has started, and its cost: a rule of thumb, no promise."""

    seconds: Annotated[float | None, About("null if that of a task is")]
    cost_usd: Annotated[float | None, About("at list price; null if that of a task is")]
    basis: str
    tasks: list[TaskEstimate]


class Plan(TypedDict):
    """What a submission would make; nothing of it is stored or started."""

    job: Annotated[Job, About("as a submission would answer it; there is no job of this id")]
    region: str
    pool: WatchedPool
    queue_position: Annotated[
        int | None, About("how many jobs would start before it; null if more than 1,000")
    ]
    checks: list[Check]
    estimate: Estimate
