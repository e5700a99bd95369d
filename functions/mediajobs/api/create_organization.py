"""POST /organizations: make an organization; only an ADMIN of the operator, the first organization, may."""

from pydantic import Field

from mediajobs import account_view, answer
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.errors import Forbidden
from mediajobs.header import LOCATION
from mediajobs.name import Name
from mediajobs.organization import Role
from mediajobs.request import Request, Response
from mediajobs.store import account, organization
from mediajobs.timestamp import now
from mediajobs.tools.tool import Model


class NewOrganization(Model):
    """An organization and its first user."""

    name: Name = Field(description="unique in the deployment, whatever its case; it stays")
    admin_user: Name = Field(description="whom the first ADMIN key belongs to, such as an e-mail address")


BODY = Body(NewOrganization)


@endpoint(body=BODY, sends=(LOCATION,))
def handler(request: Request) -> Response[answer.MadeOrganization]:
    """201 with the organization and its first ADMIN key, shown this once; 409 if the name is taken."""
    caller = request.principal
    own = organization.find(caller.organization)
    if own is None or not own.is_operator:
        raise Forbidden("Only an ADMIN of the deployment's first organization makes organizations")
    wanted = BODY.read(request)
    made, key = account.create_organization(wanted.name, wanted.admin_user, at=now(), by=caller.key_id)
    body: answer.MadeOrganization = {**account_view.organization(made, Role.ADMIN), "api_key": key.text}
    return Response(201, body, {LOCATION.name: f"/organizations/{made.id}"})
