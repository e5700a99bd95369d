"""POST /work/{work}/heartbeat: say that a task is still being worked on."""

from typing import Annotated

from pydantic import Field, StringConstraints

from mediajobs import answer, outside
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.timestamp import to_text
from mediajobs.tools.tool import Model

Line = Annotated[str, StringConstraints(max_length=4096)]


class Heartbeat(Model):
    """How far the task is, and what its tool has said."""

    progress: int | None = Field(None, ge=0, le=99, description="percent")
    lines: list[Line] = Field(default_factory=list, max_length=500, description="of the task's log")


BODY = Body(Heartbeat, MAX_BODY_BYTES, is_optional=True)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.Lease]:
    """200 with the time until which the worker holds it; 404 means that it must stop at once: the job was
    cancelled, or the task was given to another."""
    work = outside.held(request.principal.organization, request.parameters["work"])
    said = BODY.read(request)
    until = outside.keep(work, said.progress)
    outside.say(work, said.lines)
    return Response(200, {"held_until": to_text(until)})
