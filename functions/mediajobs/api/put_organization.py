"""PUT /organizations/{id}: what an ADMIN may set of an organization."""

from pydantic import Field

from mediajobs import account_view, answer
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.errors import FieldError, Forbidden, InvalidRequest, NotFound
from mediajobs.organization import Role
from mediajobs.request import Request, Response
from mediajobs.settings import settings
from mediajobs.store import organization, pool
from mediajobs.tools.tool import Model


class Change(Model):
    """What may be set of an organization."""

    default_region: str | None = Field(
        max_length=30,
        examples=["eu-central-1"],
        description="where its jobs run that name no region, with or without `aws:`; it needs a pool there."
        " null leaves it to the deployment",
    )


BODY = Body(Change)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.Organization]:
    """200 with the organization; one that is not the caller's is not found."""
    wanted, roles = request.parameters["id"], request.principal.roles
    if wanted not in roles:
        raise NotFound("There is no such organization")
    if not roles[wanted].allows(Role.ADMIN):
        raise Forbidden(f"This needs the role ADMIN; the key has {roles[wanted]}")
    named = BODY.read(request).default_region
    region = named and named.removeprefix("aws:")
    if region is not None and not (region in settings().regions and pool.find(wanted, region)):
        names = [each.region for each in pool.in_regions(wanted, settings().regions)]
        rule = f"no pool there; the regions with one are: {', '.join(names) or 'none'}"
        raise InvalidRequest("The region cannot be used", fields=[FieldError("/default_region", rule)])
    changed = organization.set_default_region(wanted, region)
    return Response(200, account_view.organization(changed, roles[wanted]))
