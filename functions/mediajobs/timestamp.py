"""Times: milliseconds since the epoch inside, RFC 3339 UTC with milliseconds outside."""

import time
from datetime import UTC, datetime

SECOND = 1_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE


def now() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def to_text(milliseconds: int) -> str:
    """`1700000000000` → `2023-11-14T22:13:20.000Z`; sorts as the time does."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def from_text(text: str) -> int:
    """Milliseconds of an RFC 3339 time; a time without a zone is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
