"""DELETE /triggers/{id}: have an event make no jobs any more."""

from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.identifier import is_id
from mediajobs.request import Request, Response
from mediajobs.store import trigger as triggers


@endpoint
def handler(request: Request) -> Response[None]:
    """204, and the jobs that it has made stay."""
    organization, trigger_id = request.principal.organization, request.parameters["id"]
    if not is_id(trigger_id) or triggers.find(organization, trigger_id) is None:
        raise NotFound("There is no such trigger")
    triggers.delete(organization, trigger_id)
    return Response(204)
