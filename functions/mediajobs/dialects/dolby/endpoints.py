"""Dolby.io's endpoints; what only some of them need is imported by those, as each is a Lambda of its own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mediajobs import download, page_token
from mediajobs.cancellation import cancel
from mediajobs.dialects.dolby import reply
from mediajobs.dialects.dolby.dialect import DIALECT
from mediajobs.dialects.dolby.location import key_of, refused
from mediajobs.dialects.dolby.words import APIS, STATUSES
from mediajobs.errors import Conflict, NotFound
from mediajobs.form import fields
from mediajobs.job import Status
from mediajobs.listing import Filter
from mediajobs.lookup import found
from mediajobs.organization import temporary_folder
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.settings import settings
from mediajobs.store import job as jobs
from mediajobs.store import listing, signing
from mediajobs.store import webhook as webhooks
from mediajobs.store.webhook import Webhook
from mediajobs.timestamp import from_text, now
from mediajobs.token_grant import client, grant, refreshed

#: Rows of a page.
PAGE = 100
#: Seconds for which a token is good, if the client names none, and at the most.
TOKEN_SECONDS, MAX_TOKEN_SECONDS = 1_800, 86_400
#: Seconds for which a client can begin to upload or download.
LINK_SECONDS = 3_600
_SMALL = 16_384


@DIALECT.endpoint
def create_token(request: Request) -> Response[Any]:
    """An access token for an API key: its id is the app's key, the whole of it the app's secret."""
    form = fields(request)
    seconds = form.get("expires_in", str(TOKEN_SECONDS))
    if not (seconds.isascii() and seconds.isdigit() and 0 < int(seconds[:9]) <= MAX_TOKEN_SECONDS):
        raise refused("expires_in", f"1 to {MAX_TOKEN_SECONDS} seconds")
    match form.get("grant_type"):
        case "client_credentials":
            made = grant(*client(request, form), seconds=int(seconds))
        case "refresh_token":
            made = refreshed(form.get("refresh_token", ""), seconds=int(seconds))
        case _:
            raise refused("grant_type", "client_credentials or refresh_token")
    return Response(
        200,
        {
            "token_type": "Bearer",
            "access_token": made.access_token,
            "refresh_token": made.refresh_token,
            "expires_in": made.expires_in,
        },
    )


@DIALECT.endpoint
def list_jobs(request: Request) -> Response[Any]:
    """Jobs of the last 31 days, the newest first; a next_token goes on with the filter it was made for."""
    organization, at = request.principal.organization, now()
    context = ["dolby", organization]
    if token := request.query.get("next_token"):
        statuses, since, until, after = page_token.read(signing.key(), context, token, at)
    else:
        statuses, since, until, after = *_wanted(request.query), None
    wanted = Filter(statuses=frozenset(map(Status, statuses)), submitted_after=since, submitted_before=until)
    page = listing.page(organization, wanted, newest_first=True, after=after, limit=PAGE, now=at)
    details = jobs.details(organization, [row.id for row in page.rows])
    answer: dict[str, Any] = {"count": len(details), "jobs": [reply.row(detail) for detail in details]}
    if page.last is not None:
        position = [statuses, since, until, page.last]
        answer["next_token"] = page_token.issue(signing.key(), context, position, at)
    return Response(200, answer)


@DIALECT.endpoint
def submit_job(request: Request) -> Response[Any]:
    """The id of the job that does it."""
    from mediajobs.dialects.dolby.location import without_secrets
    from mediajobs.dialects.dolby.request import order
    from mediajobs.said import Said
    from mediajobs.submission import submit

    api = _api(request)
    body = request.json(MAX_BODY_BYTES)
    bucket = settings().media_bucket_of(settings().home_region)
    temporary = f"s3://{bucket}/{temporary_folder(request.principal.organization)}"
    wanted = order(api, body, temporary, request.headers)
    said = Said("dolby", {"api": api, "body": without_secrets(body)}, request.origin)
    detail = submit(request.principal, wanted, request.headers.get("idempotency-key"), said)
    return Response(200, {"job_id": detail.job.id})


@DIALECT.endpoint
def get_job(request: Request) -> Response[Any]:
    """How far a job is, and what came of it."""
    _api(request)
    return Response(200, reply.job(found(_named(request), jobs.detail)))


@DIALECT.endpoint
def cancel_job(request: Request) -> Response[Any]:
    """Nothing, once the job is cancelled; 409 if it has ended."""
    cancel(_named(request))
    return Response(200, {})


@DIALECT.endpoint
def create_input(request: Request) -> Response[Any]:
    """Where to PUT what a `dlb://` key is to hold, with any content type."""
    return Response(200, {"url": _link("PUT", request, _url(request))})


@DIALECT.endpoint
def create_output(request: Request) -> Response[Any]:
    """Where to GET what a `dlb://` key holds."""
    return Response(200, {"url": _link("GET", request, _url(request))})


@DIALECT.endpoint
def get_output(request: Request) -> Response[Any]:
    """A redirect to what a `dlb://` key holds."""
    return Response(302, None, {"location": _link("GET", request, request.query.get("url"))})


@DIALECT.endpoint
def create_webhook(request: Request) -> Response[Any]:
    """The id of the one webhook of the API key; 409 if it has one."""
    from mediajobs import webhook

    caller = request.principal
    if (known := _webhook_of(caller.organization, caller.key_id)) is not None:
        raise Conflict(f"An API key has one webhook; change or delete {known.id}")
    made, _ = webhook.create(caller.organization, _webhook_spec(request), by=caller.key_id)
    return Response(200, {"webhook_id": made.id})


@DIALECT.endpoint
def get_webhook(request: Request) -> Response[Any]:
    """A webhook; its headers show without their values."""
    known = _webhook(request)
    headers = dict.fromkeys((known.description or "").split(), "")
    return Response(200, {"webhook_id": known.id, "callback": {"url": known.url, "headers": headers}})


@DIALECT.endpoint
def put_webhook(request: Request) -> Response[Any]:
    """The id of a webhook that has changed."""
    from mediajobs import webhook

    known = _webhook(request)
    webhook.change(known.organization, known.id, _webhook_spec(request))
    return Response(200, {"webhook_id": known.id})


@DIALECT.endpoint
def delete_webhook(request: Request) -> Response[Any]:
    """The id of a webhook that is gone."""
    known = _webhook(request)
    webhooks.delete(known.organization, known.id)
    return Response(200, {"webhook_id": known.id})


def _api(request: Request) -> str:
    """The API of the path, such as `analyze/speech`. Raises NotFound."""
    parameters = request.parameters
    api = "/".join(parameters[name].lower() for name in ("api", "kind") if name in parameters)
    if api not in APIS:
        raise NotFound(f"There is no API /media/{api}")
    return api


def _named(request: Request) -> Request:
    """The request with the job that its query names as that of its path."""
    job_id = request.query.get("job_id")
    if job_id is None:
        raise refused("job_id", "the id of a job")
    return replace(request, parameters={"id": job_id})


def _wanted(query: Mapping[str, str]) -> tuple[list[str], int | None, int | None]:
    """Which jobs: a status or all, submitted from when until when. Raises InvalidRequest."""
    word = query.get("status")
    if word is not None and word.lower() not in STATUSES:
        raise refused("status", f"one of: {', '.join(STATUSES.values())}")
    since, until = (_time(query, name) for name in ("submitted_after", "submitted_before"))
    if since is not None and until is not None and until < since:
        raise refused("submitted_before", "the same as submitted_after, or later")
    return [STATUSES[word.lower()]] if word else [], since, until


def _time(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    try:
        # An unescaped `+` of a zone arrives as a space.
        return None if text is None else from_text(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise refused(name, "an ISO 8601 time such as 2021-08-10T05:16:31Z") from None


def _url(request: Request) -> Any:
    body = request.json(_SMALL)
    return body.get("url") if isinstance(body, dict) else None


def _link(method: str, request: Request, url: Any) -> str:
    region = settings().home_region
    key = temporary_folder(request.principal.organization) + key_of(url, "url")
    if key.endswith("/"):
        raise refused("url", "a key that does not end in /")
    bucket = settings().media_bucket_of(region)
    return download.signed(method, region, bucket, key, seconds=LINK_SECONDS, door=request.origin)


def _webhook_of(organization: str, key_id: str) -> Webhook | None:
    return next(
        (
            each
            for each in webhooks.every(organization)
            if each.format == "dolby" and each.created_by == key_id
        ),
        None,
    )


def _webhook(request: Request) -> Webhook:
    """The webhook that the query names, if it is the API key's own. Raises NotFound."""
    caller = request.principal
    known = _webhook_of(caller.organization, caller.key_id)
    if known is None or request.query.get("id", known.id) != known.id:
        raise NotFound("There is no such webhook")
    return known


def _webhook_spec(request: Request) -> Any:
    """What a request says of its webhook. Raises InvalidRequest."""
    from mediajobs.spec import validated
    from mediajobs.webhook import WebhookSpec

    body = request.json(_SMALL)
    callback = body.get("callback") if isinstance(body, dict) else None
    if not isinstance(callback, dict) or not isinstance(callback.get("url"), str):
        raise refused("/callback/url", "a URL")
    headers = callback.get("headers") or {}
    if not isinstance(headers, dict):
        raise refused("/callback/headers", "an object")
    named = {"headers": headers, "description": " ".join(headers) or None}
    return validated(WebhookSpec, {"url": callback["url"], "format": "dolby", **named})
