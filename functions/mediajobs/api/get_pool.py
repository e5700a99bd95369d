"""GET /pools/{region}: one of the organization's pools, and how many jobs wait there."""

from mediajobs import answer, representation
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.request import Request, Response
from mediajobs.settings import settings
from mediajobs.store import pool

#: Pending jobs are counted up to this many.
MAX_COUNT = 1000


@endpoint
def handler(request: Request) -> Response[answer.WatchedPool]:
    """200 with the pool; `pending` stops counting at 1,000."""
    organization, known = request.principal.organization, settings().regions
    region = request.parameters["region"]
    found = pool.find(organization, region) if region in known else None
    if found is None:
        names = [each.region for each in pool.in_regions(organization, known)]
        raise NotFound(f"There is no pool in this region; there is one in: {', '.join(names) or 'none'}")
    pending = len(pool.pending(organization, region, MAX_COUNT))
    return Response(200, {**representation.pool(found), "pending": pending})
