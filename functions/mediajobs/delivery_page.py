"""Pages of deliveries, for the list of a webhook's and the list of a job's own."""

from dataclasses import dataclass

from mediajobs import answer, webhook_view
from mediajobs.page import Pages, first
from mediajobs.parameter import Parameters, next_token, page_size, read
from mediajobs.request import Request, Response
from mediajobs.store import delivery as deliveries

MAX_PAGE = 100


@dataclass(frozen=True)
class Wanted(Parameters):
    """Which page."""

    limit: int = page_size(MAX_PAGE)
    next_token: str | None = next_token()


def page(request: Request, owner: str) -> Response[answer.DeliveryPage]:
    """The page of a receiver's deliveries that is asked for. Raises InvalidRequest."""
    wanted = read(Wanted, request.query)
    pages = Pages(request, request.path, ["deliveries", owner])
    rows, last = first(deliveries.latest(owner, pages.start(wanted.next_token) or "~"), wanted.limit)
    following, headers = pages.following(last and last.id)
    shown = [webhook_view.delivery(each) for each in rows]
    return Response(200, {"deliveries": shown, "next_token": following}, headers)
