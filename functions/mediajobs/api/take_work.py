"""POST /work: take the next task that waits for an outside worker."""

from pydantic import Field

from mediajobs import answer, outside
from mediajobs.body import Body
from mediajobs.endpoint import endpoint
from mediajobs.request import Request, Response
from mediajobs.store.file import left_by
from mediajobs.timestamp import SECOND, now, to_text
from mediajobs.tools.tool import Model


class Ability(Model):
    """What a worker can do."""

    tools: list[str] | None = Field(
        None, max_length=100, description="the tools that it has; by default whatever is asked for"
    )


BODY = Body(Ability, 8192, is_optional=True)


@endpoint(body=BODY)
def handler(request: Request) -> Response[answer.Work] | Response[None]:
    """200 with the most urgent one, which is lost after 60 seconds without a heartbeat; 204 if none waits."""
    work = outside.take(request.principal.organization, BODY.read(request).tools)
    if work is None:
        return Response(204)
    job, at = work.job, now()
    files = left_by(job).values()
    return Response(
        200,
        answer.Work(
            work=work.token,
            job_id=job.id,
            task=job.cursor,
            tool=work.task.tool,
            parameters=work.task.parameters,
            files=[
                {"name": file.name, "size": file.size, "content_type": file.content_type} for file in files
            ],
            seconds=min(work.task.timeout_seconds, max(0, job.deadline - at) / SECOND),
            held_until=to_text(job.run_until),
        ),
    )
