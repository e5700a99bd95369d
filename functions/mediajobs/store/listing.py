"""Pages of an organization's jobs, from the index by submission or from those by status or by bundle."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from mediajobs.job import Status
from mediajobs.listing import Filter, Row, sort_key
from mediajobs.store.read import span, stretch
from mediajobs.table import BY_BUNDLE, BY_STATUS, BY_SUBMITTED, Index

#: Index rows that one page reads at the most when its filter passes many over; then it may be short.
BUDGET = 2_000
#: Rows that `window` gives at the most.
MAX_WINDOW = 5_000
#: Rows of one query when rows are passed over.
_STRIDE = 500
#: In the order in which a job comes to them.
_LIFE = (Status.PENDING, Status.RUNNING, Status.SUCCESS, Status.FAILED, Status.CANCELLED)


@dataclass(frozen=True)
class Page:
    """Rows in order; `last` is what to go on after (JSON), None at the end of the list."""

    rows: list[Row]
    last: Any


def page(
    organization: str, wanted: Filter, *, newest_first: bool, after: str | None, limit: int, now: int
) -> Page:
    """The next rows by submission. A job that matches throughout shows once, whatever is submitted or
    changes status meanwhile: ids never change."""
    rows: list[Row] = []
    places, is_selective = _places(organization, wanted)
    first, last = wanted.id_range()
    budget = BUDGET
    while True:
        if after is not None:
            first, last = (first, _before(after)) if newest_first else (_behind(after), last)
        if first > last:
            return Page(rows, None)
        if budget <= 0:
            return Page(rows, after)
        stride = max(1, min(_STRIDE, budget // len(places))) if is_selective else limit + 1
        found, after, count = _round(places, first, last, newest_first=newest_first, stride=stride)
        budget -= count
        for row in found:
            if wanted.matches(row, now):
                if len(rows) == limit:
                    return Page(rows, rows[-1].id)
                rows.append(row)
        if after is None:
            return Page(rows, None)


def sorted_page(
    organization: str, wanted: Filter, *, sort: str, ascending: bool, after: Any, limit: int, now: int
) -> Page:
    """The next rows by any field. It goes on after a value and not after a number of rows, so that nothing is
    skipped or shown twice unless a job's own value changes. It reads as much as `window`."""
    rows = _sorted(organization, wanted, sort=sort, ascending=ascending, now=now)
    if after is not None:
        rows = [
            row for row in rows if (sort_key(row, sort) > after if ascending else sort_key(row, sort) < after)
        ]
    return Page(rows[:limit], sort_key(rows[limit - 1], sort) if len(rows) > limit else None)


def window(
    organization: str, wanted: Filter, *, sort: str, ascending: bool, start: int, limit: int, now: int
) -> tuple[list[Row], int]:
    """Rows `start` to `start + limit` by any field, at most MAX_WINDOW of them, and how many match in all.

    It reads every row of the time span: about 1 RCU for each 8 KB of them, 40 RCU for a thousand jobs.
    """
    rows = _sorted(organization, wanted, sort=sort, ascending=ascending, now=now)
    return rows[start : start + min(limit, MAX_WINDOW)], len(rows)


def _sorted(organization: str, wanted: Filter, *, sort: str, ascending: bool, now: int) -> list[Row]:
    """Every row that matches."""
    places, _ = _places(organization, wanted)
    first, last = wanted.id_range()
    if first > last:
        return []
    found = chain.from_iterable(span(*place, first, last) for place in places)
    rows = (Row.of(row) for row in _latest(found))
    return sorted(
        (row for row in rows if wanted.matches(row, now)),
        key=lambda row: sort_key(row, sort),
        reverse=not ascending,
    )


def _places(organization: str, wanted: Filter) -> tuple[list[tuple[Index, str]], bool]:
    """The partitions of indexes to read, in this order, and whether rows have to be passed over in them.

    A job must not slip from a partition that is still to be read into one that has been read. So they are in
    the order of a job's life, and where a restart can lead back, the one is read in which no job moves.
    """
    if wanted.bundle_id is not None:
        return [(BY_BUNDLE, f"{organization}#{wanted.bundle_id}")], wanted.has_more_than("bundle_id")
    statuses = wanted.statuses
    if wanted.in_progress:
        # A pending job is none: the index by status spares reading those.
        statuses = (statuses or frozenset(Status)) - {Status.PENDING}
    if not statuses or (Status.PENDING in statuses and any(each.is_terminal for each in statuses)):
        return [(BY_SUBMITTED, organization)], bool(statuses) or wanted.has_more_than()
    by_life = [(BY_STATUS, f"{organization}#{status}") for status in _LIFE if status in statuses]
    return by_life or [(BY_STATUS, f"{organization}#none")], wanted.has_more_than("statuses")


def _round(
    places: Sequence[tuple[Index, str]], first: str, last: str, *, newest_first: bool, stride: int
) -> tuple[list[Row], str | None, int]:
    """The next rows of the partitions together, the id up to which they are complete (None: to the end of the
    span), and how many were read."""
    found: list[dict[str, Any]] = []
    ends = []
    for index, partition in places:
        rows, is_all = stretch(index, partition, first, last, backwards=newest_first, limit=stride)
        found += rows
        if not is_all:
            ends.append(rows[-1]["id"])
    end = (max if newest_first else min)(ends, default=None)
    rows = sorted(_latest(found), key=lambda row: row["id"], reverse=newest_first)
    complete = (
        row for row in rows if end is None or (row["id"] >= end if newest_first else row["id"] <= end)
    )
    return list(map(Row.of, complete)), end, len(found)


def _latest(rows: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Each job once, as it was read last: it may have moved to the next partition meanwhile."""
    return {row["id"]: row for row in rows}.values()


def _before(job_id: str) -> str:
    """The greatest text below an id, of the characters ids are made of."""
    return job_id[:-1] + chr(ord(job_id[-1]) - 1) + "~"


def _behind(job_id: str) -> str:
    return job_id + " "
