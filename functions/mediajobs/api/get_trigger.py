"""GET /triggers/{id}: one trigger."""

from mediajobs import answer, trigger_view
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.identifier import is_id
from mediajobs.request import Request, Response
from mediajobs.store import trigger as triggers


@endpoint
def handler(request: Request) -> Response[answer.Trigger]:
    """200 with the trigger."""
    name = request.parameters["id"]
    found = triggers.find(request.principal.organization, name) if is_id(name) else None
    if found is None:
        raise NotFound("There is no such trigger")
    return Response(200, trigger_view.trigger(found))
