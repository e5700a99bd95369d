"""Query parameters, each declared once: read into values here, described from the same words in the API's
document.

An endpoint's parameters are the fields of a frozen dataclass, each made by one of the functions below.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from typing import Any, TypeVar, cast

from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.timestamp import from_text

T = TypeVar("T")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")

#: Characters of a parameter; API Gateway allows 10 KB in all.
MAX_TEXT = 2048


@dataclass(frozen=True)
class Parameter:
    """How one parameter is read, and its JSON Schema and meaning for the document."""

    #: Text → value; ValueError if it breaks the rule.
    parse: Callable[[str], Any]
    rule: str
    schema: Mapping[str, Any]
    about: str


@dataclass(frozen=True)
class Parameters:
    """The parameters of a call; without any field, there are none."""


P = TypeVar("P", bound=Parameters)


def text(about: str, *, example: str | None = None, longest: int = MAX_TEXT) -> Any:
    """Any text without control characters; None if it is left out."""

    def parse(given: str) -> str:
        if not 1 <= len(given) <= longest or any(ord(character) < 32 for character in given):
            raise ValueError
        return given

    schema = {
        "type": "string",
        "minLength": 1,
        "maxLength": longest,
        "pattern": "^[^\\u0000-\\u001f]*$",
        **({"examples": [example]} if example else {}),
    }
    return _field(None, Parameter(parse, f"1 to {longest} characters, without controls", schema, about))


def number(about: str, *, default: int, lowest: int, highest: int) -> Any:
    """A whole number in a range."""

    def parse(given: str) -> int:
        if not (given.isascii() and given.isdigit() and len(given) <= 20 and lowest <= int(given) <= highest):
            raise ValueError
        return int(given)

    schema = {"type": "integer", "minimum": lowest, "maximum": highest, "default": default}
    return _field(default, Parameter(parse, f"a whole number from {lowest} to {highest}", schema, about))


def flag(about: str) -> Any:
    """`true` or `false`; false if it is left out."""
    schema = {"type": "boolean", "default": False}
    return _field(
        False, Parameter({"true": True, "false": False}.__getitem__, "true or false", schema, about)
    )


def time(about: str) -> Any:
    """An RFC 3339 time, in milliseconds since the epoch; None if it is left out."""

    def parse(given: str) -> int:
        # An unescaped `+` of a zone arrives as a space.
        return from_text(given.replace(" ", "+"))

    schema = {"type": "string", "format": "date-time", "examples": ["2026-11-22T12:00:00Z"]}
    return _field(None, Parameter(parse, "an RFC 3339 time such as 2026-11-22T12:00:00Z", schema, about))


def month(about: str) -> Any:
    """A month such as 2026-11; None if it is left out."""

    def parse(given: str) -> str:
        if _MONTH.fullmatch(given) is None:
            raise ValueError
        return given

    schema = {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", "examples": ["2026-11"]}
    return _field(None, Parameter(parse, "a month such as 2026-11", schema, about))


def choice(about: str, choices: tuple[str, ...], *, default: str) -> Any:
    """One of some words."""

    def parse(given: str) -> str:
        return choices[choices.index(given)]

    schema = {"type": "string", "enum": list(choices), "default": default}
    return _field(default, Parameter(parse, f"one of: {', '.join(choices)}", schema, about))


def words(about: str, enum: type[StrEnum]) -> Any:
    """Some of an enum's words, with commas between, as a frozen set; empty if it is left out."""

    def parse(given: str) -> frozenset[StrEnum]:
        return frozenset(enum(word) for word in given.split(","))

    schema = {"type": "array", "items": {"type": "string", "enum": list(enum)}, "minItems": 1}
    rule = f"some of: {', '.join(enum)}; separated by commas"
    return _field(frozenset(), Parameter(parse, rule, schema, about))


def page_size(highest: int) -> Any:
    """How many entries a page may have."""
    return number("the most entries of a page", default=highest, lowest=1, highest=highest)


def next_token() -> Any:
    """Where a list goes on; None for its beginning."""
    return text("where to go on: the `next_token` of the page before")


def declared(kind: type[Parameters]) -> dict[str, Parameter]:
    """The parameters of a call by name."""
    return {each.name: _of(each) for each in fields(kind)}


def read(kind: type[P], given: Mapping[str, str]) -> P:
    """The parameters that were given. Raises InvalidRequest for every bad or unknown one."""
    known, values, bad = declared(kind), {}, []
    for name in sorted(given.keys() | known.keys()):
        parameter = known.get(name)
        if parameter is None:
            bad.append(FieldError(f"/query/{name}", "there is no such parameter"))
        elif name in given:
            try:
                values[name] = parameter.parse(given[name])
            except (ValueError, LookupError, OverflowError):
                bad.append(FieldError(f"/query/{name}", parameter.rule))
    if bad:
        raise InvalidRequest("A query parameter breaks a rule", fields=bad)
    return kind(**values)


def _field(default: Any, parameter: Parameter) -> Any:
    return field(default=default, metadata={"parameter": parameter})


def _of(each: Field[Any]) -> Parameter:
    return cast(Parameter, each.metadata["parameter"])
