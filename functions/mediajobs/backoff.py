"""When a message that could not be delivered is sent again."""

from mediajobs.timestamp import MINUTE, SECOND

HOUR = 60 * MINUTE
#: Milliseconds after each failed try, before jitter: over a day in all.
PAUSES = (
    5 * SECOND,
    30 * SECOND,
    2 * MINUTE,
    10 * MINUTE,
    HOUR,
    3 * HOUR,
    8 * HOUR,
    12 * HOUR,
)
#: A message is sent so often at the most.
MAX_TRIES = len(PAUSES) + 1
#: The share by which a pause may be shorter or longer, so that what failed together does not come together.
JITTER = 0.2


def pause(tries: int, chance: float) -> int | None:
    """Milliseconds until the next try after so many; None after the last. `chance` is from 0 to 1."""
    if tries > len(PAUSES):
        return None
    return round(PAUSES[tries - 1] * (1 - JITTER + 2 * JITTER * chance))
