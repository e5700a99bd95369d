"""PUT /pools/{region}: how many of the organization's jobs may run at once in a region."""

from pydantic import Field

from mediajobs import representation
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.request import Request, Response
from mediajobs.settings import settings
from mediajobs.spec import validated
from mediajobs.store import pool
from mediajobs.timestamp import now
from mediajobs.tools.tool import Model


class Capacity(Model):
    """What may be set of a pool."""

    capacity: int = Field(ge=0, le=pool.MAX_CAPACITY, description="0 stops new jobs from starting")


@endpoint
def handler(request: Request) -> Response:
    """200 with the pool, made if there was none."""
    region = request.parameters["region"]
    if region not in settings().regions:
        raise NotFound(f"This service has no such region; it has: {', '.join(settings().regions)}")
    wanted = validated(Capacity, request.json(1024))
    caller = request.principal
    changed = pool.set_capacity(caller.organization, region, wanted.capacity, at=now(), by=caller.key_id)
    return Response(200, representation.pool(changed))
