"""The Video Toolkit's endpoints."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import count
from typing import Any
from urllib.parse import urlencode

from mediajobs import task_log
from mediajobs.dialects.castlabs import reply
from mediajobs.dialects.castlabs.dialect import DIALECT
from mediajobs.dialects.castlabs.words import CODES, number
from mediajobs.errors import Conflict, FieldError, InvalidRequest, NotFound
from mediajobs.header import IDEMPOTENCY_KEY
from mediajobs.identifier import task_number
from mediajobs.listing import Filter
from mediajobs.lookup import found
from mediajobs.organization import is_name
from mediajobs.payload import fitting
from mediajobs.rate_limit import LOGS
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.restart import restart
from mediajobs.store import bundle as bundles
from mediajobs.store import job as jobs
from mediajobs.store import listing, membership, rate_limit
from mediajobs.store import organization as organizations
from mediajobs.store.bundle import Bundle
from mediajobs.store.job import Detail
from mediajobs.store.organization import Organization
from mediajobs.timestamp import now

#: As the vendor's answers have it.
_READS = {"allow": "GET, OPTIONS, HEAD, POST"}
_WRITES = {"allow": "OPTIONS, POST"}
#: Entries of a list, by default and at most.
_LIMIT, _MAX_LIMIT = 100, 1000
#: Bundles that a list passes over or shows at most.
_MAX_BUNDLES = 5000
#: Pages of a log that one answer holds at most.
_MAX_LOG_PAGES = 5
#: Names that a process remembers.
_KNOWN = 1000


@DIALECT.endpoint
def get_root(request: Request) -> Response[Any]:
    """Where the lists are; with this call clients try their keys."""
    lists = {name: f"{request.origin}/api/{name}/" for name in ("jobs", "po", "job_bundle")}
    return Response(200, lists, {"allow": "GET, HEAD, OPTIONS"})


@DIALECT.endpoint
def submit_job(request: Request) -> Response[Any]:
    """201 with the job as it begins."""
    from mediajobs import named_secret, submission
    from mediajobs.dialects.castlabs import request as words

    caller = request.principal
    body = request.json(MAX_BODY_BYTES)

    def numbered(number: int) -> str | None:
        known = bundles.numbered(caller.organization, number)
        return None if known is None else known.id

    said = submission.Said(DIALECT.name, words.shown(body), request.origin)
    wanted = words.job(body, numbered, named_secret.resolver(caller.organization))
    detail = submission.submit(caller, wanted, request.headers.get(IDEMPOTENCY_KEY.name), said)
    return Response(201, _shown(request, detail), _READS)


@DIALECT.endpoint
def list_jobs(request: Request) -> Response[Any]:
    """The jobs, the newest first, of all organizations of the caller unless one is named."""
    start, limit = _window(request)
    wanted = Filter(statuses=_statuses(request), tag=request.query.get("tag"))
    asked = _organizations(request)
    # Of several, what comes before the page is known only when all are seen.
    first = start if len(asked) == 1 else 0
    total, rows = 0, []
    for organization in asked:
        some, matching = listing.window(
            organization,
            wanted,
            sort="id",
            ascending=False,
            start=first,
            limit=start - first + limit,
            now=now(),
        )
        total += matching
        rows += [(row.id, organization) for row in some]
    owners = dict(sorted(rows, reverse=True)[start - first :][:limit])
    details = {
        each.job.id: each
        for organization in set(owners.values())
        for each in jobs.details(
            organization, [job_id for job_id, owner in owners.items() if owner == organization]
        )
    }
    shown = fitting([_shown(request, details[job_id]) for job_id in owners if job_id in details])
    # Fewer than were asked for if they do not fit into one answer: the next page begins behind them.
    whole = len(shown) if len(shown) < len(details) else limit
    return Response(200, reply.page(shown, total, start, whole, _address(request)), _READS)


@DIALECT.endpoint
def get_job(request: Request) -> Response[Any]:
    """The job."""
    return Response(200, _shown(request, found(request, jobs.detail)), _READS)


@DIALECT.endpoint
def get_metrics(request: Request) -> Response[Any]:
    """What the job has consumed, once it has ended."""
    job = found(request, jobs.find)
    if not job.status.is_terminal:
        raise Conflict(f"The job is {CODES[job.status][1]}; metrics are there when it is Completed or Failed")
    return Response(200, reply.metrics(job), _READS)


@DIALECT.endpoint
def restart_job(request: Request) -> Response[Any]:
    """Nothing: the job begins again under its id."""
    restart(lambda: found(request, jobs.find), by=request.principal.key_id)
    return Response(200, None, {**_WRITES, "content-type": "text/html; charset=utf-8"})


@DIALECT.endpoint
def resubmit_job(request: Request) -> Response[Any]:
    """The new job, which is the same but for its id."""
    from mediajobs.resubmission import resubmit

    old = found(request, jobs.find)
    detail = resubmit(request.principal, old.id, None, request.headers.get(IDEMPOTENCY_KEY.name))
    return Response(200, _shown(request, detail), _WRITES)


@DIALECT.endpoint
def get_task_logs(request: Request) -> Response[Any]:
    """What a task's tool has said; 429 over 20 calls of a key in a minute or 1,000 on a day."""
    detail = found(request, jobs.detail)
    numbers = {str(task_number(detail.job.id, index)): index for index in range(detail.job.task_count)}
    index = numbers.get(request.parameters["task"])
    if index is None:
        raise NotFound("The job has no such task")
    caller = request.principal
    rate_limit.take(caller.organization, caller.key_id, "logs", LOGS, now())
    lines, token = [], None
    for pages in count(1):
        part = task_log.read(detail, index, token)
        lines += part["logs"]
        token = part["next_token"]
        if token is None or pages == _MAX_LOG_PAGES:
            break
    return Response(200, reply.logs(fitting(lines)), _READS)


