"""A list of jobs: what it filters by, how it is sorted, and what a row of it shows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID

from mediajobs.job import Status
from mediajobs.timestamp import MINUTE

#: A job that ended so long ago still counts as in progress, for those who wait for it.
JUST_ENDED = 15 * MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A job as a list shows it. Times are milliseconds since the epoch."""

    id: str
    status: Status
    attempt: int
    region: str
    priority: int
    tools: tuple[str, ...]
    submitted: int
    started: int | None = None
    ended: int | None = None
    failure_code: str | None = None
    tags: tuple[str, ...] = ()
    bundle_id: str | None = None
    template_id: str | None = None
    input_name: str | None = None
    user_data: str | None = None
    labels: tuple[str, ...] = ()
    ttl: int | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Row":
        """The row of an index."""
        known = {name: row[name] for name in cls.__slots__ if name in row}
        known["status"] = Status(known["status"])
        known["tools"] = tuple(known["tools"].split(","))
        known["tags"] = tuple(known.get("tags", ()))
        known["labels"] = tuple(known.get("labels", ()))
        return cls(submitted=UUID(known["id"]).int >> 80, **known)

    @property
    def duration(self) -> int | None:
        """Milliseconds from start to end."""
        return None if self.started is None or self.ended is None else self.ended - self.started

    @property
    def expiry(self) -> int | None:
        """When the job is forgotten."""
        return None if self.ttl is None else self.ttl * 1000


#: By what a list can be sorted: every field of a row. A row without the value comes first.
SORTS = (
    "submitted",
    "started",
    "ended",
    "duration",
    "expiry",
    "status",
    "attempt",
    "region",
    "priority",
    "tools",
    "failure_code",
    "tags",
    "bundle_id",
    "template_id",
    "input_name",
    "user_data",
    "id",
)

#: Of a text, so many characters count for the order.
SORTED_CHARACTERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which jobs; a field that is not set lets all through. Both ends of the time span are included."""

    statuses: frozenset[Status] = frozenset()
    submitted_after: int | None = None
    submitted_before: int | None = None
    region: str | None = None
    tag: str | None = None
    tool: str | None = None
    user_data: str | None = None
    bundle_id: str | None = None
    template_id: str | None = None
    #: A part of the name, in any case.
    input_name: str | None = None
    #: All of these, and none of those.
    labels: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    in_progress: bool = False

    def matches(self, row: Row, now: int) -> bool:
        """Whether a row is one of those asked for; an expired job never is."""
        if row.expiry is not None and row.expiry <= now:
            return False
        if self.statuses and row.status not in self.statuses:
            return False
        if self.in_progress and not _in_progress(row, now):
            return False
        return (
            self.region in (None, row.region)
            and (self.tag is None or self.tag in row.tags)
            and set(self.labels) <= set(row.labels)
            and set(self.without).isdisjoint(row.labels)
            and (self.tool is None or self.tool in row.tools)
            and self.user_data in (None, row.user_data)
            and self.bundle_id in (None, row.bundle_id)
            and self.template_id in (None, row.template_id)
            and (self.input_name is None or self.input_name.lower() in (row.input_name or "").lower())
        )

    def has_more_than(self, *names: str) -> bool:
        """Whether anything but these fields and the time span is asked for."""
        spared = {*names, "submitted_after", "submitted_before"}
        return any(
            getattr(self, each.name) != each.default for each in fields(self) if each.name not in spared
        )

    def context(self) -> dict[str, Any]:
        """What a page token is bound to."""
        return {**asdict(self), "statuses": sorted(self.statuses)}

    def id_range(self) -> tuple[str, str]:
        """The first and the last id that a job submitted in the time span can have."""
        first = (self.submitted_after or 0) << 80
        last = ((1 << 48) - 1 if self.submitted_before is None else self.submitted_before) + 1
        return str(UUID(int=max(0, first))), str(UUID(int=(max(1, min(last, 1 << 48)) << 80) - 1))


def _in_progress(row: Row, now: int) -> bool:
    if row.status is Status.RUNNING:
        return True
    return row.ended is not None and row.ended >= now - JUST_ENDED


def sort_key(row: Row, sort: str) -> list[Any]:
    """Sorts rows by a field, those alike by submission; JSON, and short enough for a page token."""
    value = getattr(row, sort)
    if isinstance(value, tuple):
        value = ",".join(value) or None
    if isinstance(value, str):
        value = value[:SORTED_CHARACTERS]
    return [value is not None, value if value is not None else 0, row.id]
