"""DELETE /templates/{name}: no job is made of the template any more."""

from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.request import Request, Response
from mediajobs.store import template as templates
from mediajobs.template import is_name


@endpoint
def handler(request: Request) -> Response[None]:
    """204, and the jobs that were made of it stay as they are; its versions can still be read."""
    name = request.parameters["template"]
    if not is_name(name) or not templates.withdraw(request.principal.organization, name):
        raise NotFound("There is no such template")
    return Response(204)
