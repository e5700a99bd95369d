"""POST /webhooks/{id}/deliveries/{delivery}/redeliver: try a delivery again from the first try on."""

from mediajobs import answer, webhook, webhook_view
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response


@endpoint
def handler(request: Request) -> Response[answer.Delivery]:
    """202 with the delivery, under the same message id; 409 while it is still being tried."""
    names = request.parameters
    again = webhook.redeliver(request.principal.organization, names["id"], names["delivery"])
    return Response(202, webhook_view.delivery(again))
