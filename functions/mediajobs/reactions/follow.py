"""Woken by MediaConvert's own events: how far a job there is, and that it writes nothing more."""

from typing import Any

from mediajobs import conversion
from mediajobs.log import bind


def handler(event: dict[str, Any], _context: object) -> None:
    """One `MediaConvert Job State Change`."""
    detail = event["detail"]
    told = detail.get("userMetadata", {})
    bind(**{name: told[name] for name in ("organization", "job", "attempt", "task") if name in told})
    conversion.follow(detail)
