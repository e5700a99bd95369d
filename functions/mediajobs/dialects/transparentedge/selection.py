"""Which orders a list shows, by its query."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from mediajobs.dialects.transparentedge import words
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.identifier import is_id
from mediajobs.listing import Filter, Row
from mediajobs.timestamp import SECOND


@dataclass(frozen=True)
class Selection:
    """What is asked for; without a limit, all there is."""

    filter: Filter
    #: A status word that says what a running job does.
    phase: str | None = None
    order_id: str | None = None
    search: str = ""
    limit: int | None = None
    offset: int = 0
    #: Whether the list stands in an envelope with its length and links.
    has_envelope: bool = False

    def matches(self, row: Row) -> bool:
        """Whether a row that the filter lets through is one, but for the phase."""
        text = " ".join((row.id, row.input_name or "", *row.tags)).lower()
        return self.order_id in (None, row.id) and self.search in text

    @property
    def most(self) -> int | None:
        """How many rows of the filter are enough; None if all are to be read."""
        is_plain = not (self.phase or self.order_id or self.search or self.has_envelope)
        return self.offset + self.limit if is_plain and self.limit is not None else None


def selection(query: Mapping[str, str]) -> Selection:
    """What a query asks for. Raises InvalidRequest."""
    filters = read_filters(query)
    word, order_id = _text(filters, "status"), _text(filters, "order_id")
    if word is not None and word.upper() not in words.STATUSES:
        raise _bad("filters", f"status is one of {', '.join(words.STATUSES)}")
    statuses = words.STATUSES[word.upper()] if word else frozenset()
    profile = _text(filters, "profile_name")
    after, before = span(filters)
    if order_id is not None:
        # Its time stands in an id; one that is none was never submitted.
        submitted = UUID(order_id).int >> 80 if is_id(order_id) else None
        after, before = (submitted, submitted) if submitted is not None else (1, 0)
    if "offset" in query and "limit" not in query:
        raise _bad("offset", "it needs a limit")
    return Selection(
        Filter(
            statuses=statuses,
            submitted_after=after,
            submitted_before=before,
            tag=profile and words.PROFILE_TAG + profile,
        ),
        phase=word.upper() if word and statuses == words.STATUSES["TRANSCODING"] else None,
        order_id=order_id,
        search=query.get("search", "").strip().lower(),
        limit=_whole(query, "limit"),
        offset=_whole(query, "offset") or 0,
        has_envelope=query.get("output") == "std",
    )


def read_filters(query: Mapping[str, str]) -> dict[str, Any]:
    """The parameter `filters`: a JSON object, empty without one. Raises InvalidRequest."""
    text = query.get("filters", "").strip()
    try:
        filters = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        filters = None
    if not isinstance(filters, dict):
        raise _bad("filters", "a JSON object")
    return filters


def span(filters: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The first and the last millisecond of the filter `timestamp`. Raises InvalidRequest."""
    given = filters.get("timestamp") or {}
    if not isinstance(given, dict):
        raise _bad("filters", "timestamp is an object with from and to")
    last = _time(given.get("to"))
    # A time in whole seconds means all of its second.
    return _time(given.get("from")), last if last is None or last % SECOND else last + SECOND - 1


def _time(value: Any) -> int | None:
    """Milliseconds of `YYYY-MM-DD HH:MM:SS`, which is UTC, or of seconds since the epoch."""
    if value is None or value == "":
        return None
    try:
        if not isinstance(value, str) or (value.isdigit() and len(value) > 8):
            moment = datetime.fromtimestamp(int(value), UTC)
        else:
            moment = datetime.fromisoformat(value)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * SECOND)
    except (TypeError, ValueError, OverflowError, OSError):
        raise _bad("filters", "a time is YYYY-MM-DD HH:MM:SS, or seconds since the epoch") from None


def _text(filters: Mapping[str, Any], name: str) -> str | None:
    value = filters.get(name)
    if value is not None and not isinstance(value, str):
        raise _bad("filters", f"{name} is a text")
    return value or None


def _whole(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _bad(name, "a whole number")
    return int(text)


def _bad(name: str, rule: str) -> InvalidRequest:
    return InvalidRequest("The query breaks a rule", fields=[FieldError(f"/query/{name}", rule)])
