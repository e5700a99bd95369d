"""Woken by the queue of events from outside: submits a job for each trigger that an event matches.

An event that can make no job goes to the dead-letter queue with the reason as an attribute; its body stays
the event, so that it can be sent again as it is.
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from mediajobs.arrival import MAX_TRIES, Arrival, Upload
from mediajobs.aws import client
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.log import bind, logger
from mediajobs.settings import settings
from mediajobs.store.trigger import Trigger
from mediajobs.submission import Submission, make, prepare
from mediajobs.transfer.s3 import MADE_BY
from mediajobs.trigger import mapped
from mediajobs.trigger_view import principal

_MAX_REASON = 1000


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Submit what each event of the batch asks for; those that break off come again."""
    failed = []
    for record in event["Records"]:
        try:
            reasons = _reasons(record)
            if reasons:
                _park(record["body"], "; ".join(reasons))
        except Exception:  # the glue of this function: one event must not hold up another
            logger.exception("an event could not be looked at")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _reasons(record: Mapping[str, Any]) -> list[str]:
    """Why some of what a message asks for cannot be made, at last also because it breaks off each time."""
    try:
        return react(json.loads(record["body"]))
    except Exception as error:
        if int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)) < MAX_TRIES:
            raise
        logger.exception("an event could not be looked at")
        return [f"it broke off again and again: {type(error).__name__}"]


def react(event: Mapping[str, Any]) -> list[str]:
    """Submit a job for each trigger that the event matches, once for all; why some could make none."""
    reasons = []
    try:
        arrival = Arrival.of(event)
        wanted = list(arrival.triggers()) if arrival else []
        if arrival is None or not wanted or _is_made_by_a_job(arrival.upload):
            return []
    except InvalidRequest as error:
        return [_said(error)]
    for trigger in wanted:
        bind(organization=trigger.organization, trigger=trigger.id)
        try:
            submit(trigger, arrival)
        except InvalidRequest as error:
            reasons.append(f"trigger {trigger.id}: {_said(error)}")
    return reasons


def submit(trigger: Trigger, arrival: Arrival) -> None:
    """Submit the job of a trigger as the trigger itself; once for an event, also if the trigger has changed
    in between. Raises RequestError."""
    caller = principal(trigger)

    def submission() -> Submission:
        parameters = mapped(trigger.content.get("parameters", {}), arrival.event)
        return prepare(caller, {"template": trigger.content["template"], "parameters": parameters})

    asked = ["trigger", trigger.id, arrival.digest]
    detail = make(caller, submission, asked, f"{caller.key_id}:{arrival.digest}")
    logger.info("submitted", job=detail.job.id)


def _is_made_by_a_job(upload: Upload | None) -> bool:
    """Whether a job has stored the object: then it makes none, or jobs would follow on each other for ever.
    Raises InvalidRequest if it is gone."""
    if upload is None:
        return False
    try:
        found = client("s3", upload.region).head_object(Bucket=upload.bucket, Key=upload.key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
            raise
        rule = "an object that is still there"
        raise InvalidRequest("The object is gone", fields=[FieldError("/detail/object/key", rule)]) from None
    return MADE_BY in found["Metadata"]


def _park(body: str, reason: str) -> None:
    """Keep an event that makes no job, and why."""
    logger.error("an event makes no job", reason=reason)
    shown = "".join(each if each.isprintable() else " " for each in reason)[:_MAX_REASON]
    client("sqs", settings().home_region).send_message(
        QueueUrl=settings().trigger_failed_queue_url,
        MessageBody=body,
        MessageAttributes={"reason": {"DataType": "String", "StringValue": shown}},
    )


def _said(error: InvalidRequest) -> str:
    return ", ".join([error.detail, *(f"{bad.pointer}: {bad.detail}" for bad in error.fields)])
