"""What an organization has consumed, month by month, in all and by tag; kept when the jobs are gone."""

from collections.abc import Iterator
from dataclasses import dataclass

from mediajobs.consumption import Consumption
from mediajobs.job import Job, Status
from mediajobs.store.read import between
from mediajobs.store.write import Update
from mediajobs.table import usage_key
from mediajobs.timestamp import to_text


@dataclass(frozen=True)
class Month:
    """One month (`2026-11`, UTC), by when attempts ended."""

    month: str
    jobs: int
    succeeded: int
    failed: int
    cancelled: int
    consumed: Consumption


def count(job: Job, consumed: Consumption, *, at: int, ended: Status | None) -> list[Update]:
    """The part of a transaction that adds to the months of a job's organization and tags: an attempt that
    ended so, or what came after its end (None)."""
    month = to_text(at)[:7]
    sums = {name: value for name, value in consumed._asdict().items() if value}
    if ended is not None:
        sums |= {"jobs": 1, ended.lower(): 1}
    if not sums:
        return []
    partition = usage_key(job.organization)
    rows = [f"ALL#{month}", *(f"TAG#{tag}#{month}" for tag in dict.fromkeys(job.tags))]
    return [Update((partition, sort), add=sums) for sort in rows]


def months(organization: str, first: str, last: str, tag: str | None) -> Iterator[Month]:
    """The months from one to another, both included, in which anything was consumed."""
    if first > last:
        return
    prefix = "ALL#" if tag is None else f"TAG#{tag}#"
    for row in between(usage_key(organization), prefix + first, prefix + last, consistent=False):
        yield Month(
            month=row["sk"].removeprefix(prefix),
            jobs=row.get("jobs", 0),
            succeeded=row.get("success", 0),
            failed=row.get("failed", 0),
            cancelled=row.get("cancelled", 0),
            consumed=Consumption(*(row.get(name, 0) for name in Consumption._fields)),
        )
