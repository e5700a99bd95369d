"""POST /organizations/join: accept an invitation, for a role in one more organization."""

from pydantic import Field

from mediajobs import account_view, answer
from mediajobs.api_key import ApiKey
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.store import account, organization
from mediajobs.timestamp import now
from mediajobs.tools.tool import Model


class Invitation(Model):
    """What an ADMIN of the other organization has made and handed over."""

    invitation: str = Field(
        max_length=256, description="the `api_key` of `POST /keys` with `invitation: true`"
    )


BODY = Body(Invitation)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.Organization]:
    """200 with the organization; the calls of the key name the one that they are about from now on;
    409 if it has a role there already, has been replaced, or has roles in too many."""
    wanted = BODY.read(request)
    member = account.join(request.principal, ApiKey.parse(wanted.invitation), at=now())
    found = organization.find(member.organization)
    if found is None:
        raise LookupError(f"there is no organization {member.organization}")
    return Response(200, account_view.organization(found, member.role))