@DIALECT.endpoint
def create_bundle(request: Request) -> Response[Any]:
    """201 with the bundle."""
    body = request.json(MAX_BODY_BYTES)
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(name, str) or not name or not is_name(name):
        rule = "1 to 128 characters, without controls and without spaces at its ends"
        raise InvalidRequest("The bundle breaks a rule", fields=[FieldError("/name", rule)])
    caller = request.principal
    made = bundles.create(caller.organization, name, at=now(), by=caller.key_id)
    return Response(201, reply.bundle(made, _organization(caller.organization), request.origin), _READS)


@DIALECT.endpoint
def list_bundles(request: Request) -> Response[Any]:
    """The bundles, the newest first, of that name or with that part of a name."""
    start, limit = _window(request)
    matching = [
        reply.bundle(each, _organization(organization), request.origin)
        for organization in _organizations(request)
        for each in _bundles(organization, request.query)
    ]
    matching.sort(key=lambda each: str(each["created"]), reverse=True)
    shown = matching[start : start + limit]
    return Response(200, reply.page(shown, len(matching), start, limit, _address(request)), _READS)


@DIALECT.endpoint
def get_bundle(request: Request) -> Response[Any]:
    """A bundle by its number or by our id."""
    wanted = request.parameters["id"]
    for organization in _organizations(request):
        asked = number(wanted)
        row = bundles.find(organization, wanted) if asked is None else bundles.numbered(organization, asked)
        if row is not None:
            return Response(200, reply.bundle(row, _organization(organization), request.origin), _READS)
    raise NotFound("There is no such bundle")


def _shown(request: Request, detail: Detail) -> dict[str, Any]:
    """The job with the names of what it belongs to."""
    job = detail.job
    around = reply.Around(
        _organization(job.organization),
        _user(job.organization, job.submitted_by),
        _bundle(job.organization, job.bundle_id) if job.bundle_id else None,
    )
    return reply.job(detail, around, request.origin)


# What these three tell never changes.


@lru_cache(_KNOWN)
def _organization(organization: str) -> Organization:
    row = organizations.find(organization)
    if row is None:
        raise LookupError(f"there is no organization {organization}")
    return row


@lru_cache(_KNOWN)
def _user(organization: str, key_id: str) -> str | None:
    """Whose key it is, or was."""
    row = membership.find(organization, key_id)
    return None if row is None else row.user


@lru_cache(_KNOWN)
def _bundle(organization: str, bundle_id: str) -> Bundle | None:
    return bundles.find(organization, bundle_id)


def _organizations(request: Request) -> list[str]:
    """The chosen organization, or all of the caller's."""
    caller = request.principal
    return [caller.chosen] if caller.chosen is not None else sorted(caller.roles)


def _bundles(organization: str, query: Mapping[str, str]) -> list[Bundle]:
    if "name" in query:
        row = bundles.named(organization, query["name"])
        return [] if row is None else [row]
    rows: list[Bundle] = []
    after = None
    while len(rows) < _MAX_BUNDLES:
        some, after = bundles.page(organization, query.get("search"), after=after, limit=_MAX_LIMIT)
        rows += some
        if after is None:
            break
    return rows


def _statuses(request: Request) -> frozenset[Any]:
    """By the code or the text of a status, such as 3 or Failed."""
    wanted = request.query.get("status")
    if wanted is None:
        return frozenset()
    known = {str(word).lower(): status for status, words in reversed(CODES.items()) for word in words}
    if wanted.lower() not in known:
        rule = f"one of {', '.join(dict.fromkeys(f'{code} ({text})' for code, text in CODES.values()))}"
        raise InvalidRequest("The status is not known", fields=[FieldError("/query/status", rule)])
    return frozenset({known[wanted.lower()]})


def _window(request: Request) -> tuple[int, int]:
    """Where a list begins, and how many of it are wanted."""
    numbers = []
    for name, default, lowest in (("offset", 0, 0), ("limit", _LIMIT, 1)):
        asked = number(request.query.get(name, default))
        if asked is None or asked < lowest:
            raise InvalidRequest("The page is not known", fields=[FieldError(f"/query/{name}", "a number")])
        numbers.append(asked)
    return numbers[0], min(numbers[1], _MAX_LIMIT)


def _address(request: Request) -> str:
    """The list's own, with its filters."""
    kept = {name: value for name, value in request.query.items() if name not in ("limit", "offset")}
    path = f"{request.origin}{request.path.rstrip('/')}/"
    return f"{path}?{urlencode(kept)}" if kept else path
