"""The vendor's endpoints, a function each."""

from typing import Any
from urllib.parse import urlencode

from mediajobs import token_grant
from mediajobs.dialects.transparentedge import reply, schema, words
from mediajobs.dialects.transparentedge.dialect import DIALECT
from mediajobs.dialects.transparentedge.selection import Selection, read_filters, selection, span
from mediajobs.errors import InvalidRequest, NotFound
from mediajobs.form import fields
from mediajobs.identifier import is_id
from mediajobs.job import Job, Status
from mediajobs.listing import Row
from mediajobs.payload import fitting
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.restart import restart
from mediajobs.store import document, listing, usage
from mediajobs.store import job as jobs
from mediajobs.store.document import Document
from mediajobs.store.job import Detail
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import now, to_text

# What checks a body brings pydantic, which is slow to load: it is imported by those who need it.

_TOKEN_SECONDS = 36_000
#: Jobs that a list reads at the most: more than an answer can carry.
_MOST = 50_000
#: Jobs looked into at once.
_BATCH = 100


@DIALECT.endpoint
def create_token(request: Request) -> Response[Any]:
    """200 with an access token for a client's id and secret, or for a refresh token."""
    is_json = request.body.lstrip().startswith(b"{")
    form = request.json(MAX_BODY_BYTES) if is_json else fields(request)
    kind = form.get("grant_type", "client_credentials")
    if kind == "refresh_token":
        made = token_grant.refreshed(str(form.get("refresh_token", "")), seconds=_TOKEN_SECONDS)
    elif kind == "client_credentials":
        made = token_grant.grant(*token_grant.client(request, form), seconds=_TOKEN_SECONDS)
    else:
        return Response(400, {"error": "unsupported_grant_type"})
    return Response(
        200,
        {
            "access_token": made.access_token,
            "expires_in": made.expires_in,
            "token_type": "Bearer",
            "scope": "read write",
            "refresh_token": made.refresh_token,
        },
    )


@DIALECT.endpoint
def list_orders(request: Request) -> Response[Any]:
    """200 with the orders, newest first: all of them, or as many as are asked for, but no more than an answer
    can carry; then the header Link says where they go on."""
    wanted = selection(request.query)
    rows = _rows(request.principal.organization, wanted)
    end = len(rows) if wanted.limit is None else wanted.offset + wanted.limit
    part = rows[wanted.offset : end]
    said = _words(request.principal.organization, part)
    shown = fitting([reply.row(row.id, row.submitted, said[row.id]) for row in part])
    behind = wanted.offset + len(shown)
    more = _page(request, behind, wanted.limit or len(shown)) if shown and behind < len(rows) else None
    if not wanted.has_envelope:
        is_cut = more is not None and behind < end
        return Response(200, shown, {"link": f'<{more}>; rel="next"'} if is_cut else {})
    size = wanted.limit or len(shown)
    before = _page(request, max(0, wanted.offset - size), size) if wanted.offset else None
    return Response(200, {"count": len(rows), "next": more, "previous": before, "results": shown})


@DIALECT.endpoint
def get_order(request: Request) -> Response[Any]:
    """200 with an order and its sub-jobs."""
    return Response(200, reply.order(_detail(request)))


@DIALECT.endpoint
def submit_order(request: Request) -> Response[Any]:
    """201 with a message that names the new order; clients look for what follows `#`, up to a space."""
    from mediajobs.dialects.transparentedge.profile import Profile
    from mediajobs.dialects.transparentedge.request import job_of, order_of
    from mediajobs.submission import Said, submit

    def find(number: int) -> Profile | None:
        found = document.find(request.principal.organization, words.PROFILES, number)
        return Profile.model_validate(found.content) if found else None

    wanted = job_of(order_of(request), find)
    said = Said("transparentedge", wanted.kept, request.origin)
    try:
        detail = submit(request.principal, wanted.body, request.headers.get("idempotency-key"), said=said)
    except InvalidRequest as error:
        raise wanted.blamed(error) from None
    return Response(201, {"message": f"Order #{detail.job.id} queued"})


@DIALECT.endpoint
def requeue_order(request: Request) -> Response[Any]:
    """200 with a message that names the order, which begins anew; only one that has failed can."""

    def find() -> Job:
        job = _detail(request).job
        if job.status not in words.STATUSES["ERROR"]:
            raise InvalidRequest(f"Order {job.id} has not failed; only a failed order can be requeued")
        return job

    job = restart(find, by=request.principal.key_id)
    return Response(200, {"message": f"Order #{job.id} requeued"})


