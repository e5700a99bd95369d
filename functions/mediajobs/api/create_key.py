"""POST /keys: make a key for a user of the organization, or an invitation."""

from pydantic import AwareDatetime, Field

from mediajobs import account_view, answer
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.name import Name
from mediajobs.organization import Role
from mediajobs.request import Request, Response
from mediajobs.store import account
from mediajobs.timestamp import now
from mediajobs.tools.tool import Model


class NewKey(Model):
    """Whom a key is for and what it may do."""

    user: Name = Field(description="whom it belongs to, such as an e-mail address")
    role: Role
    expires: AwareDatetime | None = Field(None, description="an RFC 3339 time; by default never")
    invitation: bool = Field(
        False, description="can do nothing but give a key of another organization this role here, once"
    )


BODY = Body(NewKey)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.MadeKey]:
    """201 with the key, shown this once."""
    wanted = BODY.read(request)
    caller, at = request.principal, now()
    expires = None if wanted.expires is None else round(wanted.expires.timestamp() * 1000)
    if expires is not None and expires <= at:
        rule = FieldError("/expires", "a time in the future")
        raise InvalidRequest("The key would have expired", fields=[rule])
    key, member = account.create_key(
        caller.organization,
        wanted.role,
        user=wanted.user,
        by=caller.key_id,
        at=at,
        expires=expires,
        invitation=wanted.invitation,
    )
    return Response(201, account_view.new_key(key, member))
