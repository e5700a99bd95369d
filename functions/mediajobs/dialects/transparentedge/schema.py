"""The OpenAPI document of these routes, from which the vendor's command line makes its commands."""

import re
from typing import Any

from mediajobs.routes import DIALECTS, Route

_LIST = {
    "filters": ("string", "JSON: timestamp (from, to), status, order_id, profile_name"),
    "search": ("string", "part of an order's id, of its file's name or of its profiles' names"),
    "limit": ("integer", "how many orders; all of them if it is left out"),
    "offset": ("integer", "how many to pass over; needs limit"),
    "output": ("string", "std: an envelope with count, next, previous and results"),
}
_QUERY = {
    "list_orders": _LIST,
    "get_consumed_minutes": {"filters": ("string", "JSON: timestamp (from, to)")},
    "submit_order": {"data": ("string", "JSON: origin, destinations, jobs, thumbnails, notifications")},
}


def document(origin: str) -> dict[str, Any]:
    """The document; `origin` is where the routes are."""
    paths: dict[str, dict[str, Any]] = {}
    for route in DIALECTS["transparentedge"]:
        if "{company_id}" in route.path and route.path.startswith("/v1/"):
            paths.setdefault(f"{route.path}/", {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.0.3",
        "info": {"title": "Transcoding", "version": "1"},
        "servers": [{"url": origin}],
        "security": [{"oauth2": []}],
        "paths": paths,
        "components": {"securitySchemes": {"oauth2": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(route: Route) -> dict[str, Any]:
    name = "_".join(re.findall(r"/([a-z_0-9]+)", route.path))
    is_one = route.path.endswith("}")
    verb = {"POST": "create", "PUT": "update", "DELETE": "destroy"}.get(
        route.method, "retrieve" if is_one else "list"
    )
    in_path = [_parameter(each, "path", "string", "") for each in re.findall(r"\{(\w+)\}", route.path)]
    query = _QUERY.get(route.endpoint, {})
    said: dict[str, Any] = {
        "operationId": f"{name}_{verb}",
        "tags": ["media"],
        "summary": route.endpoint.replace("_", " ").capitalize(),
        "parameters": [
            *in_path,
            *(_parameter(each, "query", kind, about) for each, (kind, about) in query.items()),
        ],
        "responses": {"default": {"description": "JSON"}},
    }
    if route.method == "PUT" or route.endpoint in ("create_profile", "submit_order"):
        said["requestBody"] = {"content": {"application/json": {"schema": {"type": "object"}}}}
    return said


def _parameter(name: str, place: str, kind: str, about: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": place == "path",
        "description": about,
        "schema": {"type": kind},
    }
