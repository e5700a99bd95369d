"""GET /jobs: the organization's jobs of the last 31 days."""

from urllib.parse import urlencode

from mediajobs import page_token, representation
from mediajobs.endpoint import endpoint
from mediajobs.job import Status
from mediajobs.listing import SORTS, Filter
from mediajobs.query import Query
from mediajobs.request import Request, Response
from mediajobs.store import listing, signing
from mediajobs.timestamp import now

MAX_PAGE = 100


@endpoint
def handler(request: Request) -> Response:
    """200 with a page of jobs; `next_token` and the Link header lead on, until there is no more."""
    query = Query(request.query)
    wanted = Filter(
        statuses=query.words("status", Status),
        submitted_after=query.time("submitted_after"),
        submitted_before=query.time("submitted_before"),
        region=_without_prefix(query.text("region")),
        tag=query.text("tag"),
        tool=query.text("tool"),
        user_data=query.text("user_data"),
        bundle_id=query.text("bundle_id"),
        template_id=query.text("template_id"),
        input_name=query.text("input_name"),
        in_progress=query.flag("in_progress"),
    )
    sort = query.choice("sort", SORTS, "submitted")
    ascending = query.choice("direction", ("asc", "desc"), "desc") == "asc"
    limit = query.number("limit", MAX_PAGE, lowest=1, highest=MAX_PAGE)
    token = query.text("next_token")
    query.end()

    organization, at = request.principal.organization, now()
    context = ["GET /jobs", organization, wanted.context(), sort, ascending]
    after = page_token.read(signing.key(), context, token, at) if token else None
    position: str | int | None
    if sort in ("submitted", "id"):
        page = listing.page(
            organization, wanted, newest_first=not ascending, after=after, limit=limit, now=at
        )
        rows, position = page.rows, page.last
    else:
        start = after or 0
        rows, total = listing.window(
            organization, wanted, sort=sort, ascending=ascending, start=start, limit=limit, now=at
        )
        position = start + len(rows) if start + len(rows) < total else None
    following = None if position is None else page_token.issue(signing.key(), context, position, at)
    headers = {}
    if following is not None:
        link = urlencode({**request.query, "next_token": following})
        headers["link"] = f'</jobs?{link}>; rel="next"'
    return Response(
        200, {"jobs": [representation.row(row) for row in rows], "next_token": following}, headers
    )


def _without_prefix(region: str | None) -> str | None:
    return region and region.removeprefix("aws:")
