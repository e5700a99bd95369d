"""POST /work/{work}/links: a link to load or to leave a file of a task."""

from typing import Annotated

from pydantic import Field, StringConstraints

from mediajobs import answer, outside
from mediajobs.body import Body
from mediajobs.download import signed
from mediajobs.endpoint import endpoint
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.request import Request, Response
from mediajobs.settings import settings
from mediajobs.store.file import left_by
from mediajobs.tools.tool import Model
from mediajobs.tools.workspace import FileName

#: A transfer that has begun goes on beyond it.
SECONDS = 300


class Transfer(Model):
    """Which file, and which way."""

    name: FileName
    content_type: Annotated[str, StringConstraints(pattern=r"^[\w.+-]{1,60}/[\w.+-]{1,60}$")] | None = Field(
        None, description="of a file that is to be left; without it the link is for loading one"
    )


BODY = Body(Transfer)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.WorkLink]:
    """200 with the link, which works for five minutes, for up to 5 GiB."""
    work = outside.held(request.principal.organization, request.parameters["work"])
    wanted = BODY.read(request)
    if wanted.content_type is None:
        file = left_by(work.job).get(wanted.name)
        if file is None:
            raise InvalidRequest("There is no such file", fields=[FieldError("/name", "a file of the job")])
        method, key, headers = "GET", file.key, {}
    else:
        method, key = "PUT", work.folder + wanted.name
        headers = {"content-type": wanted.content_type}
    region = work.job.region
    url = signed(
        method,
        region,
        settings().workspace_bucket_of(region),
        key,
        seconds=SECONDS,
        door=request.origin,
    )
    return Response(200, {"url": url, "method": method, "headers": headers})
