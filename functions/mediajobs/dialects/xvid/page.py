"""Lists in pages, as the vendor cuts them: from `start`, `limit` entries, with links to the others."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from mediajobs import payload
from mediajobs.dialects.xvid.shape import Shape
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.request import Request, Response

DEFAULT_LIMIT, MAX_LIMIT = 1_000, 5_000
#: Parameters that stand before the others in a link; a token stands in none.
_FIRST = ("start", "limit", "show_null", "human")
_NEVER = ("access_token",)


def refused(name: str, rule: str) -> InvalidRequest:
    """A query parameter breaks a rule."""
    return InvalidRequest(f"{name}: {rule}", fields=[FieldError(f"/query/{name}", rule)])


def integer(query: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    """A whole number. Raises InvalidRequest."""
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and lowest <= int(text) <= highest):
        raise refused(name, f"a whole number from {lowest} to {highest}")
    return int(text)


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for, and in what order."""

    request: Request
    path: str
    start: int
    limit: int
    sort: str
    ascending: bool

    @classmethod
    def of(cls, request: Request, path: str, keys: Iterable[str]) -> "Page":
        """By `start`, `limit`, `sort` (one of these keys) and `direction`. Raises InvalidRequest."""
        query = request.query
        sort = query.get("sort", "created_at")
        if sort not in keys:
            raise refused("sort", "a key that the list shows")
        direction = query.get("direction", "1")
        if direction not in ("1", "-1"):
            raise refused("direction", "1 or -1")
        return cls(
            request=request,
            path=path,
            start=integer(query, "start", 0, 0, 10**9),
            limit=integer(query, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
            sort=sort,
            ascending=direction == "1",
        )

    def answer(self, name: str, entries: Iterable[dict[str, Any]], total: int) -> Response[str]:
        """The page with its links: as many of the entries as an answer can carry, and the first in any
        case. The entries are not asked for beyond that."""
        shape, shown, room = Shape.of(self.request), list[dict[str, Any]](), payload.MAX_BYTES
        for entry in entries:
            room -= len(json.dumps(shape.text({name: [entry]}), ensure_ascii=False).encode())
            if room < 0 and shown:
                break
            shown.append(entry)
        after = self.start + len(shown)
        last = max(0, total - 1) // self.limit * self.limit
        return shape.response(
            {
                name: shown,
                "total": total,
                "start": self.start,
                "limit": self.limit,
                "first": self._link(0),
                "last": self._link(last),
                "next": self._link(after) if shown and after < total else None,
                "prev": self._link(max(0, self.start - self.limit)) if self.start else None,
            }
        )

    def of_all(self, name: str, entries: Sequence[dict[str, Any]]) -> Response[str]:
        """The page of a list that is at hand as a whole."""
        ordered = self.ordered(entries)
        return self.answer(name, ordered[self.start : self.start + self.limit], len(ordered))

    def ordered(self, entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Entries by the key asked for; those without it come first, and those alike are by creation."""
        by_id = sorted(entries, key=lambda entry: (entry["created_at"] or 0, entry["id"]))
        return sorted(by_id, key=key_of(self.sort), reverse=not self.ascending)

    def _link(self, start: int) -> dict[str, str]:
        query = {**self.request.query, "start": str(start), "limit": str(self.limit)}
        if len(self.request.caller.roles if self.request.caller else ()) > 1:
            query["organization_id"] = self.request.principal.organization
        names = [*(name for name in _FIRST if name in query), *(name for name in query if name not in _FIRST)]
        pairs = [(name, query[name]) for name in names if name not in _NEVER]
        return {"href": f"{self.request.origin}{self.path}?{urlencode(pairs)}"}


def key_of(path: str) -> Callable[[Mapping[str, Any]], Any]:
    """What an entry is sorted by: the value at a path such as `input.file.name`."""

    def key(entry: Any) -> tuple[int, float, str]:
        for name in path.split("."):
            entry = entry.get(name) if isinstance(entry, Mapping) else None
        if isinstance(entry, int | float):
            return 1, entry, ""
        return (0, 0, "") if entry is None else (1, 0, entry if isinstance(entry, str) else json.dumps(entry))

    return key
