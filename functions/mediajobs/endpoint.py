"""The glue of every endpoint: who calls, whether they may, and an answer whatever happens."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

from mediajobs import access_token
from mediajobs.api_key import ApiKey, Principal
from mediajobs.errors import Forbidden, InternalError, RequestError, Unauthenticated, Unavailable
from mediajobs.header import Header
from mediajobs.log import logger
from mediajobs.membership import choose
from mediajobs.organization import Role
from mediajobs.outage import is_outage
from mediajobs.parameter import Parameters, read
from mediajobs.request import Request, Response, problem
from mediajobs.routes import ROUTES, Route
from mediajobs.store import signing
from mediajobs.store.account import bearer, principal
from mediajobs.timestamp import now

if TYPE_CHECKING:
    # It brings pydantic, which is slow to load, and which what only reads does not need.
    from mediajobs.body import Body

Function = Callable[[Request], Response[Any]]
#: An error and the request → the answer.
Refuse = Callable[[RequestError, Request], Response[Any]]


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
        return answer(event, self.route.name, self._answer, lambda error, request: problem(error, request.id))

    def _answer(self, request: Request) -> Response[Any]:
        route = self.route
        if route.role is not None:
            request = choose(replace(request, caller=authenticate(request)), route.organization)
            authorize(request, route.role)
        if self.query is Parameters:
            read(Parameters, request.query)
        return self.function(request)


def answer(event: dict[str, Any], name: str, function: Function, refuse: Refuse) -> dict[str, Any]:
    """What API Gateway is told of an event, whatever happens; `refuse` puts an error into words."""
    request = Request.of(event)
    # The process remembers its last caller's.
    logger.append_keys(request_id=request.id, endpoint=name, key_id=None, organization=None)
    said: Response[Any]
    try:
        said = function(request)
    except RequestError as error:
        logger.info("refused", status=error.status, code=error.code)
        said = refuse(error, request)
    except Exception as error:
        logger.exception("the endpoint failed")
        if is_outage(error):
            said = refuse(Unavailable("Please try again later", retry_after=30), request)
        else:
            said = refuse(InternalError("Please try again; the request id helps us find it"), request)
    return said.to_event(request.id)


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


def authorize(request: Request, needed: Role) -> None:
    """Let a caller pass who has the role in the organization that the request is about; if it is about
    none, in any. Raises Forbidden."""
    caller = request.principal
    logger.append_keys(organization=caller.chosen)
    roles = set(caller.roles.values()) if caller.chosen is None else {caller.role}
    if not any(role.allows(needed) for role in roles):
        raise Forbidden(f"This needs the role {needed}; the key has {', '.join(sorted(roles))}")


def authenticate(request: Request) -> Principal:
    """Who calls, by `Authorization: Bearer <key or token>` or `Authorization: api-key <key>` (RFC 9110: the
    scheme in any case). Raises Unauthenticated."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "api-key"):
        raise Unauthenticated("Send `Authorization: Bearer <key>` or `Authorization: api-key <key>`")
    return identify(text.strip())


def identify(text: str) -> Principal:
    """Whose key or access token it is. Raises Unauthenticated."""
    key, at = ApiKey.parse(text), now()
    if key is not None:
        caller = principal(key, at)
    else:
        key_id = access_token.read(signing.key(), text, at) if access_token.is_one(text) else None
        caller = bearer(key_id, at) if key_id else None
    if caller is None:
        raise Unauthenticated("The API key is not valid")
    logger.append_keys(key_id=caller.key_id)
    return caller
