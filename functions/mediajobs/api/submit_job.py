"""POST /jobs: submit a job."""

from dataclasses import dataclass

from mediajobs import answer, representation
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.header import IDEMPOTENCY_KEY, LOCATION
from mediajobs.parameter import Parameters, flag, read
from mediajobs.rehearsal import rehearse
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.spec import JobSpec
from mediajobs.submission import submit

BODY = Body(
    JobSpec,
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
    """201 with the job, and where it is; 200 with its plan if it is a dry run; 409 if a job of the same
    Idempotency-Key has just expired."""
    wanted = read(Wanted, request.query)
    body = request.json(BODY.max_bytes)
    key = request.headers.get(IDEMPOTENCY_KEY.name)
    if wanted.dry_run:
        return Response(200, rehearse(request.principal, body, key))
    detail = submit(request.principal, body, key)
    return Response(
        201, representation.state(detail), {LOCATION.name: request.address(f"/jobs/{detail.job.id}")}
    )
