"""The glue of every endpoint: who calls, whether they may, and an answer whatever happens."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

from mediajobs.api_key import ApiKey, Principal
from mediajobs.errors import Forbidden, RequestError, Unauthenticated
from mediajobs.header import Header
from mediajobs.log import logger
from mediajobs.membership import choose
from mediajobs.organization import Role
from mediajobs.parameter import Parameters, read
from mediajobs.request import Request, Response, problem
from mediajobs.routes import ROUTES, Named, Route
from mediajobs.store.account import principal
from mediajobs.timestamp import now

if TYPE_CHECKING:
    # It brings pydantic, which is slow to load, and which what only reads does not need.
    from mediajobs.body import Body

Function = Callable[[Request], Response[Any]]


class _InternalError(RequestError):
    """Our own fault; its detail tells nothing of it."""

    status, code, title = 500, "internal-error", "The service has failed"


@dataclass(frozen=True)
class Endpoint:
    """A Lambda handler; what it takes and answers stands here for the API's document."""

    function: Function
    #: Any other query parameter is refused.
    query: type[Parameters] = Parameters
    body: "Body[Any] | None" = None
    #: Headers it reads, beside Authorization.
    reads: tuple[Header, ...] = ()
    #: Headers it may send, beside those of every answer.
    sends: tuple[Header, ...] = ()

    @property
    def name(self) -> str:
        """Its module's name."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def route(self) -> Route:
        """Its route, and so the role needed."""
        return next(route for route in ROUTES if route.endpoint == self.name)

    def __call__(self, event: dict[str, Any], _context: object) -> dict[str, Any]:
        """Answer an event of API Gateway."""
        request_id = event["requestContext"]["requestId"]
        # The process remembers its last caller's.
        logger.append_keys(request_id=request_id, endpoint=self.name, key_id=None, organization=None)
        route = self.route
        answer: Response[Any]
        try:
            request = Request.of(event)
            if route.role is not None:
                request = _authorize(request, route.role, route.organization)
            if self.query is Parameters:
                read(Parameters, request.query)
            answer = self.function(request)
        except RequestError as error:
            logger.info("refused", status=error.status, code=error.code)
            answer = problem(error, request_id)
        except Exception:
            logger.exception("the endpoint failed")
            answer = problem(_InternalError("Please try again; the request id helps us find it"), request_id)
        return answer.to_event(request_id)


@overload
def endpoint(function: Function, /) -> Endpoint: ...


@overload
def endpoint(
    *,
    query: type[Parameters] = ...,
    body: "Body[Any] | None" = ...,
    reads: tuple[Header, ...] = ...,
    sends: tuple[Header, ...] = ...,
) -> Callable[[Function], Endpoint]: ...


def endpoint(function: Function | None = None, /, **declared: Any) -> Any:
    """Make an endpoint of a function, with or without declarations; its module's name finds the route.

    The function's docstring names each status that it answers with, and its return type what those of 2xx
    have as body, in the same order.
    """
    if function is not None:
        return Endpoint(function)
    return lambda decorated: Endpoint(decorated, **declared)


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
