"""POST /webhooks: have a URL told of the organization's jobs."""

from mediajobs import answer, webhook, webhook_view
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.header import LOCATION
from mediajobs.request import Request, Response
from mediajobs.webhook import WebhookSpec

BODY = Body(
    WebhookSpec,
    16_384,
    example={"url": "https://hooks.example.com/mediajobs", "events": ["job.success", "job.failed"]},
)


@endpoint(body=BODY, sends=(LOCATION,))
def handler(request: Request) -> Response[answer.MadeWebhook]:
    """201 with the webhook and its signing secret, shown this once; 409 if there are too many."""
    wanted = BODY.read(request)
    caller = request.principal
    made, secret = webhook.create(caller.organization, wanted, by=caller.key_id)
    shown = webhook_view.made_webhook(made, secret)
    return Response(201, shown, {LOCATION.name: request.address(f"/webhooks/{made.id}")})
