"""Fields of what clients send, and the error that names one."""

from collections.abc import Mapping
from typing import Any

from mediajobs.bit_rate import LARGEST
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.request import Request


def bad(pointer: str, rule: str) -> InvalidRequest:
    """A field breaks a rule."""
    return InvalidRequest(rule, fields=[FieldError(pointer, rule)])


def wrapped(request: Request, name: str, limit: int) -> dict[str, Any]:
    """What is sent as `{name: {…}}`, in at most so many bytes. Raises InvalidRequest, and as `json`."""
    body = request.json(limit)
    given = body.get(name) if isinstance(body, dict) else None
    if not isinstance(given, dict):
        raise bad(f"/{name}", "an object is required")
    return given


def filled(text: Any, known: Mapping[str, str], pointer: str) -> str:
    """A name with its placeholders filled in."""
    if not isinstance(text, str):
        raise bad(pointer, "a text is required")
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    if "{" in text or text.startswith("/"):
        rule = f"no / at the begin, and no placeholders but {', '.join(f'{{{name}}}' for name in known)}"
        raise bad(pointer, rule)
    return str(text)


def number(value: Any) -> Any:
    """A number written as text is that number; what is too large to reckon with, and anything else, stays."""
    if not isinstance(value, str):
        return value
    try:
        found = int(value) if value.isdigit() else float(value)
    except ValueError:
        return value
    return found if abs(found) <= LARGEST else value


def text_of(fields: Mapping[str, Any], name: str, pointer: str) -> str | None:
    """A text or nothing. Raises InvalidRequest."""
    value = fields.get(name)
    if not isinstance(value, str | None):
        raise bad(f"{pointer}/{name}", "a text")
    return value


def mapping(value: Any, pointer: str) -> Mapping[str, Any]:
    """An object. Raises InvalidRequest."""
    if not isinstance(value, Mapping):
        raise bad(pointer, "an object is required")
    return value


def entries(value: Any, pointer: str) -> list[Any]:
    """A list; nothing is an empty one. Raises InvalidRequest."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise bad(pointer, "a list")
    return value


def given_only(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say anything: neither null nor 0."""
    return {name: value for name, value in fields.items() if value is not None and value != 0}
