"""POST /webhooks/{id}/rotate: a new signing secret, while the old one stays valid for a while."""

from pydantic import Field

from mediajobs import answer, webhook, webhook_view
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.timestamp import SECOND
from mediajobs.tools.tool import Model

DEFAULT_OVERLAP_SECONDS = 24 * 3600
MAX_OVERLAP_SECONDS = 7 * 24 * 3600


class SecretRotation(Model):
    """How long both secrets are valid."""

    overlap_seconds: int = Field(
        DEFAULT_OVERLAP_SECONDS,
        ge=0,
        le=MAX_OVERLAP_SECONDS,
        description="messages carry a signature by the old secret too for so long",
    )


BODY = Body(SecretRotation, is_optional=True)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.MadeWebhook]:
    """201 with the new secret, shown this once; a secret before the last one is valid no more."""
    wanted = BODY.read(request)
    organization, webhook_id = request.principal.organization, request.parameters["id"]
    changed, secret = webhook.rotate(organization, webhook_id, overlap=wanted.overlap_seconds * SECOND)
    return Response(201, webhook_view.made_webhook(changed, secret))
