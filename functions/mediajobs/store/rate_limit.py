"""The counts of rate limits in the table: one row a key and limit, changed by conditional writes."""

from mediajobs.errors import TooManyRequests
from mediajobs.rate_limit import Count, Limit
from mediajobs.store.read import get
from mediajobs.store.write import ConditionFailed, Update, equals, write
from mediajobs.table import limit_key
from mediajobs.timestamp import DAY, SECOND

#: A key's calls that come at one instant wait for each other; more than these at once are refused.
_TRIES = 30


def take(organization: str, key_id: str, name: str, limit: Limit, now: int) -> Count:
    """Count a call. Raises TooManyRequests, which counts none."""
    row_key = limit_key(organization, key_id), f"LIMIT#{name}"
    for _ in range(_TRIES):
        row = get(*row_key) or {}
        before = Count(tuple(row.get("recent", ())), row.get("day", 0), row.get("today", 0))
        after = before.take(limit, now)
        if isinstance(after, int):
            seconds = -(-after // SECOND)
            detail = f"{limit.a_minute} calls a minute and {limit.a_day} a day; try again in {seconds} s"
            raise TooManyRequests(detail, retry_after=seconds)
        changes = {
            "recent": after.recent,
            "day": after.day,
            "today": after.today,
            "version": row.get("version", 0) + 1,
            "ttl": (now + 2 * DAY) // SECOND,
        }
        try:
            write(Update(row_key, changes, equals(version=row.get("version"))))
        except ConditionFailed:
            continue
        return after
    raise TooManyRequests("Too many calls of this key at one instant", retry_after=1)
