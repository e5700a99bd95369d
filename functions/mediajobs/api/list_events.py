"""GET /jobs/{id}/events: what happened to a job, from its submission on."""

from itertools import islice

from mediajobs import representation
from mediajobs.endpoint import endpoint
from mediajobs.lookup import found
from mediajobs.query import Query
from mediajobs.request import Request, Response
from mediajobs.store import job as jobs

MAX_PAGE = 100
_LAST = 999_999


@endpoint
def handler(request: Request) -> Response:
    """200 with the events after `after`, in order and without a gap."""
    query = Query(request.query)
    after = query.number("after", 0, lowest=0, highest=_LAST)
    limit = query.number("limit", MAX_PAGE, lowest=1, highest=MAX_PAGE)
    query.end()
    job = found(request, jobs.find)
    events = islice(jobs.events(job.organization, job.id, after), limit)
    return Response(200, {"events": [representation.event(event) for event in events]})
