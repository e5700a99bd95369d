"""GET /jobs/{id}/events: what happened to a job, from its submission on."""

from dataclasses import dataclass
from itertools import islice

from mediajobs import answer, representation
from mediajobs.endpoint import endpoint
from mediajobs.lookup import found
from mediajobs.parameter import Parameters, number, page_size, read
from mediajobs.request import Request, Response
from mediajobs.store import job as jobs

MAX_PAGE = 100
_LAST = 999_999


@dataclass(frozen=True)
class Wanted(Parameters):
    """Which events."""

    after: int = number("the sequence of the last event already known", default=0, lowest=0, highest=_LAST)
    limit: int = page_size(MAX_PAGE)


@endpoint(query=Wanted)
def handler(request: Request) -> Response[answer.EventPage]:
    """200 with the events after `after`, in order and without a gap."""
    wanted = read(Wanted, request.query)
    job = found(request, jobs.find)
    events = islice(jobs.events(job.organization, job.id, wanted.after), wanted.limit)
    return Response(200, {"events": [representation.event(event) for event in events]})
