"""What an end of the local stack has done to the workers that were at work: none of them lives any more.

Lambda would have told Step Functions; here the executions end with their emulator. So the jobs need not wait
for the end of a lease.
"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from infra.local.emulator import client
from infra.name import Names
from mediajobs.store.item import from_item, to_item

logger = logging.getLogger("mediajobs.local")

#: How the log groups begin of the workers that end with the stack; a worker outside goes on.
_OURS = "/aws/lambda/"
#: Milliseconds by which their leases are over, more than the sweeper allows for.
_OVER = 10_000


def tell(endpoint_url: str, names: Names, started: int) -> int:
    """End the leases of the workers that the jobs' rows name from before the start (milliseconds), and have
    the sweeper look at their jobs; returns how many there were."""
    region = names.config.home_region
    table = client(endpoint_url, "dynamodb", region)
    before = int(time.time() * 1000) - _OVER
    count = 0
    for row in _at_work(table, names.table, started):
        with suppress(table.exceptions.ConditionalCheckFailedException):
            table.update_item(
                TableName=names.table,
                Key=to_item({"pk": row["pk"], "sk": row["sk"]}),
                UpdateExpression="SET run_until = :before, due = :before",
                ConditionExpression="#run = :run AND attribute_exists(due)",
                ExpressionAttributeNames={"#run": "run"},
                ExpressionAttributeValues=to_item({":before": before, ":run": row["run"]}),
            )
            count += 1
    if count:
        logger.info("%d workers were lost with the last end of the stack", count)
        client(endpoint_url, "lambda", region).invoke(
            FunctionName=names.function("reactions.sweep"), Payload=json.dumps({}).encode()
        )
    return count


def _at_work(table: Any, name: str, started: int) -> Iterator[dict[str, Any]]:
    """The rows of jobs that a worker of the stack has held since before the start."""
    pages = table.get_paginator("scan").paginate(
        TableName=name,
        FilterExpression="sk = :job AND attribute_exists(#run) AND run_started < :started",
        ExpressionAttributeNames={"#run": "run"},
        ExpressionAttributeValues=to_item({":job": "JOB", ":started": started}),
    )
    for page in pages:
        for row in map(from_item, page["Items"]):
            # Region, group and stream.
            if row["run_log"].split("|")[1].startswith(_OURS):
                yield row
