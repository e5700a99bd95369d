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
#: Pages without a line of the run that one call passes over.
_MAX_PAGES = 5


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
    logs, token = client("logs", region), next_token
    lines: list[answer.LogLine] = []
    try:
        # A page may be empty, or have lines of other runs only, and not be the last: the last one gives the
        # token back that it was asked with.
        for _ in range(_MAX_PAGES):
            asked = token
            found = logs.get_log_events(
                logGroupName=group,
                logStreamName=stream,
                startFromHead=True,
                **query,
                **({"nextToken": asked} if asked else {}),
            )
            token = found.get("nextForwardToken")
            lines = [line for event in found["events"] if (line := _line(event, run))]
            if lines or token in (None, asked):
                break
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return {"logs": [], "next_token": None}
        if error.response["Error"]["Code"] == "InvalidParameterException" and next_token:
            raise InvalidRequest(
                "The page is not known", fields=[FieldError("/query/next_token", "not one of ours")]
            ) from None
        raise
    return {"logs": lines, "next_token": None if token == asked else token}


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
