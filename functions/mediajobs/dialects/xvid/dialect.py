"""Xvid MediaHub as a dialect: how its clients say who they are, and how it says what is wrong."""

from dataclasses import replace

from mediajobs.dialect import Dialect, bearer, only
from mediajobs.dialects.xvid.shape import Shape
from mediajobs.dialects.xvid.words import ERRORS
from mediajobs.endpoint import authorize, identify
from mediajobs.errors import Forbidden, NotFound, RequestError, Unauthenticated
from mediajobs.organization import Role
from mediajobs.request import Request, Response

#: What a path of ours that names a thing is called in the message that there is none.
_THINGS = {
    "pipelines": "Pipeline",
    "presets": "Preset",
    "codecs": "Codec",
    "templates": "Template",
    "files": "File",
    "users": "User",
    "applications": "Application",
}


def refuse(error: RequestError, request: Request) -> Response[str]:
    """`{"error": {error_code, error_message}}`. What was wrong with a body follows the vendor's message."""
    status = {401: 403, 409: 400, 422: 400}.get(error.status, error.status)
    code, message = ERRORS.get(status) or ERRORS[500 if status >= 500 else 400]
    if isinstance(error, NotFound):
        kind = next((part for part in reversed(request.path.split("/")) if part in _THINGS), None)
        message = f"{_THINGS[kind]} does not exist" if kind else message
    elif isinstance(error, Forbidden):
        message = "The access token does not permit this"
    elif status < 500 and not isinstance(error, Unauthenticated) and request.method != "GET":
        rules = [f"{field.pointer}: {field.detail}" for field in error.fields] or [error.detail]
        message = f"{message}: {'; '.join(rules)}"
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    body = {"error": {"error_code": code, "error_message": message}}
    return Shape.of_refusal(request).response(body, status, headers)


def credential(request: Request) -> str | None:
    """The key or token of `Authorization: Bearer …`, or of `?access_token=`."""
    return bearer(request) or request.query.get("access_token")


DIALECT = Dialect("xvid", refuse, credential=credential)


def known(request: Request) -> Request | None:
    """The request of an open route with its caller, if it names one. Raises RequestError."""
    given = credential(request)
    if given is None:
        return None
    request = only(replace(request, caller=identify(given)))
    authorize(request, Role.VIEW)
    return request
