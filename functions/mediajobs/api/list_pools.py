"""GET /pools: the organization's pools."""

from mediajobs import answer, representation
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.settings import settings
from mediajobs.store import pool


@endpoint
def handler(request: Request) -> Response[answer.Pools]:
    """200 with every pool."""
    pools = pool.in_regions(request.principal.organization, settings().regions)
    return Response(200, {"pools": [representation.pool(each) for each in pools]})
