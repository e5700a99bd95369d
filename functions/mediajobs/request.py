"""An HTTP request as an endpoint sees it, and its answer, between API Gateway's events and our words."""

import base64
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlencode

from mediajobs.api_key import Principal
from mediajobs.errors import (
    BodyTooLarge,
    FieldError,
    InvalidRequest,
    MalformedRequest,
    RequestError,
    Unauthenticated,
)

if TYPE_CHECKING:
    # With it come the types of all answers, which a cold start need not wait for.
    from mediajobs.answer import Problem

#: Of a job; most calls allow less.
MAX_BODY_BYTES = 256 * 1024
MAX_DEPTH = 32

_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")

B_co = TypeVar("B_co", covariant=True)


@dataclass(frozen=True)
class Request:
    """One call. Header names are lower case; a repeated query parameter keeps its last value."""

    id: str
    method: str
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    caller: Principal | None = None

    @classmethod
    def of(cls, event: Mapping[str, Any], caller: Principal | None = None) -> "Request":
        """The request of an API Gateway event, payload format 2.0."""
        body = event.get("body") or ""
        encoded = event.get("isBase64Encoded", False)
        return cls(
            id=event["requestContext"]["requestId"],
            method=event["requestContext"]["http"]["method"],
            path=event["rawPath"],
            parameters=event.get("pathParameters") or {},
            query=event.get("queryStringParameters") or {},
            headers={name.lower(): value for name, value in event.get("headers", {}).items()},
            body=base64.b64decode(body) if encoded else body.encode(),
            caller=caller,
        )

    @property
    def principal(self) -> Principal:
        """Who calls; only an open route has nobody."""
        if self.caller is None:
            raise Unauthenticated("This call needs an API key")
        return self.caller

    @property
    def origin(self) -> str:
        """Scheme and host that the caller has spoken to, such as `https://api.example.com`."""
        scheme = "http" if self.headers.get("x-forwarded-proto") == "http" else "https"
        host = self.headers.get("host", "")
        return f"{scheme}://{host if _HOST.fullmatch(host) else 'localhost'}"

    def address(self, path: str, **query: str) -> str:
        """Where the caller may go on: names the organization if there are several to choose from."""
        if len(self.principal.roles) > 1:
            query["organization_id"] = self.principal.organization
        return f"{path}?{urlencode(query)}" if query else path

    def json(self, limit: int) -> Any:
        """The body as JSON, whatever its content type says. Raises BodyTooLarge, MalformedRequest."""
        if len(self.body) > limit:
            raise BodyTooLarge(f"The body has {len(self.body)} bytes; the limit is {limit}")
        try:
            value = json.loads(self.body.decode(), parse_float=_number, parse_constant=_refuse)
            # A lone surrogate can be read but never be written again.
            json.dumps(value, ensure_ascii=False).encode()
        except RecursionError:
            raise MalformedRequest("The body is nested too deeply") from None
        except ValueError as error:
            detail = error.msg if isinstance(error, json.JSONDecodeError) else "it is not valid text"
            raise MalformedRequest(f"The body is not JSON: {detail}") from None
        if _depth(value) > MAX_DEPTH:
            raise InvalidRequest(
                "The body is nested too deeply",
                fields=[FieldError("", f"at most {MAX_DEPTH} levels of objects and arrays")],
            )
        return value


@dataclass(frozen=True)
class Response(Generic[B_co]):
    """An answer; its body is sent as JSON, or as it is if it is text of another content type."""

    status: int
    body: B_co | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_event(self, request_id: str) -> dict[str, Any]:
        """As API Gateway wants it."""
        headers = {
            "content-type": "application/json",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "x-request-id": request_id,
            **self.headers,
        }
        return {
            "statusCode": self.status,
            "headers": headers,
            "body": self._text(str(headers["content-type"]).endswith("json")),
        }

    def _text(self, is_json: bool) -> str:
        if self.body is None:
            return ""
        return json.dumps(self.body, ensure_ascii=False) if is_json else str(self.body)


def problem(error: RequestError, request_id: str) -> "Response[Problem]":
    """The answer to a refused request (RFC 9457), with a pointer to each bad field."""
    body: Problem = {
        "type": f"urn:mediajobs:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "request_id": request_id,
    }
    if error.fields:
        body["errors"] = [{"pointer": bad.pointer, "detail": bad.detail} for bad in error.fields]
    headers = {"content-type": "application/problem+json"}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if error.status == 401:
        headers["www-authenticate"] = 'Bearer realm="mediajobs"'
    return Response(error.status, body, headers)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _number(text: str) -> float:
    """A number with a point or an exponent; 17.0 is a whole number, as JSON Schema has it."""
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:20]} is too large")
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level := [part for item in level for part in _parts(item)]:
        depth += 1
    return depth


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [None, *value.values()]
    if isinstance(value, list):
        return [None, *value]
    return []
