"""GET /webhooks/{id}/deliveries: what a webhook was told, or could not be told."""

from mediajobs import answer
from mediajobs.delivery_page import Wanted, page
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.header import LINK
from mediajobs.identifier import is_id
from mediajobs.request import Request, Response
from mediajobs.store import webhook as webhooks
from mediajobs.table import webhook_key


@endpoint(query=Wanted, sends=(LINK,))
def handler(request: Request) -> Response[answer.DeliveryPage]:
    """200 with a page of deliveries of the last 31 days, latest first; `next_token` and the Link header lead
    on."""
    organization, webhook_id = request.principal.organization, request.parameters["id"]
    if not is_id(webhook_id) or webhooks.find(organization, webhook_id) is None:
        raise NotFound("There is no such webhook")
    return page(request, webhook_key(organization, webhook_id))
