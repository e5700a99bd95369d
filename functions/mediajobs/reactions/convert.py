"""Woken by the state machine for a task that MediaConvert does: before its job there, and after it."""

from typing import Any

from mediajobs import conversion
from mediajobs.log import bind


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """What to tell MediaConvert; or, once its job is complete, nothing, and the task is done."""
    place = event["organization"], event["job"], event["attempt"], event["task"]
    bind(organization=place[0], job=place[1], attempt=place[2], task=place[3])
    if "converted" in event:
        conversion.finish(event)
        return {}
    return conversion.begin(*place)
