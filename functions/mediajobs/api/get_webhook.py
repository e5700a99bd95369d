"""GET /webhooks/{id}: one webhook."""

from mediajobs import answer, webhook_view
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.identifier import is_id
from mediajobs.request import Request, Response
from mediajobs.store import webhook as webhooks


@endpoint
def handler(request: Request) -> Response[answer.Webhook]:
    """200 with the webhook, without its secrets."""
    name = request.parameters["id"]
    found = webhooks.find(request.principal.organization, name) if is_id(name) else None
    if found is None:
        raise NotFound("There is no such webhook")
    return Response(200, webhook_view.webhook(found))
