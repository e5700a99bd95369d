"""DELETE /webhooks/{id}: tell a URL nothing any more."""

from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.identifier import is_id
from mediajobs.request import Request, Response
from mediajobs.store import webhook as webhooks


@endpoint
def handler(request: Request) -> Response[None]:
    """204, and what it is still owed is not delivered."""
    organization, webhook_id = request.principal.organization, request.parameters["id"]
    if not is_id(webhook_id) or webhooks.find(organization, webhook_id) is None:
        raise NotFound("There is no such webhook")
    webhooks.delete(organization, webhook_id)
    return Response(204)
