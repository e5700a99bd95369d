"""POST /jobs: submit a job."""

from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, Field

from mediajobs import answer, representation
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.header import IDEMPOTENCY_KEY, LOCATION
from mediajobs.parameter import Parameters, flag, read
from mediajobs.rehearsal import rehearse
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.spec import MAX_TASKS, JobSpec, TaskSpec
from mediajobs.submission import submit
from mediajobs.template import NAME


class JobOrder(JobSpec):
    """A list of tasks, or a template to make them of, and where, when and how urgently they run."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["tasks"]}, {"required": ["template"]}]}
    )

    tasks: list[TaskSpec] = Field(default_factory=list, min_length=1, max_length=MAX_TASKS)
    template: str = Field(
        "",
        pattern=rf"^{NAME}(@[1-9][0-9]{{0,5}})?$",
        description="`name`, for its last version, or `name@version`",
    )
    parameters: dict[str, Any] = Field(
        default_factory=dict, description="of the template; only together with one"
    )


BODY = Body(
    JobOrder,
    MAX_BODY_BYTES,
    example={
        "tasks": [
            {
                "tool": "storage:get",
                "parameters": {"sources": [{"url": "https://media.example.com/in.mp4", "name": "in.mp4"}]},
            },
            {"tool": "media:probe", "parameters": {"input": "in.mp4"}},
        ],
        "tags": ["demo"],
    },
)


@dataclass(frozen=True)
class Wanted(Parameters):
    """Whether it is meant."""

    dry_run: bool = flag("check everything and answer the plan; nothing is stored or started")


@endpoint(query=Wanted, body=BODY, reads=(IDEMPOTENCY_KEY,), sends=(LOCATION,))
def handler(request: Request) -> Response[answer.Job] | Response[answer.Plan]:
    """201 with the job, and where it is; 200 with its plan if it is a dry run; 409 if a request of the
    same Idempotency-Key is being answered, or its job has just expired."""
    wanted = read(Wanted, request.query)
    body = request.json(BODY.max_bytes)
    key = request.headers.get(IDEMPOTENCY_KEY.name)
    if wanted.dry_run:
        return Response(200, rehearse(request.principal, body, key))
    detail = submit(request.principal, body, key)
    return Response(
        201, representation.state(detail), {LOCATION.name: request.address(f"/jobs/{detail.job.id}")}
    )
