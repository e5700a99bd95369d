"""DELETE /keys/{id}: a key has no role in the organization any more, within a minute."""

from mediajobs.api_key import is_key_id
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.request import Request, Response
from mediajobs.store import account
from mediajobs.timestamp import now


@endpoint
def handler(request: Request) -> Response[None]:
    """204, also again; 409 for the last ADMIN key of the organization that does not expire."""
    key_id = request.parameters["id"]
    if not is_key_id(key_id):
        raise NotFound("There is no such key")
    account.revoke(request.principal.organization, key_id, at=now())
    return Response(204)
