"""PUT /pools/{region}: how many of the organization's jobs may run at once in a region, and how urgently."""

from pydantic import Field

from mediajobs import answer, representation
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.request import Request, Response
from mediajobs.settings import settings
from mediajobs.store import pool
from mediajobs.timestamp import now
from mediajobs.tools.tool import Model


class Capacity(Model):
    """What may be set of a pool."""

    capacity: int = Field(ge=0, le=pool.MAX_CAPACITY, description="0 stops new jobs from starting")
    max_priority: int | None = Field(
        None,
        ge=0,
        le=pool.MAX_PRIORITY,
        description="the highest priority for submits of any role but ADMIN; left out, it stays as it was",
    )


BODY = Body(Capacity)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.Pool]:
    """200 with the pool, made if there was none."""
    region = request.parameters["region"]
    if region not in settings().regions:
        raise NotFound(f"This service has no such region; it has: {', '.join(settings().regions)}")
    wanted = BODY.read(request)
    caller = request.principal
    changed = pool.set_capacity(
        caller.organization,
        region,
        wanted.capacity,
        at=now(),
        by=caller.key_id,
        max_priority=wanted.max_priority,
    )
    return Response(200, representation.pool(changed))
