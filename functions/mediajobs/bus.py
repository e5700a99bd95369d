"""Telling of events: on the event bus for whoever listens, and to the dispatcher of the job's pool."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from mediajobs.aws import client
from mediajobs.errors import MediajobsError
from mediajobs.event import Event
from mediajobs.settings import settings

SOURCE = "mediajobs"
#: Entries of one PutEvents or SendMessageBatch call.
_BATCH = 10


class NotTold(MediajobsError):
    """The bus or the queue refused a part of a batch."""


def tell(events: Sequence[Event]) -> None:
    """Put the events on the bus, and wake the dispatcher where one of them wakes a pool. Raises NotTold;
    then some may have been told and all have to be told again."""
    home = settings().home_region
    entries = [
        {
            "EventBusName": settings().event_bus_name,
            "Source": SOURCE,
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
        }
        for event in events
        for detail_type, detail in event.announcements()
    ]
    for batch in _batches(entries):
        answer = client("events", home).put_events(Entries=batch)
        if answer["FailedEntryCount"]:
            raise NotTold(f"the bus refused {answer['FailedEntryCount']} events")
    for event in events:
        if event.wakes_pool:
            wake_pool(event.organization_id, event.region, event.job_id, f"{event.job_id}-{event.sequence}")


def wake_pool(organization: str, region: str, job_id: str | None, message_id: str) -> None:
    """Have the dispatcher look at a pool, and at the job that may not be in its index yet.

    The same message id within five minutes is one message.
    """
    client("sqs", settings().home_region).send_message(
        QueueUrl=settings().dispatch_queue_url,
        MessageGroupId=f"{organization}-{region}",
        MessageDeduplicationId=message_id,
        MessageBody=json.dumps({"organization": organization, "region": region, "job": job_id}),
    )


def _batches(entries: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(entries), _BATCH):
        yield list(entries[start : start + _BATCH])
