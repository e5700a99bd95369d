"""GET /jobs/{id}/tasks/{index}/logs: what a task's tool has said."""

from dataclasses import dataclass

from mediajobs import answer
from mediajobs.endpoint import endpoint
from mediajobs.errors import NotFound
from mediajobs.header import RATE_LIMIT, RATE_LIMIT_POLICY
from mediajobs.lookup import found
from mediajobs.parameter import Parameters, next_token, read
from mediajobs.rate_limit import LOGS
from mediajobs.request import Request, Response
from mediajobs.store import job as jobs
from mediajobs.store import rate_limit
from mediajobs.task_log import read as log_of
from mediajobs.timestamp import now


@dataclass(frozen=True)
class Wanted(Parameters):
    """Which page."""

    next_token: str | None = next_token()


@endpoint(query=Wanted, sends=(RATE_LIMIT, RATE_LIMIT_POLICY))
def handler(request: Request) -> Response[answer.LogPage]:
    """200 with the log lines in order, and where to go on reading; 429 over 20 calls of a key in a minute
    or 1,000 on a day."""
    wanted = read(Wanted, request.query)
    detail = found(request, jobs.detail)
    index = request.parameters["index"]
    if not index.isascii() or not index.isdigit() or int(index) >= detail.job.task_count:
        raise NotFound("The job has no such task")
    caller, at = request.principal, now()
    count = rate_limit.take(caller.organization, caller.key_id, "logs", LOGS, at)
    left = {RATE_LIMIT.name: count.left(LOGS, at), RATE_LIMIT_POLICY.name: LOGS.policy}
    return Response(200, log_of(detail, int(index), wanted.next_token), left)
