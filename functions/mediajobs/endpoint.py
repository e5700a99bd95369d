"""The glue of every endpoint: who calls, whether they may, and an answer whatever happens."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mediajobs.api_key import ApiKey, Principal
from mediajobs.errors import Forbidden, RequestError, Unauthenticated
from mediajobs.log import logger
from mediajobs.membership import choose
from mediajobs.organization import Role
from mediajobs.request import Request, Response, problem
from mediajobs.routes import ROUTES, Named
from mediajobs.store.account import principal
from mediajobs.timestamp import now

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class _InternalError(RequestError):
    """Our own fault; its detail tells nothing of it."""

    status, code, title = 500, "internal-error", "The service has failed"


def endpoint(function: Callable[[Request], Response]) -> Handler:
    """Make a Lambda handler of a function; its module's name finds the route and so the role needed."""
    name = function.__module__.rpartition(".")[2]
    route = next(route for route in ROUTES if route.endpoint == name)

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        request_id = event["requestContext"]["requestId"]
        logger.append_keys(request_id=request_id, endpoint=name)
        try:
            request = Request.of(event)
            if route.role is not None:
                request = _authorize(request, route.role, route.organization)
            answer = function(request)
        except RequestError as error:
            logger.info("refused", status=error.status, code=error.code)
            answer = problem(error, request_id)
        except Exception:
            logger.exception("the endpoint failed")
            answer = problem(_InternalError("Please try again; the request id helps us find it"), request_id)
        return answer.to_event(request_id)

    return handler


def _authorize(request: Request, needed: Role, named: Named) -> Request:
    """The request with its caller, who may make it in the organization that it is about."""
    caller = _authenticate(request.headers.get("authorization", ""))
    logger.append_keys(key_id=caller.key_id)
    request = choose(replace(request, caller=caller), named)
    chosen = request.principal.chosen
    logger.append_keys(organization=chosen)
    roles = set(caller.roles.values()) if chosen is None else {caller.roles[chosen]}
    if not any(role.allows(needed) for role in roles):
        raise Forbidden(f"This needs the role {needed}; the key has {', '.join(sorted(roles))}")
    return request


def _authenticate(header: str) -> Principal:
    """`Authorization: Bearer <key>` or `Authorization: api-key <key>` (RFC 9110: the scheme in any case)."""
    scheme, _, text = header.partition(" ")
    if scheme.lower() not in ("bearer", "api-key"):
        raise Unauthenticated("Send `Authorization: Bearer <key>` or `Authorization: api-key <key>`")
    key = ApiKey.parse(text.strip())
    caller = principal(key, now()) if key else None
    if caller is None:
        raise Unauthenticated("The API key is not valid")
    return caller
