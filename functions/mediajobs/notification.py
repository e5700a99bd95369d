"""What is owed to receivers when something has happened: a delivery for each, and a message that wakes it."""

import json
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from mediajobs.aws import client
from mediajobs.event import Event
from mediajobs.identifier import derived_id
from mediajobs.receiver import DIGEST, MAIL
from mediajobs.settings import settings
from mediajobs.store import delivery as deliveries
from mediajobs.store import job as jobs
from mediajobs.store import webhook as webhooks
from mediajobs.store.delivery import Delivery
from mediajobs.store.pack import unpack
from mediajobs.store.webhook import Webhook
from mediajobs.table import job_key, webhook_key

#: SQS holds a message back for so many seconds at the most.
MAX_DELAY = 900


def owe(events: Sequence[Event]) -> None:
    """Let every receiver of the events have a delivery, and wake it; again is no more than once."""
    listening: dict[str, list[Webhook]] = {}
    for event in events:
        kinds = list(event.messages())
        if kinds and event.organization_id not in listening:
            listening[event.organization_id] = webhooks.every(event.organization_id)
        for kind, message_id in kinds:
            for webhook in listening[event.organization_id]:
                if webhook.wants(kind):
                    _owe(to_webhook(webhook, event, kind, message_id))
        if event.is_told:
            for made in _to_receivers(event):
                _owe(made)


def to_webhook(webhook: Webhook, event: Event, kind: str, message_id: str) -> Delivery:
    """What a webhook is owed for an event."""
    owner = webhook_key(webhook.organization, webhook.id)
    return Delivery(
        owner=owner,
        id=derived_id(event.at, f"{owner} {message_id}"),
        organization=webhook.organization,
        message_id=message_id,
        kind=kind,
        job_id=event.job_id,
        sequence=event.sequence,
        webhook_id=webhook.id,
        url=webhook.url,
        created=event.at,
    )


def wake(delivery: Delivery, delay_seconds: int = 0) -> None:
    """Have it tried after so many seconds. Receivers of one host are one group: SQS's fair queues let none
    of them keep the others waiting."""
    client("sqs", settings().home_region).send_message(
        QueueUrl=settings().notify_queue_url,
        MessageGroupId=f"{delivery.organization}/{_host(delivery.url)}"[:128],
        MessageBody=json.dumps({"owner": delivery.owner, "sort": delivery.sort}),
        DelaySeconds=delay_seconds,
    )


def wake_overdue(at: int, limit: int) -> int:
    """Wake the deliveries whose message was lost or lay too far ahead; how many."""
    count = 0
    for delivery in deliveries.overdue(at, limit):
        wake(delivery)
        count += 1
    return count


def _owe(delivery: Delivery) -> None:
    deliveries.create(delivery)
    # Also when it was owed before: whoever made it may have died before it woke it.
    wake(delivery)


def _to_receivers(event: Event) -> Iterator[Delivery]:
    """What a job's own receivers are owed."""
    owner = job_key(event.organization_id, event.job_id)
    spec = jobs.spec(event.organization_id, event.job_id)
    for number, receiver in enumerate(unpack(spec["notify"])):
        if event.status in receiver["on"]:
            yield Delivery(
                owner=owner,
                id=derived_id(event.at, f"{owner} {event.message_id} {number}"),
                organization=event.organization_id,
                message_id=event.message_id,
                kind=f"job.{event.status.lower()}",
                job_id=event.job_id,
                sequence=event.sequence,
                receiver=number,
                url=receiver["url"],
                created=event.at,
            )


def _host(url: str) -> str:
    return url if url.startswith(MAIL) else urlsplit(url.removeprefix(DIGEST)).hostname or ""
