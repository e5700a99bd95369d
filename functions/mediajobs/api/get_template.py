"""GET /templates/{name}: a template."""

from dataclasses import dataclass

from mediajobs import answer, representation
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.parameter import Parameters, number, read
from mediajobs.request import Request, Response
from mediajobs.store import template as templates
from mediajobs.template import is_name


@dataclass(frozen=True)
class Wanted(Parameters):
    """Which version."""

    version: int = number("which version; 0 is the last one", default=0, lowest=0, highest=999_999)


@endpoint(query=Wanted)
def handler(request: Request) -> Response[answer.TemplateVersion]:
    """200 with a version of the template; one of a deleted template only if it is named, as its jobs do."""
    wanted = read(Wanted, request.query)
    organization, name = request.principal.organization, request.parameters["template"]
    head = templates.head(organization, name) if is_name(name) else None
    if head is not None and (wanted.version or head.is_live):
        number = wanted.version or head.version
        found = templates.version(organization, name, number)
        if found is not None:
            return Response(200, representation.template(found, is_live=number > head.withdrawn))
    raise NotFound("There is no such template")
