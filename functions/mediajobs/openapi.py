"""The OpenAPI document, made from the routes and from what each endpoint's module says of itself."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, get_args, get_type_hints

from mediajobs import answer, header, secret_name
from mediajobs.body import Body
from mediajobs.endpoint import Endpoint
from mediajobs.errors import (
    BodyTooLarge,
    Conflict,
    Forbidden,
    InvalidRequest,
    MalformedRequest,
    NotFound,
    RequestError,
    TooManyRequests,
    Unauthenticated,
)
from mediajobs.header import Header
from mediajobs.parameter import Parameter, declared
from mediajobs.request import Response
from mediajobs.routes import ROUTES, Named, Route
from mediajobs.schema import Components
from mediajobs.spec import TaskSpec
from mediajobs.template import NAME

VERSION = "1.0.0"
_PROBLEMS: dict[int, type[RequestError]] = {
    error.status: error
    for error in (
        MalformedRequest,
        Unauthenticated,
        Forbidden,
        NotFound,
        Conflict,
        BodyTooLarge,
        InvalidRequest,
        TooManyRequests,
    )
}
#: Where a docstring begins to speak of a status: at its beginning or at that of a clause.
_STATUS = re.compile(r"(?:^|[;,.] (?:or |and )?)([2-4]\d\d)(?: |$|,)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PATH: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9A-Za-z_-]+$"},
    "delivery": {"type": "string", "format": "uuid"},
    "index": {"type": "integer", "minimum": 0, "maximum": 49},
    "work": {
        "type": "string",
        "pattern": r"^[0-9a-f-]{36}\.[0-9]{1,9}\.[0-9]{1,2}\.[0-9A-Za-z]{12}$",
        "examples": ["0190b5a2-1f4e-7c3b-9a58-3d2f4c5b6a79.1.0.4fJ0pQz81xYb"],
    },
    "region": {"type": "string", "pattern": "^[a-z0-9-]{1,32}$", "examples": ["eu-central-1"]},
    "secret": {"type": "string", "pattern": f"^{secret_name.NAME}$", "examples": ["ftp-password"]},
    "template": {"type": "string", "pattern": f"^{NAME}$", "examples": ["proxy"]},
    "name": {"type": "string", "pattern": "^[a-z]{1,30}:[a-z_]{1,30}$", "examples": ["media:probe"]},
}
_NAMED = {
    "organization_id": "one of the caller's organizations; a caller of several must name one",
    "organization": "the same, by its name",
}
_SECURITY = {
    "Bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer <key>`"},
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Authorization: api-key <key>`",
    },
}


class NotDescribed(Exception):
    """An endpoint does not say of itself what the document needs."""


@cache
def document() -> dict[str, Any]:
    """The document. Raises NotDescribed."""
    components = Components()
    problem = components.of_answer(answer.Problem)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        module = import_module(f"mediajobs.api.{route.endpoint}")
        operation = _operation(route, module, components, problem)
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    components.describe_tasks(TaskSpec.__name__)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mediajobs",
            "version": VERSION,
            "description": "Media jobs: an ordered list of tasks, run in order, answered for during 31 days. "
            "A refused request is answered with a problem (RFC 9457) that points to each bad field.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(_tag(route) for route in ROUTES)],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.schemas.items())),
            "securitySchemes": _SECURITY,
        },
    }


def _operation(
    route: Route, module: ModuleType, components: Components, problem: dict[str, Any]
) -> dict[str, Any]:
    endpoint = getattr(module, "handler", None)
    if not isinstance(endpoint, Endpoint) or not endpoint.function.__doc__:
        raise NotDescribed(f"{route.endpoint}: its handler is no described endpoint")
    said = _line(endpoint.function.__doc__)
    operation: dict[str, Any] = {
        "operationId": route.endpoint,
        "summary": _sentence(_line(module.__doc__ or "").partition(": ")[2]),
        "description": said,
        "tags": [_tag(route)],
        "security": [] if route.role is None else [{"Bearer": []}, {"ApiKey": []}],
        "parameters": list(_parameters(route, endpoint)),
        "responses": _responses(route, endpoint, said, components, problem),
    }
    if route.role is not None:
        operation["description"] += f" Needs the role {route.role}."
    if endpoint.body is not None:
        operation["requestBody"] = _body(route, endpoint.body, components)
    return operation


def _parameters(route: Route, endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for name in _PLACEHOLDER.findall(route.path):
        if name not in _PATH:
            raise NotDescribed(f"{route.path}: nothing is known of {name}")
        yield {"name": name, "in": "path", "required": True, "schema": _PATH[name]}
    for name, parameter in declared(endpoint.query).items():
        yield _query(name, parameter)
    if route.role is not None:
        for name, about in _NAMED.items():
            yield {"name": name, "in": "query", "description": about, "schema": {"type": "string"}}
    for each in endpoint.reads:
        yield {"name": each.name, "in": "header", "description": each.about, "schema": dict(each.schema)}


def _query(name: str, parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": name,
        "in": "query",
        "description": parameter.about,
        "schema": dict(parameter.schema),
    }
    if parameter.schema["type"] == "array":
        described |= {"style": "form", "explode": False}
    return described


def _body(route: Route, body: Body[Any], components: Components) -> dict[str, Any]:
    placed = components.of_body(body.model)
    if route.organization is Named.BODY:
        schema = components.schemas[body.model.__name__]
        schema["properties"] |= {
            name: {"type": "string", "description": about} for name, about in _NAMED.items()
        }
    content: dict[str, Any] = {"schema": placed}
    if body.example is not None:
        content["example"] = body.example
    return {
        "required": not body.is_optional,
        "description": f"At most {body.max_bytes} bytes.",
        "content": {"application/json": content},
    }


def _responses(
    route: Route, endpoint: Endpoint, said: str, components: Components, problem: dict[str, Any]
) -> dict[str, Any]:
    statuses = dict(_statuses(said))
    bodies = iter(_bodies(endpoint))
    responses: dict[str, Any] = {}
    for status, text in statuses.items():
        if status >= 400:
            continue
        described: dict[str, Any] = {"description": text, "headers": _headers(*endpoint.sends)}
        if status not in (204, 304):
            kind = next(bodies, None)
            if kind is None:
                raise NotDescribed(f"{route.endpoint}: its return type has no body for {status}")
            described["content"] = _content(kind, components)
            if status == 201 and (links := _links(route)):
                described["links"] = links
        responses[str(status)] = described
    if not responses:
        raise NotDescribed(f"{route.endpoint}: its docstring names no status")
    for status, error in _PROBLEMS.items():
        if status in statuses or status in _implied(route, endpoint):
            more = {401: (header.WWW_AUTHENTICATE,), 429: (header.RETRY_AFTER,)}.get(status, ())
            responses[str(status)] = {
                "description": _sentence(statuses.get(status, _line(error.__doc__ or ""))),
                "headers": _headers(*more),
                "content": {"application/problem+json": {"schema": problem}},
            }
    return responses


def _implied(route: Route, endpoint: Endpoint) -> Iterator[int]:
    """The statuses of what the glue refuses."""
    yield 422
    if route.role is not None:
        yield from (401, 403)
    if _PLACEHOLDER.search(route.path):
        yield 404
    if endpoint.body is not None:
        yield from (400, 413)


def _statuses(said: str) -> Iterator[tuple[int, str]]:
    """The statuses that a docstring names, each with what it says of it."""
    found = list(_STATUS.finditer(said))
    for match, following in zip(found, [*found[1:], None], strict=True):
        text = said[match.end(1) : following.start() if following else len(said)]
        yield int(match[1]), _sentence(text.partition(". ")[0].strip(" ,;.").removeprefix("with "))


def _bodies(endpoint: Endpoint) -> Iterator[Any]:
    """The types of the bodies that an endpoint answers with."""
    # An endpoint without `answer` at run time names its types as text.
    kind = get_type_hints(endpoint.function, localns={"answer": answer}, include_extras=True)["return"]
    for each in (kind, *get_args(kind)):
        if getattr(each, "__origin__", None) is Response:
            yield from get_args(each)


def _content(kind: Any, components: Components) -> dict[str, Any]:
    if kind is answer.Html:
        return {"text/html": {"schema": {"type": "string"}}}
    return {"application/json": {"schema": components.of_answer(kind)}}


def _headers(*sent: Header) -> dict[str, Any]:
    return {
        each.name: {"description": each.about, "schema": dict(each.schema)}
        for each in (*sent, header.REQUEST_ID)
    }


def _links(route: Route) -> dict[str, Any]:
    """What can be done with the thing that a POST to a collection has made."""
    if route.method != "POST" or "{" in route.path:
        return {}
    return {
        each.endpoint: {"operationId": each.endpoint, "parameters": {"id": "$response.body#/id"}}
        for each in ROUTES
        if each.path.startswith(f"{route.path}/{{id}}") and each.path.count("{") == 1
    }


def _tag(route: Route) -> str:
    return route.path.split("/")[1].removesuffix(".json")


def _line(text: str) -> str:
    return " ".join(text.split())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
