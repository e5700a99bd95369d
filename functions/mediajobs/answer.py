"""What our API answers, as types: checked where an answer is made, described in the API's document."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, NotRequired

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.job import Status
from mediajobs.organization import Role


@dataclass(frozen=True)
class About:
    """What a field means, and its format; only the document looks at it."""

    text: str = ""
    format: str | None = None

    def __get_pydantic_json_schema__(self, core: Any, schema_of: Any) -> dict[str, Any]:
        """The schema of the field's type with both in it."""
        added = {"description": self.text, "format": self.format}
        return {**schema_of(core), **{name: value for name, value in added.items() if value}}


Id = Annotated[str, About(format="uuid")]
Time = Annotated[str, About(format="date-time")]


class FieldProblem(TypedDict):
    """One bad field."""

    pointer: Annotated[
        str, About("an RFC 6901 pointer; of a query parameter or header, `/query/…`, `/headers/…`")
    ]
    detail: Annotated[str, About("the rule that it breaks")]


class Problem(TypedDict):
    """Why a request was refused (RFC 9457)."""

    type: Annotated[str, About("`urn:mediajobs:problem:` and the error's code")]
    title: str
    status: int
    detail: str
    request_id: str
    errors: NotRequired[list[FieldProblem]]


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
    url: NotRequired[Annotated[str, About("a link for 15 minutes; only `GET /jobs/{id}` makes links")]]


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
    status: Status
    progress: Annotated[int, About("percent")]
    tries: int
    started: Time | None
    ended: Time | None
    error: Failure | None
    files: list[File]
    usage: Usage | None
    data: Annotated[dict[str, Any] | None, About("what the tool found; see GET /tools")]


class Job(TypedDict):
    """A whole job."""

    id: Id
    organization_id: Id
    status: Status
    progress: Annotated[int, About("percent")]
    attempt: Annotated[int, About("1, and 1 more with each restart")]
    region: str
    priority: int
    queue_position: Annotated[int | None, About("how many jobs start before it, while it is pending")]
    tags: list[str]
    bundle_id: Id | None
    template_id: Annotated[str | None, About("the template it was made from, and its version: `name@3`")]
    resubmitted_from: Annotated[Id | None, About("the job whose spec it has")]
    input_name: Annotated[str | None, About("the first file it loads")]
    user_data: str | None
    submitted: Time
    started: Time | None
    ended: Time | None
    duration: Annotated[float | None, About("seconds")]
    deadline: Time
    expiry: Annotated[Time | None, About("when the job is forgotten")]
    submitted_by: Annotated[str, About("the id of an API key")]
    error: Failure | None
    tasks: list[Task]


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


class JobRow(TypedDict):
    """A job as a list shows it."""

    id: Id
    status: Status
    attempt: int
    region: str
    priority: int
    tools: list[str]
    submitted: Time
    started: Time | None
    ended: Time | None
    duration: Annotated[float | None, About("seconds")]
    expiry: Time | None
    failure_code: str | None
    tags: list[str]
    bundle_id: Id | None
    template_id: str | None
    input_name: str | None
    user_data: str | None


class Figures(TypedDict):
    """What was consumed."""

    cus: Annotated[float, About("compute units: minutes of a worker with one GB of memory")]
    video_minutes_in: float
    video_minutes_out: float
    gb_in: Annotated[float, About("10^9 bytes")]
    gb_out: float
    cost_usd: Annotated[float, About("an estimate at list price")]


class Metrics(Figures):
    """What a job has consumed."""

    id: Id


class Month(Figures):
    """What was consumed in a month."""

    month: Annotated[str, About("UTC, such as 2026-11")]
    tag: str | None
    jobs: Annotated[int, About("attempts that ended in it")]
    succeeded: int
    failed: int
    cancelled: int


class Months(TypedDict):
    """Months in which anything was consumed."""

    months: list[Month]


NextToken = Annotated[str | None, About("where to go on; null at the end")]


class JobPage(TypedDict):
    """A page of jobs."""

    jobs: list[JobRow]
    next_token: NextToken


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


class Pool(TypedDict):
    """A pool: how many of the organization's jobs may run in a region, how urgently, and how many do."""

    region: str
    capacity: int
    max_priority: int
    running: int


class WatchedPool(Pool):
    """A pool, and how many jobs wait in it."""

    pending: Annotated[int, About("counted up to 1,000")]


class Pools(TypedDict):
    """The organization's pools."""

    pools: list[Pool]


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


class Bundle(TypedDict):
    """A named group of jobs."""

    id: Id
    name: str
    number: Annotated[int, About("counts the organization's bundles from 1")]
    created: Time
    created_by: Annotated[str, About("the id of an API key")]


class CountedBundle(Bundle):
    """A bundle, and how its jobs are."""

    jobs: Annotated[dict[str, int], About("how many of its jobs have each status; may lag a moment")]


class BundlePage(TypedDict):
    """A page of bundles."""

    bundles: list[Bundle]
    next_token: NextToken


class TemplateHead(TypedDict):
    """A template's last version, without its job."""

    name: str
    version: Annotated[int, About("the last one")]
    description: str | None
    updated: Time
    updated_by: Annotated[str, About("the id of an API key")]


class TemplateVersion(TypedDict):
    """A version of a template."""

    id: Annotated[str, About("`name@version`, as its jobs have it")]
    name: str
    version: int
    description: str | None
    parameters: Annotated[dict[str, Any], About("what fills its placeholders, by name")]
    job: Annotated[dict[str, Any], About("the job with its placeholders")]
    created: Time
    created_by: Annotated[str, About("the id of an API key")]
    deleted: Annotated[bool, About("no job is made of it any more")]


class TemplatePage(TypedDict):
    """A page of templates."""

    templates: list[TemplateHead]
    next_token: NextToken


class Organization(TypedDict):
    """An organization, and the caller's role in it."""

    id: Id
    name: str
    number: Annotated[int, About("counts from 1; the first one runs the deployment")]
    created: Time
    role: Role


class MadeOrganization(Organization):
    """An organization that has just been made."""

    api_key: Annotated[str, About("its first ADMIN key, shown this once")]


class Organizations(TypedDict):
    """The caller's organizations."""

    organizations: list[Organization]


class Key(TypedDict):
    """An API key as its organization sees it."""

    id: str
    prefix: Annotated[str, About("how the key begins")]
    user: str
    role: Role
    invitation: bool
    created: Time
    created_by: str
    expires: Time | None
    revoked: Time | None
    replaced_by: str | None


class MadeKey(Key):
    """A key that has just been made."""

    api_key: Annotated[str, About("the key itself, shown this once")]


class KeyPage(TypedDict):
    """A page of keys."""

    keys: list[Key]
    next_token: NextToken


class Tool(TypedDict):
    """A tool that a task can run."""

    name: Annotated[str, About("`family:verb`")]
    description: str
    worker: Literal["storage", "media"]
    parameters: Annotated[dict[str, Any], About("the JSON Schema of its parameters")]


class Tools(TypedDict):
    """The tools there are."""

    tools: list[Tool]


#: An OpenAPI document.
Document = dict[str, Any]


class Html(str):
    """A page."""

    __slots__ = ()
