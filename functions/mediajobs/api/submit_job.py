"""POST /jobs: submit a job."""

from mediajobs import answer, representation
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.header import IDEMPOTENCY_KEY, LOCATION
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


@endpoint(body=BODY, reads=(IDEMPOTENCY_KEY,), sends=(LOCATION,))
def handler(request: Request) -> Response[answer.Job]:
    """201 with the job, and where it is; 409 if a job of the same Idempotency-Key has just expired."""
    body = request.json(BODY.max_bytes)
    detail = submit(request.principal, body, request.headers.get(IDEMPOTENCY_KEY.name))
    return Response(
        201, representation.state(detail), {LOCATION.name: request.address(f"/jobs/{detail.job.id}")}
    )
