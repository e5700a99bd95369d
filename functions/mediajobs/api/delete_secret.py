"""DELETE /secrets/{secret}: no job that is submitted from now on can name the secret."""

from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.request import Request, Response
from mediajobs.secret_name import is_name
from mediajobs.store import named_secret as secrets


@endpoint
def handler(request: Request) -> Response[None]:
    """204, and jobs that were submitted before keep what they were given."""
    organization, name = request.principal.organization, request.parameters["secret"]
    if not is_name(name) or secrets.find(organization, name) is None:
        raise NotFound("There is no such secret")
    secrets.delete(organization, name)
    return Response(204)
