"""GET /organizations/{id}: one of the caller's organizations."""

from mediajobs import account_view, answer
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.request import Request, Response
from mediajobs.store import organization


@endpoint
def handler(request: Request) -> Response[answer.Organization]:
    """200 with the organization; one that is not the caller's is not found."""
    wanted, roles = request.parameters["id"], request.principal.roles
    found = organization.find(wanted) if wanted in roles else None
    if found is None:
        raise NotFound("There is no such organization")
    return Response(200, account_view.organization(found, roles[wanted]))
