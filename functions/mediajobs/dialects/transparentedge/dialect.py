"""How TransparentEdge's requests name their organization, and how its API says what is wrong."""

import re
from typing import Any

from mediajobs.dialect import Dialect
from mediajobs.errors import InvalidRequest, MalformedRequest, NotFound, RequestError
from mediajobs.membership import choose_numbered
from mediajobs.request import Request, Response

#: What Django REST framework says by itself stands under `detail`, what its views say under `message`.
_DETAIL = (401, 403, 404, 405, 429)


def refuse(error: RequestError, request: Request) -> Response[dict[str, Any]]:
    """An error with exactly one key, as a client of the vendor's refuses any other; what is wrong with a
    request is 400."""
    status = 400 if isinstance(error, InvalidRequest | MalformedRequest) else error.status
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="api"'
    if request.path.rstrip("/").lower().endswith("/oauth2/access_token"):
        # RFC 6749, section 5.2.
        word = {400: "invalid_request", 401: "invalid_client"}.get(status, error.code)
        return Response(status, {"error": word}, headers)
    key = "detail" if status in _DETAIL else "message"
    return Response(status, {key: _text(error)}, headers)


def company(request: Request) -> Request:
    """The request with the organization chosen whose number is the path's `company_id`; a foreign one is
    answered like an unknown one."""
    number = request.parameters.get("company_id")
    if number is None:
        return request
    try:
        return choose_numbered(request, number, "/company_id")
    except InvalidRequest:
        raise NotFound("Not found.") from None


def _text(error: RequestError) -> str:
    """All that is wrong, each field as the client would write it: `jobs[0].profile_id`."""
    if not error.fields:
        return error.detail
    return "; ".join(
        f"{_field(bad.pointer)}: {bad.detail}" if bad.pointer else bad.detail for bad in error.fields
    )


def _field(pointer: str) -> str:
    return re.sub(r"/(\d+)(?=/|$)", r"[\1]", pointer).replace("/", ".").lstrip(".").replace("query.", "")


DIALECT = Dialect("transparentedge", refuse, organization=company)