@DIALECT.endpoint
def get_allowed_values(_request: Request) -> Response[Any]:
    """200 with the words that a profile can have."""
    return Response(200, reply.allowed_values())


@DIALECT.endpoint
def get_consumed_minutes(request: Request) -> Response[Any]:
    """200 with the minutes that came out of the organization's jobs, by whole months."""
    after, before = span(read_filters(request.query))
    first = "0001-01" if after is None else to_text(after)[:7]
    last = to_text(now() if before is None else before)[:7]
    months = usage.months(request.principal.organization, first, last, None)
    return Response(200, reply.consumed_minutes(months))


@DIALECT.endpoint
def list_profiles(request: Request) -> Response[Any]:
    """200 with all profiles, without their custom profiles."""
    found = document.every(request.principal.organization, words.PROFILES)
    return Response(200, [_profile(request, each, is_whole=False) for each in found])


@DIALECT.endpoint
def create_profile(request: Request) -> Response[Any]:
    """201 with the new profile, without its custom profiles."""
    from mediajobs.dialects.transparentedge.profile import Profile
    from mediajobs.spec import validated

    made = validated(Profile, request.json(MAX_BODY_BYTES))
    stored = document.create(request.principal.organization, words.PROFILES, made.model_dump(), at=now())
    return Response(201, _profile(request, stored, is_whole=False))


@DIALECT.endpoint
def get_profile(request: Request) -> Response[Any]:
    """200 with a profile."""
    return Response(200, _profile(request, _stored(request), is_whole=True))


@DIALECT.endpoint
def put_profile(request: Request) -> Response[Any]:
    """200 with the changed profile: null clears a field, and one that is not sent stays."""
    from mediajobs.dialects.transparentedge.profile import Profile, merged
    from mediajobs.spec import validated

    sent = request.json(MAX_BODY_BYTES)
    while True:
        stored = _stored(request)
        changed = validated(Profile, merged(stored.content, sent)).model_dump()
        try:
            done = document.change(stored, changed, at=now())
        except ConditionFailed:
            continue
        return Response(200, _profile(request, done, is_whole=True))


@DIALECT.endpoint
def delete_profile(request: Request) -> Response[Any]:
    """204; jobs that were made with it keep what it said."""
    while True:
        try:
            document.delete(_stored(request), at=now())
        except ConditionFailed:
            continue
        return Response(204)


@DIALECT.endpoint
def get_schema(request: Request) -> Response[Any]:
    """200 with the OpenAPI document of these endpoints."""
    return Response(200, schema.document(request.origin))


def _rows(organization: str, wanted: Selection) -> list[Row]:
    """The jobs that are asked for, newest first, those before the offset included."""
    rows: list[Row] = []
    most, after, at = wanted.most or _MOST, None, now()
    while len(rows) < most:
        page = listing.page(
            organization, wanted.filter, newest_first=True, after=after, limit=most - len(rows), now=at
        )
        rows += filter(wanted.matches, page.rows)
        after = page.last
        if after is None:
            break
    if wanted.phase is None:
        return rows
    said = _words(organization, rows)
    return [row for row in rows if said[row.id] == wanted.phase]


def _words(organization: str, rows: list[Row]) -> dict[str, str]:
    """The status word of each job; what a running one does stands on its own row."""
    said = {row.id: words.status(row.status, "") for row in rows}
    running = [row.id for row in rows if row.status is Status.RUNNING]
    for first in range(0, len(running), _BATCH):
        for detail in jobs.details(organization, running[first : first + _BATCH]):
            said[detail.job.id] = words.status(detail.job.status, reply.tool(detail))
    return said


def _page(request: Request, offset: int, limit: int) -> str:
    """The address of another part of the list."""
    query = urlencode({**request.query, "limit": limit, "offset": offset})
    return f"{request.origin}{request.path}?{query}"


def _detail(request: Request) -> Detail:
    """The order that the path names. Raises NotFound, also for a foreign one."""
    order_id = request.parameters["order_id"]
    found = jobs.detail(request.principal.organization, order_id) if is_id(order_id) else None
    if found is None:
        raise NotFound("Not found.")
    return found


def _stored(request: Request) -> Document:
    """The profile that the path names. Raises NotFound."""
    number = request.parameters["profile_id"]
    is_number = number.isascii() and number.isdigit() and len(number) < 10
    found = is_number and document.find(request.principal.organization, words.PROFILES, int(number))
    if not found:
        raise NotFound("Not found.")
    return found


def _profile(request: Request, stored: Document, *, is_whole: bool) -> dict[str, Any]:
    return reply.profile(int(request.parameters["company_id"]), stored, is_whole=is_whole)
