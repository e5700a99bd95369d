"""Cancelling the job that a request names."""

from mediajobs.errors import Conflict
from mediajobs.lookup import found
from mediajobs.request import Request
from mediajobs.store import decision
from mediajobs.store import job as jobs
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import now


def cancel(request: Request) -> None:
    """End the job `{id}`, which is pending or running. Raises NotFound; Conflict if it has ended."""
    while True:
        job = found(request, jobs.find)
        if job.status.is_terminal:
            raise Conflict(f"The job is {job.status}; only a pending or running job can be cancelled")
        try:
            decision.cancel(job, at=now(), by=request.principal.key_id)
        except ConditionFailed:
            continue
        return
