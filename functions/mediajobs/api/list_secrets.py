"""GET /secrets: the organization's named secrets."""

from mediajobs import answer, secret_view
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.store import named_secret as secrets


@endpoint
def handler(request: Request) -> Response[answer.NamedSecrets]:
    """200 with all of them by name, and no values."""
    found = secrets.every(request.principal.organization)
    return Response(200, {"secrets": [secret_view.named_secret(each) for each in found]})
