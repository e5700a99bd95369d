"""GET /templates: the organization's templates."""

from dataclasses import dataclass

from mediajobs import answer, representation
from mediajobs.endpoint import endpoint
from mediajobs.header import LINK
from mediajobs.page import Pages, first
from mediajobs.parameter import Parameters, next_token, page_size, read
from mediajobs.request import Request, Response
from mediajobs.store import template as templates

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
    organization = request.principal.organization
    pages = Pages(request, "/templates", ["GET /templates", organization])
    heads, last = first(templates.after(organization, pages.start(wanted.next_token) or ""), wanted.limit)
    following, headers = pages.following(last and last.name)
    shown = [representation.template_head(each) for each in heads]
    return Response(200, {"templates": shown, "next_token": following}, headers)
