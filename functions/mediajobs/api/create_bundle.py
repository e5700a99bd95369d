"""POST /bundles: make a bundle, a named group of jobs."""

from pydantic import Field

from mediajobs import answer, representation
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.header import LOCATION
from mediajobs.name import Name
from mediajobs.request import Request, Response
from mediajobs.store import bundle
from mediajobs.timestamp import now
from mediajobs.tools.tool import Model


class NewBundle(Model):
    """What a bundle is made of."""

    name: Name = Field(description="unique in the organization")


BODY = Body(NewBundle)


@endpoint(body=BODY, sends=(LOCATION,))
def handler(request: Request) -> Response[answer.Bundle]:
    """201 with the bundle; 409 if the organization has one of this name."""
    wanted = BODY.read(request)
    caller = request.principal
    made = bundle.create(caller.organization, wanted.name, at=now(), by=caller.key_id)
    return Response(201, representation.bundle(made), {LOCATION.name: request.address(f"/bundles/{made.id}")})
