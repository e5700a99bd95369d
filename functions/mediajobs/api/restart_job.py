"""POST /jobs/{id}/restart: run a job that has ended again, under its own id."""

from typing import Literal

from pydantic import Field

from mediajobs import answer, representation
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.errors import Conflict
from mediajobs.lookup import found
from mediajobs.request import Request, Response
from mediajobs.store import decision
from mediajobs.store import job as jobs
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import SECOND, now
from mediajobs.tools.tool import Model


class Restart(Model):
    """Where to begin."""

    start_at: Literal["first", "failed"] = Field(
        "first",
        description="`failed` goes on at the first task that did not succeed, with the earlier results",
    )


BODY = Body(Restart, is_optional=True)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.Job]:
    """202 with the job, pending again; 409 while it has not ended."""
    wanted = BODY.read(request)
    while True:
        job = found(request, jobs.find)
        if not job.status.is_terminal:
            raise Conflict(f"The job is {job.status}; only a job that has ended can be restarted")
        at = now()
        seconds = jobs.spec(job.organization, job.id)["deadline_seconds"]
        deadline = at + seconds * SECOND
        first = min(job.cursor, job.task_count - 1) if wanted.start_at == "failed" else 0
        jobs.extend(job, deadline)
        try:
            decision.restart(job, at=at, by=request.principal.key_id, deadline=deadline, first=first)
        except ConditionFailed:
            continue
        return Response(202, representation.state(found(request, jobs.detail)))
