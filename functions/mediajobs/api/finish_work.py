"""POST /work/{work}/result: hand in what a task has made."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from mediajobs import outcome, outside
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.tools.tool import Model, Result, Usage
from mediajobs.tools.workspace import FileName

Amount = Annotated[float, Field(ge=0, le=1e9)]
Bytes = Annotated[int, Field(ge=0, le=2**50)]


class Made(Model):
    """A file that has been left by a link."""

    name: FileName
    content_type: Annotated[str, StringConstraints(pattern=r"^[\w.+-]{1,60}/[\w.+-]{1,60}$")]


class Used(Model):
    """What the task has consumed and made."""

    seconds_in: Amount = 0
    seconds_out: Amount = 0
    bytes_in: Bytes = 0
    bytes_out: Bytes = 0


class Done(Model):
    """The task's result."""

    files: list[Made] = Field(default_factory=list, max_length=2000)
    usage: Used = Used()
    data: dict[str, Any] = Field(default_factory=dict, description="what the tool found")


BODY = Body(Done, MAX_BODY_BYTES)


@endpoint(body=BODY)
def handler(request: Request) -> Response[None]:
    """204, also when it has been handed in before; the job goes on."""
    organization, token = request.principal.organization, request.parameters["work"]
    if outside.is_finished(organization, token):
        return Response(204)
    work = outside.held(organization, token)
    done = BODY.read(request)
    try:
        files = outside.files_of(work, {file.name: file.content_type for file in done.files})
    except LookupError as error:
        place = [file.name for file in done.files].index(error.args[0])
        rule = FieldError(f"/files/{place}/name", "a file that has been left by a link")
        raise InvalidRequest("A file is not there", fields=[rule]) from None
    result = Result(files=files, usage=Usage(**done.usage.model_dump()), data=done.data)
    if len(outcome.row_of(result)["result"]) > outcome.MAX_RESULT:
        rule = FieldError("", f"at most {outcome.MAX_RESULT} bytes in all, packed")
        raise InvalidRequest("The result is too large", fields=[rule])
    outside.finish(work, result)
    return Response(204)
