"""PUT /webhooks/{id}: change a webhook; what is left out takes its default, its signing secret stays."""

from mediajobs import answer, webhook, webhook_view
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.webhook import WebhookSpec

BODY = Body(
    WebhookSpec,
    16_384,
    example={"url": "https://hooks.example.com/mediajobs", "events": ["job.failed"], "enabled": True},
)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.Webhook]:
    """200 with the webhook as it is now."""
    wanted = BODY.read(request)
    changed = webhook.change(request.principal.organization, request.parameters["id"], wanted)
    return Response(200, webhook_view.webhook(changed))
