"""The clock of a running stack, turned forward by hand where a test cannot wait for it."""

import json
import time
from typing import Any

from mediajobs.store.item import from_item, to_item
from mediajobs.table import job_key
from tests.stack import RunningStack

TABLE = "mediajobs-local-jobs"
#: Milliseconds by which what is turned back is over.
OVER = 10_000


def end_lease(stack: RunningStack, job: dict[str, Any]) -> None:
    """The lease of a job's worker, of 15 minutes, is over, and a look at the job is due."""
    _set(stack, job, "run_until = :before, due = :before", "attribute_exists(run)")


def bring_look(stack: RunningStack, job: dict[str, Any]) -> None:
    """The next look at what a job owes, a minute away, is due; nothing if it owes nothing."""
    dynamodb = stack.client("dynamodb")
    try:
        _set(stack, job, "due = :before", "attribute_exists(due)")
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return


def sweep(stack: RunningStack) -> dict[str, int]:
    """The round that comes each minute, now."""
    answer = stack.client("lambda").invoke(FunctionName="mediajobs-local-reactions-sweep", Payload="{}")
    found: dict[str, int] = json.loads(answer["Payload"].read())
    return found


def row(stack: RunningStack, job: dict[str, Any]) -> dict[str, Any]:
    """A job's row as the table has it."""
    return from_item(stack.client("dynamodb").get_item(TableName=TABLE, Key=_key(stack, job))["Item"])


def _set(stack: RunningStack, job: dict[str, Any], what: str, condition: str) -> None:
    stack.client("dynamodb").update_item(
        TableName=TABLE,
        Key=_key(stack, job),
        UpdateExpression=f"SET {what}",
        ConditionExpression=condition,
        ExpressionAttributeValues=to_item({":before": int(time.time() * 1000) - OVER}),
    )


def _key(stack: RunningStack, job: dict[str, Any]) -> dict[str, Any]:
    return to_item({"pk": job_key(stack.organization_id, job["id"]), "sk": "JOB"})
