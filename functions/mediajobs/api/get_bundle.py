"""GET /bundles/{id}: a bundle, and how its jobs are."""

from mediajobs import answer, representation
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.request import Request, Response
from mediajobs.store import bundle
from mediajobs.timestamp import now


@endpoint
def handler(request: Request) -> Response[answer.CountedBundle]:
    """200 with the bundle and how many of its jobs have each status."""
    organization = request.principal.organization
    found = bundle.find(organization, request.parameters["id"])
    if found is None:
        raise NotFound("There is no such bundle")
    counts = bundle.counts(organization, found.id, now())
    return Response(200, representation.counted_bundle(found, counts))
