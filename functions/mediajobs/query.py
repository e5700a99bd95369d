"""Query parameters as values; each bad one is named."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.timestamp import from_text

D = TypeVar("D")
E = TypeVar("E", bound=StrEnum)


class Query:
    """Reads parameters one after the other and collects what is wrong; `end` raises it all."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = parameters
        self._known: set[str] = set()
        self._bad: list[FieldError] = []

    def text(self, name: str) -> str | None:
        """Any text."""
        self._known.add(name)
        return self._parameters.get(name)

    def number(self, name: str, default: int, *, lowest: int, highest: int) -> int:
        """A whole number in a range."""
        text = self.text(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit()) or not lowest <= int(text) <= highest:
            return self._refuse(name, f"a whole number from {lowest} to {highest}", default)
        return int(text)

    def flag(self, name: str) -> bool:
        """`true` or `false`."""
        text = self.text(name)
        if text not in (None, "true", "false"):
            return self._refuse(name, "true or false", False)
        return text == "true"

    def time(self, name: str) -> int | None:
        """An RFC 3339 time, in milliseconds since the epoch."""
        text = self.text(name)
        try:
            # An unescaped `+` of a zone arrives as a space.
            return None if text is None else from_text(text.replace(" ", "+"))
        except (ValueError, OverflowError):
            return self._refuse(name, "an RFC 3339 time such as 2026-11-22T12:00:00Z", None)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """One of some words."""
        text = self.text(name) or default
        return text if text in choices else self._refuse(name, f"one of: {', '.join(choices)}", default)

    def words(self, name: str, enum: type[E]) -> frozenset[E]:
        """Some of an enum's words, with commas between."""
        text = self.text(name)
        try:
            return frozenset(enum(word) for word in text.split(",")) if text else frozenset()
        except ValueError:
            rule = f"some of: {', '.join(enum)}; separated by commas"
            return self._refuse(name, rule, frozenset[E]())

    def end(self) -> None:
        """Raise InvalidRequest for all that was wrong, unknown parameters included."""
        unknown = sorted(self._parameters.keys() - self._known)
        bad = [*self._bad, *(FieldError(f"/query/{name}", "there is no such parameter") for name in unknown)]
        if bad:
            raise InvalidRequest("A query parameter breaks a rule", fields=bad)

    def _refuse(self, name: str, rule: str, default: D) -> D:
        self._bad.append(FieldError(f"/query/{name}", rule))
        return default
