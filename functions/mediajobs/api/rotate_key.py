"""POST /keys/{id}/rotate: a new key in a key's place, while the old one stays valid for a while."""

from pydantic import Field

from mediajobs import account_view, answer
from mediajobs.api_key import is_key_id
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.request import Request, Response
from mediajobs.store import account
from mediajobs.timestamp import SECOND, now
from mediajobs.tools.tool import Model

DEFAULT_OVERLAP_SECONDS = 24 * 3600
MAX_OVERLAP_SECONDS = 7 * 24 * 3600


class Rotation(Model):
    """How long both keys are valid."""

    overlap_seconds: int = Field(
        DEFAULT_OVERLAP_SECONDS, ge=0, le=MAX_OVERLAP_SECONDS, description="the old key ends so long after it"
    )


BODY = Body(Rotation, is_optional=True)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.MadeKey]:
    """201 with the new key, shown this once: of the same user, roles and expiry; 409 for a key that was
    rotated already or has ended."""
    wanted = BODY.read(request)
    key_id = request.parameters["id"]
    if not is_key_id(key_id):
        raise NotFound("There is no such key")
    overlap = wanted.overlap_seconds * SECOND
    key, member = account.rotate(request.principal, key_id, at=now(), overlap=overlap)
    return Response(201, account_view.new_key(key, member))
