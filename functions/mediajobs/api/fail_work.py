"""POST /work/{work}/failure: give a task back, with what went wrong."""

from typing import Annotated

from pydantic import Field, StringConstraints

from mediajobs import outside
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.tools.tool import Model


class Fault(Model):
    """Why the task has failed."""

    code: Annotated[str, StringConstraints(pattern="^[A-Za-z]{1,40}$")] | None = Field(
        None, description="stable; null where the worker only stops, such as after a heartbeat's 404"
    )
    message: str = Field("", max_length=1000)
    retryable: bool = False


BODY = Body(Fault, 8192)


@endpoint(body=BODY)
def handler(request: Request) -> Response[None]:
    """204, and the task is tried again if its policy says so, else the job fails; its files are removed."""
    organization, token = request.principal.organization, request.parameters["work"]
    fault = BODY.read(request)
    outside.give_back(organization, token, fault.code, fault.message, retryable=fault.retryable)
    return Response(204)
