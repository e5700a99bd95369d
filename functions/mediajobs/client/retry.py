"""When a call is sent again, and how long to pause before."""

import random
from dataclasses import dataclass

from mediajobs.client.call import Call

#: The service, or what stands before it, was away or had too much to do; a 500 is what API Gateway says of a
#: handler that died.
_PASSING = frozenset({500, 502, 503, 504})


@dataclass(frozen=True)
class Retry:
    """At most so many tries of a call; the pauses between them grow, with jitter, up to `longest` seconds."""

    tries: int = 4
    first: float = 0.5
    longest: float = 20.0

    def helps(
        self, call: Call[object], status: int | None, number: int, retry_after: float | None = None
    ) -> bool:
        """Whether to send a call again after its try `number` (from 1) that was answered so, or not at all.

        A 429 has done nothing, so any call may follow it; otherwise only one that changes nothing more. None
        before the service wants it: where that is too long to wait, the caller decides.
        """
        if number >= self.tries or (retry_after or 0) > self.longest:
            return False
        return status == 429 or (call.is_repeatable and (status is None or status in _PASSING))

    def pause(self, number: int, retry_after: float | None) -> float:
        """Seconds to wait after a try: as the service says, or exponential with full jitter."""
        if retry_after is not None:
            return retry_after
        return random.uniform(0, min(self.longest, self.first * 2 ** (number - 1)))  # noqa: S311 (jitter)
