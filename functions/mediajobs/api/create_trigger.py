"""POST /triggers: have an event make jobs of a template."""

from mediajobs import answer, trigger, trigger_view
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.header import LOCATION
from mediajobs.request import Request, Response
from mediajobs.trigger import TriggerSpec

BODY = Body(
    TriggerSpec,
    65_536,
    example={
        "name": "orders of the shop",
        "pattern": {"source": ["shop"], "detail-type": ["Film Delivered"]},
        "template": "proxy",
        "parameters": {"source": "${detail.url}"},
    },
)


@endpoint(body=BODY, sends=(LOCATION,))
def handler(request: Request) -> Response[answer.Trigger]:
    """201 with the trigger; 409 if there are too many."""
    wanted = BODY.read(request)
    caller = request.principal
    made = trigger.create(caller.organization, wanted, by=caller.key_id)
    return Response(201, trigger_view.trigger(made), {LOCATION.name: request.address(f"/triggers/{made.id}")})
