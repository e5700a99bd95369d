"""Woken by the queue, one delivery at a time: tries to tell its receiver."""

import json
from typing import Any

from mediajobs.delivery import attempt
from mediajobs.log import bind, logger


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Try the delivery that each message names; the messages of those that break off come again."""
    failed = []
    for record in event["Records"]:
        try:
            body = json.loads(record["body"])
            bind(delivery=body["sort"])
            attempt(body["owner"], body["sort"])
        except Exception:  # the glue of this function: one delivery must not hold up another
            logger.exception("a delivery broke off")
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
