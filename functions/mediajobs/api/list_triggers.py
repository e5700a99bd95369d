"""GET /triggers: the organization's triggers."""

from mediajobs import answer, trigger_view
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.store import trigger as triggers


@endpoint
def handler(request: Request) -> Response[answer.Triggers]:
    """200 with all of them, oldest first."""
    found = triggers.every(request.principal.organization)
    return Response(200, {"triggers": [trigger_view.trigger(each) for each in found]})
