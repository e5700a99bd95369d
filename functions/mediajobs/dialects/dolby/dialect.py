"""Dolby.io Media as a dialect: `Authorization: Bearer` or `x-api-key`, and its own shape of errors."""

from typing import Any

from mediajobs.dialect import Dialect, bearer
from mediajobs.errors import InvalidRequest, RequestError
from mediajobs.request import Request, Response


def _refuse(error: RequestError, _request: Request) -> Response[Any]:
    """Bad fields are named in `detail`; a request that breaks a rule is a 400 there."""
    status = 400 if isinstance(error, InvalidRequest) else error.status
    bad = "; ".join(f"{field.pointer or 'the body'}: {field.detail}" for field in error.fields)
    headers = {"retry-after": str(error.retry_after)} if error.retry_after is not None else {}
    body = {
        "type": f"urn:mediajobs:problem:{error.code}",
        "title": error.title,
        "status": status,
        "detail": f"{error.detail}: {bad}" if bad else error.detail,
    }
    return Response(status, body, headers)


def _credential(request: Request) -> str | None:
    return request.headers.get("x-api-key") or bearer(request)


DIALECT = Dialect("dolby", _refuse, credential=_credential)
