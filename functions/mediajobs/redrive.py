"""What lies in a dead-letter queue goes back to where it could not be handled."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from mediajobs import stage as names
from mediajobs.aws import client
from mediajobs.timestamp import now

#: Seconds for which a message that was received is hidden from others.
_HIDDEN = 60
#: The same, if it is only looked at.
_SHOWN = 5


class Kept(StrEnum):
    """The dead-letter queues whose messages can be handled again. What `announce-failed` and `sweep-failed`
    tell of, the sweeper has long made good."""

    TRIGGER = "trigger-failed"
    UPLOADS = "uploads-failed"
    NOTIFY = "notify-failed"
    DISPATCH = "dispatch-failed.fifo"
    DRIVE = "drive-failed"


#: The queue that each came from; those of `drive` were a function's own.
_SOURCES = {
    Kept.TRIGGER: "trigger",
    Kept.UPLOADS: "trigger",
    Kept.NOTIFY: "notify",
    Kept.DISPATCH: "dispatch.fifo",
}


def redrive(
    kept: Kept, stage: str, region: str, home_region: str, *, dry_run: bool = False
) -> Iterator[dict[str, Any]]:
    """Send each message of the queue in that region again, then remove it; answers each as it goes: `id`,
    `reason` and `body`. What arrives meanwhile stays, or an event that fails at once again would go round for
    ever. Who breaks off has lost nothing: a message is sent twice at the worst, which changes nothing."""
    queue = client("sqs", region)
    url = _url(region, names.queue(stage, kept))
    begun = now()
    seen: set[str] = set()
    while True:
        found = queue.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            VisibilityTimeout=_SHOWN if dry_run else _HIDDEN,
            AttributeNames=["MessageGroupId", "SentTimestamp"],
            MessageAttributeNames=["reason"],
        ).get("Messages", [])
        fresh = [
            message
            for message in found
            if message["MessageId"] not in seen and int(message["Attributes"]["SentTimestamp"]) < begun
        ]
        for message in fresh:
            seen.add(message["MessageId"])
            if not dry_run:
                _send(kept, stage, home_region, message)
                queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            reason = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue")
            yield {"id": message["MessageId"], "reason": reason, "body": message["Body"]}
        if not fresh:
            return


def _send(kept: Kept, stage: str, home_region: str, message: dict[str, Any]) -> None:
    """To the queue it came from, or to the function."""
    if kept is Kept.DRIVE:
        body = json.loads(message["Body"])
        # EventBridge keeps the event, Lambda the invocation that failed with it.
        client("lambda", home_region).invoke(
            FunctionName=names.function(stage, "reactions.drive"),
            InvocationType="Event",
            Payload=json.dumps(body.get("requestPayload", body)).encode(),
        )
        return
    # Under a name of its own: of what was sent within five minutes, a FIFO queue takes one name once.
    fifo = (
        {
            "MessageGroupId": message["Attributes"]["MessageGroupId"],
            "MessageDeduplicationId": message["MessageId"],
        }
        if kept is Kept.DISPATCH
        else {}
    )
    client("sqs", home_region).send_message(
        QueueUrl=_url(home_region, names.queue(stage, _SOURCES[kept])), MessageBody=message["Body"], **fifo
    )


def _url(region: str, name: str) -> str:
    url: str = client("sqs", region).get_queue_url(QueueName=name)["QueueUrl"]
    return url
