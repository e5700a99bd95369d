"""GET /webhooks: the organization's webhooks."""

from mediajobs import answer, webhook_view
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.store import webhook as webhooks


@endpoint
def handler(request: Request) -> Response[answer.Webhooks]:
    """200 with all of them, oldest first."""
    found = webhooks.every(request.principal.organization)
    return Response(200, {"webhooks": [webhook_view.webhook(each) for each in found]})
