"""GET /organizations: the caller's organizations."""

from mediajobs import account_view, answer
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.store import organization


@endpoint
def handler(request: Request) -> Response[answer.Organizations]:
    """200 with each organization in which the key has a role, in the order of their numbers."""
    roles = request.principal.roles
    found = [row for each in roles if (row := organization.find(each))]
    listed = sorted(found, key=lambda row: row.number)
    return Response(200, {"organizations": [account_view.organization(row, roles[row.id]) for row in listed]})
