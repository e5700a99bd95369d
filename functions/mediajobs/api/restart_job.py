"""POST /jobs/{id}/restart: run a job that has ended again, under its own id."""

from typing import Literal

from pydantic import Field

from mediajobs import answer, representation
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.header import IDEMPOTENCY_KEY
from mediajobs.idempotency import replay_of
from mediajobs.lookup import found
from mediajobs.request import Request, Response
from mediajobs.restart import restart
from mediajobs.store import job as jobs
from mediajobs.tools.tool import Model


class Restart(Model):
    """Where to begin."""

    start_at: Literal["first", "failed"] = Field(
        "first",
        description="`failed` goes on at the first task that did not succeed, with the earlier results",
    )


BODY = Body(Restart, is_optional=True)


@endpoint(body=BODY, reads=(IDEMPOTENCY_KEY,))
def handler(request: Request) -> Response[answer.Job]:
    """202 with the job, pending again, or as it is by now if the Idempotency-Key has restarted it before; 409
    while it has not ended."""
    start_at = BODY.read(request).start_at
    caller = request.principal
    asked = ["restart", request.parameters["id"], start_at]
    restart(
        lambda: found(request, jobs.find),
        by=caller.key_id,
        from_failed=start_at == "failed",
        replay=replay_of(caller.organization, asked, request.headers.get(IDEMPOTENCY_KEY.name)),
    )
    return Response(202, representation.state(found(request, jobs.detail)))
