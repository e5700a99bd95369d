"""GET /bundles: the organization's bundles."""

from dataclasses import dataclass

from mediajobs import answer, representation
from mediajobs.endpoint import endpoint
from mediajobs.header import LINK
from mediajobs.organization import MAX_NAME
from mediajobs.page import Pages
from mediajobs.parameter import Parameters, next_token, page_size, read, text
from mediajobs.request import Request, Response
from mediajobs.store import bundle

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
    search, name, organization = wanted.search, wanted.name, request.principal.organization
    pages = Pages(request, "/bundles", ["GET /bundles", organization, search, name])
    after = pages.start(wanted.next_token)
    if name is None:
        found, last = bundle.page(organization, search, after=after, limit=wanted.limit)
    else:
        one = bundle.named(organization, name)
        found, last = [one] if one and (search or "").casefold() in name.casefold() else [], None
    following, headers = pages.following(last)
    shown = [representation.bundle(each) for each in found]
    return Response(200, {"bundles": shown, "next_token": following}, headers)
