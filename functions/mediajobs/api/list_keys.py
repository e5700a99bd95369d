"""GET /keys: the organization's keys, those that were revoked too."""

from dataclasses import dataclass

from mediajobs import account_view, answer
from mediajobs.endpoint import endpoint
from mediajobs.header import LINK
from mediajobs.page import Pages, first
from mediajobs.parameter import Parameters, next_token, page_size, read
from mediajobs.request import Request, Response
from mediajobs.store import membership

MAX_PAGE = 100


@dataclass(frozen=True)
class Wanted(Parameters):
    """Which page."""

    limit: int = page_size(MAX_PAGE)
    next_token: str | None = next_token()


@endpoint(query=Wanted, sends=(LINK,))
def handler(request: Request) -> Response[answer.KeyPage]:
    """200 with a page of keys, by id; `next_token` and the Link header lead on, until there is no more."""
    wanted = read(Wanted, request.query)
    organization = request.principal.organization
    pages = Pages(request, "/keys", ["GET /keys", organization])
    keys, last = first(membership.after(organization, pages.start(wanted.next_token) or ""), wanted.limit)
    following, headers = pages.following(last and last.key_id)
    return Response(
        200, {"keys": [account_view.key(each) for each in keys], "next_token": following}, headers
    )
