"""Pages of deliveries, for the list of a webhook's and the list of a job's own."""

from dataclasses import dataclass
from itertools import islice

from mediajobs import answer, page_token, webhook_view
from mediajobs.header import LINK
from mediajobs.parameter import Parameters, next_token, page_size, read
from mediajobs.request import Request, Response
from mediajobs.store import delivery as deliveries
from mediajobs.store import signing
from mediajobs.timestamp import now

MAX_PAGE = 100


@dataclass(frozen=True)
class Wanted(Parameters):
    """Which page."""

    limit: int = page_size(MAX_PAGE)
    next_token: str | None = next_token()


def page(request: Request, owner: str) -> Response[answer.DeliveryPage]:
    """The page of a receiver's deliveries that is asked for. Raises InvalidRequest."""
    wanted, at = read(Wanted, request.query), now()
    context = ["deliveries", owner]
    start = page_token.read(signing.key(), context, wanted.next_token, at) if wanted.next_token else "~"
    found = list(islice(deliveries.latest(owner, start), wanted.limit + 1))
    rows, more = found[: wanted.limit], found[wanted.limit :]
    headers, following = {}, None
    if more:
        following = page_token.issue(signing.key(), context, rows[-1].id, at)
        link = request.address(request.path, **{**request.query, "next_token": following})
        headers[LINK.name] = f'<{link}>; rel="next"'
    shown = [webhook_view.delivery(each) for each in rows]
    return Response(200, {"deliveries": shown, "next_token": following}, headers)
