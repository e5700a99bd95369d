"""Whatever no route takes as it is written: the path is put right, and the endpoint meant is asked.

API Gateway compares paths to the letter and knows no route that ends in a slash. Clients write a slash at the
end, two at the beginning, or letters in another case; `HEAD` and `OPTIONS` are answered for every path.
"""

import json
from collections.abc import Sequence
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import BotoCoreError, ClientError

from mediajobs.aws import function_client
from mediajobs.endpoint import Refuse, answer
from mediajobs.errors import MethodNotAllowed, NotFound, RequestError, Unavailable
from mediajobs.log import logger
from mediajobs.request import Request, Response, problem
from mediajobs.routes import Route, surface
from mediajobs.settings import settings

Match = tuple[Route, dict[str, str]]


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer an event of API Gateway's `$default` route."""
    segments = [unquote(part) for part in event["rawPath"].split("/") if part]
    routes = surface(settings().dialects)
    matches = _matches(routes, segments)
    method = event["requestContext"]["http"]["method"]
    found = _of_method(matches, method) or (_of_method(matches, "GET") if method == "HEAD" else None)
    refuse = _refuse(_dialect(routes, segments))
    if found is None:
        said = answer(event, "fallback", lambda request: _without_route(request, matches), refuse)
        return {**said, "headers": {**said["headers"], **_allow(matches)}}
    route, parameters = found
    path = "/" + "/".join(segments)
    context = event["requestContext"]
    tidy = {
        **event,
        "routeKey": f"{route.method} {route.path}",
        "rawPath": path,
        "pathParameters": parameters,
        "requestContext": {**context, "http": {**context["http"], "method": route.method, "path": path}},
    }
    try:
        said = _ask(route, tidy)
    except Unavailable as error:
        return refuse(error, Request.of(event)).to_event(context["requestId"])
    return {**said, "body": ""} if method == "HEAD" else said


def _matches(routes: Sequence[Route], segments: Sequence[str]) -> list[Match]:
    """The routes of a path: those with the fewest parameters, as API Gateway prefers them."""
    matches = [(route, found) for route in routes if (found := route.match(segments)) is not None]
    fewest = min((len(found) for _, found in matches), default=0)
    return [match for match in matches if len(match[1]) == fewest]


def _of_method(matches: Sequence[Match], method: str) -> Match | None:
    return next((match for match in matches if match[0].method == method), None)


def _without_route(request: Request, matches: Sequence[Match]) -> Response[None]:
    if not matches:
        raise NotFound("There is no such path")
    if request.method != "OPTIONS":
        raise MethodNotAllowed("The header Allow says which methods the path has")
    return Response(200)


def _allow(matches: Sequence[Match]) -> dict[str, str]:
    """The methods of a path (RFC 9110, section 10.2.1)."""
    methods = {route.method for route, _ in matches}
    more = {"OPTIONS", "HEAD"} if "GET" in methods else {"OPTIONS"}
    return {"allow": ", ".join(sorted(methods | more))} if matches else {}


def _ask(route: Route, event: dict[str, Any]) -> dict[str, Any]:
    """What the endpoint's own function answers. Raises Unavailable."""
    try:
        called = function_client(settings().home_region).invoke(
            FunctionName=settings().endpoint_function(route.name), Payload=json.dumps(event)
        )
        said = json.loads(called["Payload"].read())
    except (BotoCoreError, ClientError, ValueError) as error:
        logger.warning("the endpoint is away", endpoint=route.name, reason=type(error).__name__)
        raise Unavailable("The endpoint does not answer", retry_after=5) from None
    if "FunctionError" in called or not isinstance(said, dict):
        logger.error("the endpoint failed", endpoint=route.name)
        raise Unavailable("The endpoint does not answer", retry_after=5)
    return said


def _dialect(routes: Sequence[Route], segments: Sequence[str]) -> str | None:
    """The dialect whose paths begin most like this one."""

    def likeness(route: Route) -> int:
        own = route.path.split("/")[1:]
        pairs = list(zip(own, segments, strict=False))
        same = (mine.lower() == other.lower() or mine.startswith("{") for mine, other in pairs)
        return next((index for index, is_same in enumerate(same) if not is_same), len(pairs))

    best = max(routes, key=likeness)
    return best.dialect if likeness(best) else None


def _refuse(dialect: str | None) -> Refuse:
    """How an error is said there; a dialect is loaded only if there is one to say."""

    def refuse(error: RequestError, request: Request) -> Response[Any]:
        if dialect is None:
            return problem(error, request.id)
        words: Refuse = import_module(f"mediajobs.dialects.{dialect}.dialect").DIALECT.refuse
        return words(error, request)

    return refuse
