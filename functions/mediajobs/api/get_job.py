"""GET /jobs/{id}: a job, its tasks, how far it is and what it made."""

from mediajobs import representation
from mediajobs.endpoint import endpoint
from mediajobs.lookup import found
from mediajobs.request import Request, Response
from mediajobs.store import job as jobs


@endpoint
def handler(request: Request) -> Response:
    """200 with the job."""
    return Response(200, representation.job(found(request, jobs.detail)))
