"""GET /jobs/{id}/tasks/{index}/logs: what a task's tool has said."""

from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.lookup import found
from mediajobs.request import Request, Response
from mediajobs.store import job as jobs
from mediajobs.task_log import read


@endpoint
def handler(request: Request) -> Response:
    """200 with the log lines in order, and where to go on reading."""
    detail = found(request, jobs.detail)
    index = request.parameters["index"]
    if not index.isascii() or not index.isdigit() or int(index) >= detail.job.task_count:
        raise NotFound("The job has no such task")
    return Response(200, read(detail, int(index), request.query.get("next_token")))
