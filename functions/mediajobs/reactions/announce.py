"""Woken by the table's stream: puts every new event on the bus, and wakes the pools they concern."""

from typing import Any

from mediajobs import bus
from mediajobs.event import Event
from mediajobs.store.debt import mark_announced
from mediajobs.store.item import from_item
from mediajobs.store.job import events


def handler(event: dict[str, Any], _context: object) -> None:
    """Announce the inserted event rows of a batch; an error has the whole batch sent again."""
    rows = [from_item(record["dynamodb"]["NewImage"]) for record in event["Records"]]
    for row in rows:
        if "job_id" not in row:
            bus.wake_pool(row["organization_id"], row["region"], None, f"{row['pk']}-{row['sk']}"[-128:])
    announce([Event.of(row) for row in rows if "job_id" in row])


def announce_missing(organization: str, job_id: str, announced: int) -> None:
    """Announce what the stream seems to have lost."""
    announce(list(events(organization, job_id, announced)))


def announce(happened: list[Event]) -> None:
    """Tell of the events, then note on each job's row up to which one it has been told."""
    bus.tell(happened)
    # A task's event is not worth a write of its own: the next one of the job covers it.
    for last in {
        entry.job_id: entry for entry in happened if entry.status_changed or entry.wakes_pool
    }.values():
        mark_announced(last.organization_id, last.job_id, last.sequence)
