"""GET /jobs: the organization's jobs of the last 31 days."""

from dataclasses import dataclass

from mediajobs import answer, payload, representation
from mediajobs.endpoint import endpoint
from mediajobs.header import LINK
from mediajobs.job import Status
from mediajobs.listing import SORTS, Filter, sort_key
from mediajobs.page import Pages
from mediajobs.parameter import Parameters, choice, flag, next_token, page_size, read, text, time, words
from mediajobs.request import Request, Response
from mediajobs.store import listing

MAX_PAGE = 100


@dataclass(frozen=True)
class Wanted(Parameters):
    """Which jobs, in which order, from where on."""

    status: frozenset[Status] = words("one of these statuses", Status)
    submitted_after: int | None = time("submitted at this time or later")
    submitted_before: int | None = time("submitted at this time or earlier")
    region: str | None = text("with or without the prefix `aws:`", example="eu-central-1")
    tag: str | None = text("one of its tags")
    tool: str | None = text("a tool of one of its tasks", example="media:transcode")
    user_data: str | None = text("its whole `user_data`")
    bundle_id: str | None = text("its bundle")
    template_id: str | None = text("the template it was made of")
    input_name: str | None = text("a part of its input's name, in any case")
    in_progress: bool = flag("running, or ended within the last 15 minutes")
    sort: str = choice("by which field", SORTS, default="submitted")
    direction: str = choice("`asc` or `desc`", ("asc", "desc"), default="desc")
    limit: int = page_size(MAX_PAGE)
    next_token: str | None = next_token()


@endpoint(query=Wanted, sends=(LINK,))
def handler(request: Request) -> Response[answer.JobPage]:
    """200 with a page of jobs; `next_token` and the Link header lead on, until there is no more."""
    query = read(Wanted, request.query)
    wanted = Filter(
        statuses=query.status,
        submitted_after=query.submitted_after,
        submitted_before=query.submitted_before,
        region=_without_prefix(query.region),
        tag=query.tag,
        tool=query.tool,
        user_data=query.user_data,
        bundle_id=query.bundle_id,
        template_id=query.template_id,
        input_name=query.input_name,
        in_progress=query.in_progress,
    )
    sort, ascending = query.sort, query.direction == "asc"
    limit, organization = query.limit, request.principal.organization
    pages = Pages(request, "/jobs", ["GET /jobs", organization, wanted.context(), sort, ascending])
    after, at = pages.start(query.next_token), pages.at
    if sort in ("submitted", "id"):
        page = listing.page(
            organization, wanted, newest_first=not ascending, after=after, limit=limit, now=at
        )
    else:
        page = listing.sorted_page(
            organization, wanted, sort=sort, ascending=ascending, after=after, limit=limit, now=at
        )
    shown = payload.fitting([representation.row(row) for row in page.rows])
    position = page.last
    if len(shown) < len(page.rows):
        last = page.rows[len(shown) - 1]
        position = last.id if sort in ("submitted", "id") else sort_key(last, sort)
    following, headers = pages.following(position)
    return Response(200, {"jobs": shown, "next_token": following}, headers)


def _without_prefix(region: str | None) -> str | None:
    return region and region.removeprefix("aws:")
