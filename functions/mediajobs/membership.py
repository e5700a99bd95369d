"""Which of the caller's organizations a call is about."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mediajobs.api_key import Principal
from mediajobs.errors import FieldError, InvalidRequest, RequestError
from mediajobs.organization import is_name
from mediajobs.request import MAX_BODY_BYTES, Request
from mediajobs.routes import Named
from mediajobs.store.organization import find, id_of

#: By its id or by its name.
_FIELDS = ("organization_id", "organization")


def choose(request: Request, named: Named) -> Request:
    """The request with its caller's organization chosen, and without the fields that name it.

    A caller of one organization need not name it. Raises InvalidRequest if one of several is not named, or
    one that is not the caller's, which is answered like one that does not exist.
    """
    caller = request.principal
    where = "" if named is Named.BODY else "/query"
    wanted = {f"/query/{name}": request.query[name] for name in _FIELDS if name in request.query}
    request = replace(request, query=_without(request.query))
    if named is Named.BODY and isinstance(body := _body(request), dict):
        inside = {f"/{name}": body[name] for name in _FIELDS if name in body}
        if inside:
            wanted |= inside
            request = replace(request, body=_written(_without(body)))
    chosen = {_own(caller, pointer, name) for pointer, name in wanted.items()}
    if len(chosen) > 1:
        raise InvalidRequest(
            "The organization is named in several ways that differ",
            fields=[FieldError(pointer, "one organization") for pointer in wanted],
        )
    if not chosen and named is not Named.NOWHERE:
        if len(caller.roles) > 1:
            rule = f"say which one of yours: {', '.join(sorted(caller.roles))}"
            raise InvalidRequest(
                "You are in several organizations", fields=[FieldError(f"{where}/organization_id", rule)]
            )
        chosen = set(caller.roles)
    return replace(request, caller=replace(caller, chosen=next(iter(chosen), None)))


def choose_numbered(request: Request, number: str, pointer: str) -> Request:
    """The request with that of its caller's organizations chosen that has the number. Raises InvalidRequest,
    also for one that is not the caller's."""
    caller = request.principal
    for organization in caller.roles:
        found = find(organization)
        if found is not None and str(found.number) == number:
            return replace(request, caller=replace(caller, chosen=organization))
    raise _unknown(pointer)


def _own(caller: Principal, pointer: str, value: Any) -> str:
    """The id of the organization that a field names."""
    organization = value if isinstance(value, str) else None
    if organization is not None and pointer.endswith("/organization"):
        organization = id_of(organization) if is_name(organization) else None
    if organization is None or organization not in caller.roles:
        raise _unknown(pointer)
    return organization


def _unknown(pointer: str) -> InvalidRequest:
    return InvalidRequest(
        "The organization is not known", fields=[FieldError(pointer, "an organization of yours")]
    )


def _body(request: Request) -> Any:
    """The body, if it can be read; the endpoint says what is wrong with it."""
    try:
        return request.json(MAX_BODY_BYTES)
    except RequestError:
        return None


def _written(body: Any) -> bytes:
    """JSON that is no longer than what was sent, as its length has a limit."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _without(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in _FIELDS}
