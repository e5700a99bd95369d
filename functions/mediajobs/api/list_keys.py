"""GET /keys: the organization's keys, those that were revoked too."""

from dataclasses import dataclass
from itertools import islice

from mediajobs import account_view, answer, page_token
from mediajobs.endpoint import endpoint
from mediajobs.header import LINK
from mediajobs.parameter import Parameters, next_token, page_size, read
from mediajobs.request import Request, Response
from mediajobs.store import membership, signing
from mediajobs.timestamp import now

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
    limit, token = wanted.limit, wanted.next_token
    organization, at = request.principal.organization, now()
    context = ["GET /keys", organization]
    start = page_token.read(signing.key(), context, token, at) if token else ""
    found = list(islice(membership.after(organization, start), limit + 1))
    keys, more = found[:limit], found[limit:]
    headers, following = {}, None
    if more:
        following = page_token.issue(signing.key(), context, keys[-1].key_id, at)
        link = request.address("/keys", **{**request.query, "next_token": following})
        headers[LINK.name] = f'<{link}>; rel="next"'
    return Response(
        200, {"keys": [account_view.key(each) for each in keys], "next_token": following}, headers
    )
