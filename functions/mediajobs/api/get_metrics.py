"""GET /jobs/{id}/metrics: what a job has consumed."""

from mediajobs import answer, representation
from mediajobs.endpoint import endpoint
from mediajobs.errors import Conflict
from mediajobs.lookup import found
from mediajobs.request import Request, Response
from mediajobs.store import job as jobs


@endpoint
def handler(request: Request) -> Response[answer.Metrics]:
    """200 with the figures of the last attempt; 409 while it has not ended."""
    job = found(request, jobs.find)
    if not job.status.is_terminal:
        raise Conflict(f"The job is {job.status}; its figures are there when it has ended")
    return Response(200, {"id": job.id, **representation.figures(job.consumed, 1)})
