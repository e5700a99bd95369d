"""Templates: a job's spec with placeholders, what may fill them, and the job that comes of it.

`${name}` in a string stands for a parameter; a string that is nothing else takes the value's own type.
`$${` stands for a plain `${`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.request import MAX_BODY_BYTES
from mediajobs.tools.tool import Model

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
MAX_PARAMETERS = 50
MAX_PLACEHOLDERS = 1_000
MAX_VALUE = 4_096
_PLACEHOLDER = re.compile(r"\$(?P<plain>\$)?\{(?:(?P<name>[A-Za-z_][A-Za-z0-9_]{0,63})\})?")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}

ParameterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
Value = str | int | float | bool


class Parameter(Model):
    """What a placeholder may be filled with."""

    type: Literal["string", "number", "integer", "boolean"]
    default: Value | None = Field(None, description="without one, the parameter is required")
    enum: list[Value] | None = Field(None, min_length=1, max_length=100, description="the values allowed")
    description: str | None = Field(None, max_length=1024)

    def rule_broken_by(self, value: Any) -> str | None:
        """The rule that a value breaks."""
        if not isinstance(value, _TYPES[self.type]) or (isinstance(value, bool) and self.type != "boolean"):
            return f"a value of the type {self.type}"
        if isinstance(value, str) and len(value) > MAX_VALUE:
            return f"at most {MAX_VALUE} characters"
        if self.enum is not None and value not in self.enum:
            return f"one of: {', '.join(map(str, self.enum))}"
        return None


def is_name(text: str) -> bool:
    """Whether a template may be called so."""
    return re.fullmatch(NAME, text) is not None


class Template(Model):
    """A job's spec with placeholders."""

    description: str | None = Field(None, max_length=1024)
    parameters: dict[ParameterName, Parameter] = Field(default_factory=dict, max_length=MAX_PARAMETERS)
    job: dict[str, Any] = Field(
        description="a job as POST /jobs takes it, with `${name}` in its strings for the parameters"
    )


def fill(template: Template, given: Mapping[str, Any]) -> dict[str, Any]:
    """The job of a template with those parameters. Raises InvalidRequest naming each bad one."""
    bad = [
        FieldError(f"/parameters/{name}", "the template has no such parameter")
        for name in sorted(given.keys() - template.parameters.keys())
    ]
    values = {}
    for name, parameter in template.parameters.items():
        if name not in given and parameter.default is None:
            bad.append(FieldError(f"/parameters/{name}", f"required: a value of the type {parameter.type}"))
            continue
        values[name] = given.get(name, parameter.default)
        if rule := parameter.rule_broken_by(values[name]):
            bad.append(FieldError(f"/parameters/{name}", rule))
    if bad:
        raise InvalidRequest("The template's parameters break a rule", fields=bad)
    job: dict[str, Any] = filled(template.job, values)
    if len(json.dumps(job)) > MAX_BODY_BYTES:
        rule = f"the job they make has at most {MAX_BODY_BYTES} bytes"
        raise InvalidRequest("The parameters are too long", fields=[FieldError("/parameters", rule)])
    return job


def filled(value: Any, values: Mapping[str, Value]) -> Any:
    """A part of a job with its placeholders filled; what stands in a value is no placeholder again."""
    if isinstance(value, dict):
        return {name: filled(part, values) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, values) for part in value]
    if not isinstance(value, str):
        return value
    whole = _PLACEHOLDER.fullmatch(value)
    if whole is not None and whole["name"] and not whole["plain"]:
        return values[whole["name"]]
    return _PLACEHOLDER.sub(lambda match: _text(match, values), value)


def placeholders(value: Any, pointer: str = "") -> Iterator[tuple[str, str | None]]:
    """Where a part of a job has placeholders, and their names; None for one that is not whole."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from placeholders(part, f"{pointer}/{escape(name)}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from placeholders(part, f"{pointer}/{index}")
    elif isinstance(value, str):
        for match in _PLACEHOLDER.finditer(value):
            if not match["plain"]:
                yield pointer, match["name"]


def without_placeholders(text: str) -> str:
    """What of a text is fixed."""
    return _PLACEHOLDER.sub(lambda match: match[0][1:] if match["plain"] else "", text)


def blame(template: Template, error: InvalidRequest, own: Mapping[str, Any]) -> InvalidRequest:
    """The error of a filled job in terms of what its caller has sent: a field of their `own`, a parameter, or
    else the template."""
    by_place: dict[str, list[str]] = {}
    for pointer, name in placeholders(template.job):
        by_place.setdefault(pointer, []).append(str(name))
    fields = []
    for bad in error.fields:
        if bad.pointer.split("/")[1:2] and bad.pointer.split("/")[1] in own:
            fields.append(bad)
            continue
        names = by_place.get(bad.pointer) or [
            name
            for place, inside in by_place.items()
            if place.startswith(f"{bad.pointer}/")
            for name in inside
        ]
        rule = f"in the template's {bad.pointer or 'job'}: {bad.detail}"
        fields += [FieldError(f"/parameters/{name}", rule) for name in dict.fromkeys(names)] or [
            FieldError("/template", rule)
        ]
    return InvalidRequest(error.detail, fields=fields)


def escape(part: int | str) -> str:
    """A part of an RFC 6901 pointer."""
    return str(part).replace("~", "~0").replace("/", "~1")


def _text(match: re.Match[str], values: Mapping[str, Value]) -> str:
    if match["plain"]:
        return match[0][1:]
    value = values[match["name"]]
    return value if isinstance(value, str) else json.dumps(value)
