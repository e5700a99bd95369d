"""The glue of a vendor's endpoints: who calls, for which organization, and errors in the vendor's shape."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mediajobs.endpoint import Function, Refuse, answer, authorize, identify
from mediajobs.errors import Unauthenticated
from mediajobs.membership import choose
from mediajobs.request import Request, Response
from mediajobs.routes import DIALECTS, Named, Route


def bearer(request: Request) -> str | None:
    """The key or token of `Authorization: Bearer …`."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def only(request: Request) -> Request:
    """The request with the caller's only organization; who has several names one by `?organization_id=`."""
    return choose(request, Named.QUERY)


@dataclass(frozen=True)
class Dialect:
    """A vendor's API: how its requests say who calls, and how it says what is wrong."""

    #: Of its folder and of its block of routes.
    name: str
    refuse: Refuse
    #: The API key or access token of a request.
    credential: Callable[[Request], str | None] = bearer
    #: Chooses among the organizations of the request's caller. Raises RequestError.
    organization: Callable[[Request], Request] = only

    def endpoint(self, function: Function) -> "DialectEndpoint":
        """Make a Lambda handler of a function; its name finds the route."""
        return DialectEndpoint(self, function)


@dataclass(frozen=True)
class DialectEndpoint:
    """A Lambda handler of a vendor's endpoint."""

    dialect: Dialect
    function: Function

    @property
    def route(self) -> Route:
        """The first of its routes, and so the role needed."""
        routes = DIALECTS[self.dialect.name]
        return next(route for route in routes if route.endpoint == self.function.__name__)

    def __call__(self, event: dict[str, Any], _context: object) -> dict[str, Any]:
        """Answer an event of API Gateway."""
        return answer(event, self.route.name, self._answer, self.dialect.refuse)

    def _answer(self, request: Request) -> Response[Any]:
        if (role := self.route.role) is not None:
            credential = self.dialect.credential(request)
            if credential is None:
                raise Unauthenticated("An API key or an access token is needed")
            request = self.dialect.organization(replace(request, caller=identify(credential)))
            authorize(request, role)
        return self.function(request)
