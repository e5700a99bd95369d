"""What a caller submits: the spec of a job, its limits, and its check against the tools."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.executor import TERMS, Executor, refusal, time_of
from mediajobs.organization import MAX_NAME
from mediajobs.receiver import MAX_RECEIVERS, Receiver, or_text
from mediajobs.secret_name import Resolve
from mediajobs.tools import catalog
from mediajobs.tools.credential import Reopen, Seal
from mediajobs.tools.tool import Model

MAX_TASKS = 50
MAX_TAGS = 50
#: Of a task in Lambda.
MAX_TASK_SECONDS = TERMS[Executor.LAMBDA].max_seconds or 0
MAX_JOB_SECONDS = 7 * 24 * 3600

M = TypeVar("M", bound=Model)
Tag = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class Retry(Model):
    """When a failed task is tried again."""

    count: int = Field(0, ge=0, le=5, description="how many further tries")
    delay_seconds: int = Field(5, ge=0, le=3600)
    on: list[str] | None = Field(
        None, max_length=20, description="error codes; by default those that a retry can help"
    )

    def covers(self, code: str, *, retryable: bool) -> bool:
        """Whether a task that failed so may be tried again."""
        return retryable if self.on is None else code in self.on


class TaskSpec(Model):
    """One step: a tool and its parameters."""

    tool: str = Field(max_length=64, description="`family:verb`, one of GET /tools")
    parameters: dict[str, Any] = Field(default_factory=dict)
    retry: Retry = Retry()
    executor: Executor = Field(
        Executor.LAMBDA,
        description="who runs it; see docs/executors.md. Default: whom its parameters ask for, else lambda",
    )
    timeout_seconds: int | None = Field(
        None,
        ge=1,
        le=MAX_JOB_SECONDS,
        description=f"by default all that the executor gives: {MAX_TASK_SECONDS} in Lambda, which takes no "
        "more, elsewhere until the job's deadline",
    )


class JobSpec(Model):
    """An ordered list of tasks and where, when and how urgently they run."""

    tasks: list[TaskSpec] = Field(min_length=1, max_length=MAX_TASKS)
    region: str | None = Field(
        None, max_length=32, description="`eu-central-1` or `aws:eu-central-1`; default: the home region"
    )
    priority: int = Field(50, ge=0, le=100, description="higher starts earlier")
    deadline_seconds: int = Field(
        24 * 3600, ge=1, le=MAX_JOB_SECONDS, description="the job fails if it has not ended so long after it"
    )
    tags: list[Tag] = Field(default_factory=list, max_length=MAX_TAGS)
    user_data: str | None = Field(None, max_length=1024)
    bundle_id: str | None = Field(None, max_length=36, description="the bundle it belongs to")
    bundle: str | None = Field(None, max_length=MAX_NAME, description="the same by its name")
    notify: list[Receiver] = Field(
        default_factory=list,
        max_length=MAX_RECEIVERS,
        description="who is told when its status changes",
        json_schema_extra=or_text,
    )


@dataclass(frozen=True)
class CheckedTask:
    """A task whose parameters its tool has accepted; as stored, credentials sealed."""

    tool: str
    worker: str
    parameters: dict[str, Any]
    retry: Retry
    timeout_seconds: int
    executor: Executor = Executor.LAMBDA
    #: The file that it brings into the job, if its tool tells of one; not stored.
    input_name: str | None = None

    def to_row(self) -> dict[str, Any]:
        """As the SPEC row holds it."""
        return {
            "tool": self.tool,
            "worker": self.worker,
            "parameters": self.parameters,
            "retry": self.retry.model_dump(exclude_defaults=True),
            "timeout_seconds": self.timeout_seconds,
            **({} if self.executor is Executor.LAMBDA else {"executor": self.executor.value}),
        }

    @classmethod
    def of(cls, row: dict[str, Any]) -> "CheckedTask":
        """The task of a SPEC row."""
        return cls(
            row["tool"],
            row["worker"],
            row["parameters"],
            Retry.model_validate(row["retry"]),
            row["timeout_seconds"],
            Executor(row.get("executor", Executor.LAMBDA)),
        )


def parse(body: Any) -> JobSpec:
    """A submitted body as a spec. Raises InvalidRequest naming each bad field."""
    return validated(JobSpec, body)


def validated(model: type[M], body: Any) -> M:
    """A body as a model. Raises InvalidRequest naming each bad field."""
    try:
        # By way of JSON, where strict means JSON's own types: "4" is no number, but a list is a tuple.
        return model.model_validate_json(json.dumps(body), strict=True)
    except ValidationError as error:
        raise InvalidRequest("The body breaks a rule", fields=list(_fields(error, ""))) from None


def check(
    spec: JobSpec,
    seal: Seal,
    reopen: Reopen | None = None,
    resolve: Resolve | None = None,
    *,
    executors: Collection[str] = tuple(Executor),
) -> list[CheckedTask]:
    """Every task against its tool and its executor, of those that there are; credentials go through `seal`,
    and sealed ones first through `reopen`; the secrets they name come from `resolve`. Raises InvalidRequest
    naming each bad field of every task."""
    bad: list[FieldError] = []
    checked = []
    for index, task in enumerate(spec.tasks):
        pointer = f"/tasks/{index}"
        tool = catalog.find(task.tool)
        if tool is None:
            bad.append(FieldError(f"{pointer}/tool", "there is no such tool; GET /tools lists them"))
            continue
        try:
            parameters = tool.Parameters.model_validate_json(
                json.dumps(task.parameters), strict=True, context={"reopen": reopen, "resolve": resolve}
            )
        except ValidationError as error:
            bad.extend(_fields(error, f"{pointer}/parameters"))
            continue
        executor, wrong = _executor(task, tool, parameters, spec.deadline_seconds, executors)
        if wrong:
            bad.extend(FieldError(f"{pointer}/{field}", rule) for field, rule in wrong)
            continue
        checked.append(
            CheckedTask(
                tool=task.tool,
                worker=tool.WORKER,
                parameters=parameters.model_dump(mode="json", exclude_defaults=True, context={"seal": seal}),
                retry=task.retry,
                timeout_seconds=time_of(executor, task.timeout_seconds, spec.deadline_seconds),
                executor=executor,
                input_name=catalog.input_name(tool, parameters),
            )
        )
    if bad:
        raise InvalidRequest("A task breaks a rule", fields=bad)
    return checked


def _executor(
    task: TaskSpec, tool: catalog.Tool, parameters: Model, deadline_seconds: int, executors: Collection[str]
) -> tuple[Executor, list[tuple[str, str]]]:
    """Who runs a task, and what of the task stands against that: each field and the rule."""
    asked, field = catalog.executor(tool, parameters), "executor"
    executor = task.executor
    if asked is not None and executor != asked:
        if "executor" in task.model_fields_set:
            return executor, [("executor", f"the parameters ask for {asked}")]
        executor, field = Executor(asked), "parameters/engine"
    if executor not in executors:
        return executor, [(field, f"this deployment has only: {', '.join(sorted(executors))}")]
    found = refusal(executor, task.tool, tool.WORKER, task.timeout_seconds, deadline_seconds)
    if found or executor is not Executor.MEDIACONVERT:
        return executor, [found] if found else []
    source = getattr(parameters, "input", None) or "input"
    refused = catalog.conversion(tool, parameters, source, place=_example, target=_example)[2]
    return executor, [(f"parameters/{each.path}", each.rule) for each in refused]


def _example(name: str) -> str:
    """A URL in the place of one in the job's workspace, which is not known before the task's turn."""
    return f"s3://workspace/{name}"


def _fields(error: ValidationError, prefix: str) -> Iterator[FieldError]:
    for detail in error.errors(include_url=False, include_input=False, include_context=False):
        path = "".join(f"/{_escape(part)}" for part in detail["loc"])
        yield FieldError(prefix + path, detail["msg"].removeprefix("Value error, "))


def _escape(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
