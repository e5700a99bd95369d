"""GET /jobs/{id}/tasks/{index}/logs: what a task's tool has said."""

from dataclasses import dataclass

from mediajobs import answer
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.lookup import found
from mediajobs.parameter import Parameters, next_token, read
from mediajobs.request import Request, Response
from mediajobs.store import job as jobs
from mediajobs.task_log import read as log_of


@dataclass(frozen=True)
class Wanted(Parameters):
    """Which page."""

    next_token: str | None = next_token()


@endpoint(query=Wanted)
def handler(request: Request) -> Response[answer.LogPage]:
    """200 with the log lines in order, and where to go on reading."""
    wanted = read(Wanted, request.query)
    detail = found(request, jobs.detail)
    index = request.parameters["index"]
    if not index.isascii() or not index.isdigit() or int(index) >= detail.job.task_count:
        raise NotFound("The job has no such task")
    return Response(200, log_of(detail, int(index), wanted.next_token))
