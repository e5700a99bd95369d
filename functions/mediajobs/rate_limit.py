"""How often a key may do something: exact in any minute, and in any day by the calendar (UTC)."""

from dataclasses import dataclass

from mediajobs.timestamp import DAY, MINUTE, SECOND


@dataclass(frozen=True)
class Limit:
    """So many calls in any 60 seconds, and so many on a day."""

    a_minute: int
    a_day: int

    @property
    def policy(self) -> str:
        """As the RateLimit-Policy field says it."""
        return f'"minute";q={self.a_minute};w=60, "day";q={self.a_day};w=86400'


#: Reading a task's log.
LOGS = Limit(a_minute=20, a_day=1000)


@dataclass(frozen=True)
class Count:
    """The calls there were: when the last ones came (milliseconds), and how many on the last one's day."""

    recent: tuple[int, ...] = ()
    day: int = 0
    today: int = 0

    def take(self, limit: Limit, now: int) -> "Count | int":
        """The count with one call more; or the milliseconds until there may be one.

        A clock that goes back does not give calls back.
        """
        at = max(now, *self.recent) if self.recent else now
        day = max(at // DAY, self.day)
        today = self.today if day == self.day else 0
        recent = tuple(call for call in self.recent if call > at - MINUTE)
        waits = []
        if len(recent) >= limit.a_minute:
            waits.append(recent[-limit.a_minute] + MINUTE - now)
        if today >= limit.a_day:
            waits.append((day + 1) * DAY - now)
        return max(waits) if waits else Count((*recent, at), day, today + 1)

    def left(self, limit: Limit, now: int) -> str:
        """What is left, as the RateLimit field says it (draft-ietf-httpapi-ratelimit-headers)."""
        until = (self.recent[0] + MINUTE - now) if self.recent else 0
        of_minute, of_day = limit.a_minute - len(self.recent), limit.a_day - self.today
        left_of_day = (self.day + 1) * DAY - now
        return f'"minute";r={of_minute};t={_seconds(until)}, "day";r={of_day};t={_seconds(left_of_day)}'


def _seconds(milliseconds: int) -> int:
    """Rounded up, so that who waits so long has waited long enough."""
    return max(0, -(-milliseconds // SECOND))
