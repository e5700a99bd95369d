"""POST /jobs/{id}/cancel: end a job that is pending or running."""

from mediajobs import answer, representation
from mediajobs.endpoint import endpoint
from mediajobs.errors import Conflict
from mediajobs.lookup import found
from mediajobs.request import Request, Response
from mediajobs.store import decision
from mediajobs.store import job as jobs
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import now


@endpoint
def handler(request: Request) -> Response[answer.Job]:
    """200 with the cancelled job; 409 if it has ended."""
    while True:
        job = found(request, jobs.find)
        if job.status.is_terminal:
            raise Conflict(f"The job is {job.status}; only a pending or running job can be cancelled")
        try:
            decision.cancel(job, at=now(), by=request.principal.key_id)
        except ConditionFailed:
            continue
        return Response(200, representation.state(found(request, jobs.detail)))
