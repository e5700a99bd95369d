"""POST /webhooks/{id}/ping: send a webhook a message that tells of nothing."""

from mediajobs import answer, webhook, webhook_view
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response


@endpoint
def handler(request: Request) -> Response[answer.Delivery]:
    """202 with the delivery of a `webhook.ping`; the list of deliveries says what comes of it."""
    made = webhook.ping(request.principal.organization, request.parameters["id"])
    return Response(202, webhook_view.delivery(made))
