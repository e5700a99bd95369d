"""GET /bundles: the organization's bundles."""

from dataclasses import dataclass

from mediajobs import answer, page_token, representation
from mediajobs.endpoint import endpoint
from mediajobs.header import LINK
from mediajobs.organization import MAX_NAME
from mediajobs.parameter import Parameters, next_token, page_size, read, text
from mediajobs.request import Request, Response
from mediajobs.store import bundle, signing
from mediajobs.timestamp import now

MAX_PAGE = 100


@dataclass(frozen=True)
class Wanted(Parameters):
    """Which bundles, from where on."""

    search: str | None = text("a part of the name, in any case", longest=MAX_NAME)
    name: str | None = text("the whole name", longest=MAX_NAME)
    limit: int = page_size(MAX_PAGE)
    next_token: str | None = next_token()


@endpoint(query=Wanted, sends=(LINK,))
def handler(request: Request) -> Response[answer.BundlePage]:
    """200 with a page of bundles, the newest first; `next_token` and the Link header lead on, until there is
    no more."""
    wanted = read(Wanted, request.query)
    search, name, token = wanted.search, wanted.name, wanted.next_token
    organization, at = request.principal.organization, now()
    context = ["GET /bundles", organization, search, name]
    after = page_token.read(signing.key(), context, token, at) if token else None
    if name is None:
        found, last = bundle.page(organization, search, after=after, limit=wanted.limit)
    else:
        one = bundle.named(organization, name)
        found, last = [one] if one and (search or "").casefold() in name.casefold() else [], None
    following = last and page_token.issue(signing.key(), context, last, at)
    headers = {}
    if following is not None:
        link = request.address("/bundles", **{**request.query, "next_token": following})
        headers[LINK.name] = f'<{link}>; rel="next"'
    shown = [representation.bundle(each) for each in found]
    return Response(200, {"bundles": shown, "next_token": following}, headers)
