"""POST /jobs/{id}/resubmit: a new job from the spec of another one, with a patch to it."""

from typing import Any

from pydantic import Field

from mediajobs import answer, representation
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.header import IDEMPOTENCY_KEY, LOCATION
from mediajobs.identifier import is_id
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.resubmission import resubmit
from mediajobs.tools.tool import Model


class Resubmission(Model):
    """What is to be different."""

    patch: dict[str, Any] | None = Field(
        None,
        description="a JSON Merge Patch (RFC 7396) over the job as it was submitted; `credentials` that show"
        " as `sealed` may stay with a URL of the same scheme, host and port, or of the same bucket",
    )


BODY = Body(Resubmission, MAX_BODY_BYTES, is_optional=True)


@endpoint(body=BODY, reads=(IDEMPOTENCY_KEY,), sends=(LOCATION,))
def handler(request: Request) -> Response[answer.Job]:
    """201 with the new job, and where it is; 409 if a request of the same Idempotency-Key is being
    answered, or its job has just expired."""
    wanted = BODY.read(request)
    job_id = request.parameters["id"]
    if not is_id(job_id):
        raise NotFound("There is no such job")
    key = request.headers.get(IDEMPOTENCY_KEY.name)
    detail = resubmit(request.principal, job_id, wanted.patch, key)
    return Response(
        201, representation.state(detail), {LOCATION.name: request.address(f"/jobs/{detail.job.id}")}
    )
