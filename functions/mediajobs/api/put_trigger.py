"""PUT /triggers/{id}: change a trigger; what is left out takes its default."""

from mediajobs import answer, trigger, trigger_view
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.trigger import TriggerSpec

BODY = Body(
    TriggerSpec,
    65_536,
    example={
        "name": "orders of the shop",
        "pattern": {"source": ["shop"]},
        "template": "proxy",
        "parameters": {"source": "${detail.url}"},
        "enabled": False,
    },
)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.Trigger]:
    """200 with the trigger as it is now; jobs that it has made stay."""
    wanted = BODY.read(request)
    changed = trigger.change(request.principal.organization, request.parameters["id"], wanted)
    return Response(200, trigger_view.trigger(changed))
