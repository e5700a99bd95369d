"""POST /jobs/{id}/cancel: end a job that is pending or running."""

from mediajobs import answer, representation
from mediajobs.cancellation import cancel
from mediajobs.endpoint import endpoint
from mediajobs.lookup import found
from mediajobs.request import Request, Response
from mediajobs.store import job as jobs


@endpoint
def handler(request: Request) -> Response[answer.Job]:
    """200 with the cancelled job; 409 if it has ended."""
    cancel(request)
    return Response(200, representation.state(found(request, jobs.detail)))
