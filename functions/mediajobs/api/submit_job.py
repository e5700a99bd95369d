"""POST /jobs: submit a job."""

from mediajobs import representation
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.spec import MAX_BODY_BYTES
from mediajobs.submission import submit


@endpoint
def handler(request: Request) -> Response:
    """201 with the job, and where it is."""
    body = request.json(MAX_BODY_BYTES)
    detail = submit(request.principal, body, request.headers.get("idempotency-key"))
    return Response(201, representation.state(detail), {"location": f"/jobs/{detail.job.id}"})
