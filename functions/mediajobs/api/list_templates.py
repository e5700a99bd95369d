"""GET /templates: the organization's templates."""

from dataclasses import dataclass
from itertools import islice

from mediajobs import answer, page_token, representation
from mediajobs.endpoint import endpoint
from mediajobs.header import LINK
from mediajobs.parameter import Parameters, next_token, page_size, read
from mediajobs.request import Request, Response
from mediajobs.store import signing
from mediajobs.store import template as templates
from mediajobs.timestamp import now

MAX_PAGE = 100


@dataclass(frozen=True)
class Wanted(Parameters):
    """Which page."""

    limit: int = page_size(MAX_PAGE)
    next_token: str | None = next_token()


@endpoint(query=Wanted, sends=(LINK,))
def handler(request: Request) -> Response[answer.TemplatePage]:
    """200 with a page of templates, by name; `next_token` and the Link header lead on, until there is no
    more."""
    wanted = read(Wanted, request.query)
    organization, at = request.principal.organization, now()
    context = ["GET /templates", organization]
    start = page_token.read(signing.key(), context, wanted.next_token, at) if wanted.next_token else ""
    found = list(islice(templates.after(organization, start), wanted.limit + 1))
    heads, more = found[: wanted.limit], found[wanted.limit :]
    headers, following = {}, None
    if more:
        following = page_token.issue(signing.key(), context, heads[-1].name, at)
        link = request.address("/templates", **{**request.query, "next_token": following})
        headers[LINK.name] = f'<{link}>; rel="next"'
    shown = [representation.template_head(each) for each in heads]
    return Response(200, {"templates": shown, "next_token": following}, headers)
