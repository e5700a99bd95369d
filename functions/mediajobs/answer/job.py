"""Jobs, their tasks and lists of them, as our API answers them."""

from typing import Annotated, Any, NotRequired

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, Id, NextToken, Time
from mediajobs.job import Status


class Failure(TypedDict):
    """Why a job or a task failed."""

    code: Annotated[str, About("stable; a retry policy may name it")]
    message: str
    retryable: bool
    task: Annotated[int | None, About("the index of the task to blame")]


class File(TypedDict):
    """A file that a task has made."""

    name: str
    size: Annotated[int, About("bytes")]
    content_type: str
    url: NotRequired[
        Annotated[
            str,
            About("a link for 15 minutes; only `GET /jobs/{id}` makes links, as many as fit into an answer"),
        ]
    ]


class RetryPolicy(TypedDict):
    """When the task is tried again."""

    count: int
    delay_seconds: int
    on: list[str] | None


class Usage(TypedDict):
    """What a task has consumed and made."""

    seconds_in: float
    seconds_out: float
    bytes_in: int
    bytes_out: int


class Task(TypedDict):
    """A task of a job, and how far it is."""

    index: int
    number: Annotated[int, About("unique within the job, and below 2**53")]
    tool: str
    parameters: Annotated[dict[str, Any], About("as submitted, without secrets")]
    retry: RetryPolicy
    timeout_seconds: int
    executor: Annotated[str, About("who runs it")]
    status: Status
    progress: Annotated[int, About("percent")]
    tries: int
    started: Time | None
    ended: Time | None
    error: Failure | None
    files: list[File]
    usage: Usage | None
    data: Annotated[
        dict[str, Any] | None,
        About("what the tool found, see GET /tools; null, too, in a job too large for an answer"),
    ]


class ShownReceiver(TypedDict):
    """Who is told of the job."""

    url: Annotated[str, About("without what may be secret")]
    on: Annotated[list[str], About("the statuses that it is told of")]
    format: str
    credentials: Annotated[dict[str, str] | None, About("`sealed`, if it was given any")]


class JobHead(TypedDict):
    """What a list and the whole job both show."""

    id: Id
    status: Status
    attempt: Annotated[int, About("1, and 1 more with each restart")]
    region: str
    priority: int
    submitted: Time
    started: Time | None
    ended: Time | None
    duration: Annotated[float | None, About("seconds")]
    expiry: Annotated[Time | None, About("when the job is forgotten")]
    tags: list[str]
    bundle_id: Id | None
    template_id: Annotated[str | None, About("the template it was made from, and its version: `name@3`")]
    input_name: Annotated[str | None, About("the first file it loads")]
    user_data: str | None


class Job(JobHead):
    """A whole job."""

    organization_id: Id
    progress: Annotated[int, About("percent")]
    queue_position: Annotated[int | None, About("how many jobs start before it, while it is pending")]
    resubmitted_from: Annotated[Id | None, About("the job whose spec it has")]
    deadline: Time
    submitted_by: Annotated[str, About("the id of an API key, or `trigger:` and the id of a trigger")]
    error: Failure | None
    notify: list[ShownReceiver]
    tasks: list[Task]


class JobRow(JobHead):
    """A job as a list shows it."""

    tools: list[str]
    failure_code: str | None


class JobPage(TypedDict):
    """A page of jobs."""

    jobs: list[JobRow]
    next_token: NextToken
