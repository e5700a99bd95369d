"""How the Video Toolkit's requests say who calls and for whom, and how it says what is wrong."""

from dataclasses import replace
from typing import Any

from mediajobs.dialect import Dialect
from mediajobs.dialects.castlabs.words import field, number
from mediajobs.errors import FieldError, InvalidRequest, NotFound, RequestError
from mediajobs.identifier import is_id
from mediajobs.membership import choose, choose_numbered
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.routes import Named
from mediajobs.store import job as jobs

_SCHEMES = ("api-key", "ticket", "bearer")
#: How an organization is named by its name.
_NAMES = ("organization", "organization_name")


def credential(request: Request) -> str | None:
    """The key or token of `Authorization: api-key …`, `Ticket …` or `Bearer …`."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() in _SCHEMES else None


def organization(request: Request) -> Request:
    """The request for the organization that it names, or that has the job of its path, or that is the only
    one. What only reads lists may be about all of the caller's: then none is chosen."""
    caller = request.principal
    body = _body(request) if request.method == "POST" else {}
    for place, fields in (("", body), ("/query", request.query)):
        wanted = fields.get("organization_id")
        if (asked := number(wanted)) is not None:
            return choose_numbered(request, str(asked), f"{place}/organization_id")
        if wanted is not None:
            return _chosen(request, organization_id=wanted)
        for name in _NAMES:
            if fields.get(name) is not None:
                return _chosen(request, organization=fields[name])
    if len(caller.roles) == 1:
        return replace(request, caller=replace(caller, chosen=next(iter(caller.roles))))
    job_id = request.parameters.get("id", "")
    if request.path.lower().startswith("/api/jobs/"):
        found = (each for each in caller.roles if is_id(job_id) and jobs.find(each, job_id))
        if (owner := next(found, None)) is None:
            raise NotFound("There is no such job")
        return replace(request, caller=replace(caller, chosen=owner))
    if request.method == "POST":
        rule = "your user is in several organizations: name one by it, or by organization"
        raise InvalidRequest("The organization is missing", fields=[FieldError("/organization_id", rule)])
    return request


def refuse(error: RequestError, _request: Request) -> Response[Any]:
    """`{"detail": …}`, and by name what is wrong with each field of the request."""
    body: dict[str, Any] = {"detail": error.detail}
    headers = {}
    if error.fields:
        wrong: dict[str, list[str]] = {}
        for bad in error.fields:
            wrong.setdefault(field(bad.pointer), []).append(bad.detail)
        listed = "; ".join(f"{name}: {rule}" for name, rules in wrong.items() for rule in rules)
        body = {"detail": f"{error.detail}: {listed}", "errors": wrong}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
        if error.status == 429:
            body["detail"] = f"Request was throttled. Expected available in {error.retry_after} seconds."
    if error.status == 401:
        headers["www-authenticate"] = 'api-key realm="mediajobs"'
    # What it cannot do with a readable request is 400 there.
    return Response(400 if error.status == 422 else error.status, body, headers)


def _body(request: Request) -> dict[str, Any]:
    """The body, if it can be read; the endpoint says what is wrong with it."""
    try:
        body = request.json(MAX_BODY_BYTES)
    except RequestError:
        return {}
    return body if isinstance(body, dict) else {}


def _chosen(request: Request, **named: Any) -> Request:
    """The request with one of its caller's organizations, by our id or by its name. Raises InvalidRequest."""
    return replace(request, caller=choose(replace(request, query=named), Named.QUERY).caller)


DIALECT = Dialect("castlabs", refuse, credential=credential, organization=organization)
