"""Woken by the table's stream: puts every new event on the bus, and wakes the pools they concern."""

from collections import defaultdict
from typing import Any

from mediajobs import bus, metric, notification
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
    notification.owe(happened)
    logs: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(happened, key=lambda event: event.sequence):
        log = logs[event.job_id]
        # What comes after a gap is left to whoever announces what is missing.
        if not log or event.sequence == log[-1].sequence + 1:
            log.append(event)
    for log in logs.values():
        job = mark_announced(log[0], log[-1])
        if job is not None:
            # Once for each event, unless this dies here, or two announce overlapping parts of a log at once.
            for event in log:
                metric.count(event, job)
