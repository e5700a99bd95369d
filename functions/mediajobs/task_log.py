"""The log of a task: lines of its worker's log stream in CloudWatch Logs, found by the run's token."""

import json
from typing import Any

from botocore.exceptions import ClientError

from mediajobs import answer
from mediajobs.aws import client
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.store.job import Detail
from mediajobs.timestamp import SECOND, to_text

#: Lines reach CloudWatch with a delay, and its clock is not ours.
_SLACK = 5 * SECOND


def read(detail: Detail, index: int, next_token: str | None) -> answer.LogPage:
    """One page of the log of a task's last try, oldest first; no lines while it has not begun."""
    job = detail.job
    result = detail.results.get((job.attempt_of(index), index), {})
    is_current = index == job.cursor
    place = result.get("log") or (job.run_log if is_current else None)
    run = result.get("run") or (job.run if is_current else None)
    if place is None:
        return {"logs": [], "next_token": None}
    region, group, stream = place.split("|")
    started = result.get("started") or job.run_started
    query = {"startTime": started - _SLACK}
    if result.get("ended"):
        query["endTime"] = result["ended"] + _SLACK
    if next_token:
        query["nextToken"] = next_token
    try:
        found = client("logs", region).get_log_events(
            logGroupName=group, logStreamName=stream, startFromHead=True, **query
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return {"logs": [], "next_token": None}
        if error.response["Error"]["Code"] == "InvalidParameterException" and next_token:
            raise InvalidRequest(
                "The page is not known", fields=[FieldError("/query/next_token", "not one of ours")]
            ) from None
        raise
    lines = [line for event in found["events"] if (line := _line(event, run))]
    token = found.get("nextForwardToken")
    return {"logs": lines, "next_token": token if lines and token != next_token else None}


def _line(event: dict[str, Any], run: str | None) -> answer.LogLine | None:
    """A line of this run; other runs may share the stream."""
    try:
        entry = json.loads(event["message"])
    except ValueError:
        return None
    if not isinstance(entry, dict) or entry.get("run") != run:
        return None
    return {
        "timestamp": to_text(event["timestamp"]),
        "level": entry.get("level", "INFO"),
        "message": str(entry.get("message", "")),
    }
