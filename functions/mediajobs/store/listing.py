"""Pages of an organization's jobs, from the index by submission or from those by status."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from mediajobs.job import Status
from mediajobs.listing import Filter, Row, sort_key
from mediajobs.store.read import span
from mediajobs.table import BY_BUNDLE, BY_STATUS, BY_SUBMITTED, Index

#: Index rows that one page reads at the most when its filter passes many over; then it may be short.
BUDGET = 2_000
#: Rows of one query when rows are passed over.
_STRIDE = 500


@dataclass(frozen=True)
class Page:
    """Rows in order; `last` is the id to go on after, None at the end of the list."""

    rows: list[Row]
    last: str | None


def page(
    organization: str, wanted: Filter, *, newest_first: bool, after: str | None, limit: int, now: int
) -> Page:
    """The next rows by submission. A job that matches throughout shows once, whatever is submitted or
    changes status meanwhile: ids never change."""
    rows: list[Row] = []
    stride = _STRIDE if wanted.is_selective else limit + 1
    found = _by_submission(organization, wanted, newest_first=newest_first, after=after, stride=stride)
    last: str | None = None
    for number in count(1):
        row = next(found, None)
        if row is None:
            return Page(rows, None)
        if wanted.matches(row, now):
            if len(rows) == limit:
                return Page(rows, rows[-1].id)
            rows.append(row)
        last = row.id
        if number == BUDGET:
            break
    return Page(rows, last)


def window(
    organization: str, wanted: Filter, *, sort: str, ascending: bool, start: int, limit: int, now: int
) -> tuple[list[Row], int]:
    """Rows `start` to `start + limit` by any field, and how many match in all.

    It reads every row of the time span: about 1 RCU for each 8 KB of them, 40 RCU for a thousand jobs.
    """
    found = _by_submission(organization, wanted, newest_first=False, after=None, stride=None)
    rows = sorted(
        (row for row in found if wanted.matches(row, now)),
        key=lambda row: sort_key(row, sort),
        reverse=not ascending,
    )
    return rows[start : start + limit], len(rows)


def _by_submission(
    organization: str, wanted: Filter, *, newest_first: bool, after: str | None, stride: int | None
) -> Iterator[Row]:
    """The rows of the time span by id; only those of the bundle or of the statuses wanted, if any are."""
    statuses = wanted.statuses
    if wanted.in_progress:
        # A pending job is none: the index by status spares reading those.
        statuses = (statuses or frozenset(Status)) - {Status.PENDING}
    partitions: list[tuple[Index, str]] = [
        (BY_STATUS, f"{organization}#{status}") for status in sorted(statuses)
    ] or [(BY_SUBMITTED, organization)]
    if wanted.bundle_id is not None:
        partitions = [(BY_BUNDLE, f"{organization}#{wanted.bundle_id}")]
    first, last = wanted.id_range()
    if after is not None:
        first, last = (first, _before(after)) if newest_first else (_behind(after), last)
    if first > last:
        return iter(())
    streams = (
        span(index, partition, first, last, backwards=newest_first, stride=stride)
        for index, partition in partitions
    )
    rows = ((Row.of(row) for row in stream) for stream in streams)
    return heapq.merge(*rows, key=lambda row: row.id, reverse=newest_first)


def _before(job_id: str) -> str:
    """The greatest text below an id, of the characters ids are made of."""
    return job_id[:-1] + chr(ord(job_id[-1]) - 1) + "~"


def _behind(job_id: str) -> str:
    return job_id + " "
