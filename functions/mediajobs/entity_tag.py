"""Entity tags (RFC 9110): whether the caller has the present state, and waiting until it changes."""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from mediajobs.errors import FieldError, InvalidRequest

#: Longest wait of one call, in seconds; API Gateway gives up at 30.
MAX_WAIT = 25
#: Seconds between two looks.
_LOOK = 1.0


def of(state: Any) -> str:
    """The tag of a state (JSON)."""
    text = json.dumps(state, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def matches(tag: str, if_none_match: str | None) -> bool:
    """Whether an If-None-Match header names the tag; weak comparison."""
    if if_none_match is None:
        return False
    named = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return tag in named or "*" in named


def wanted_wait(prefer: str | None) -> int:
    """Seconds of `Prefer: wait=N` (RFC 7240); at most MAX_WAIT, 0 where it is not asked for."""
    for preference in (prefer or "").split(","):
        name, _, value = preference.strip().partition("=")
        if name.strip().lower() == "wait":
            value = value.strip().strip('"')
            if not (value.isascii() and value.isdigit()):
                rule = "wait is a whole number of seconds"
                raise InvalidRequest("A header breaks a rule", fields=[FieldError("/headers/prefer", rule)])
            return min(int(value[:6]), MAX_WAIT)
    return 0


def wait_for_change(look: Callable[[], Any], before: Any, seconds: float) -> None:
    """Come back when `look` sees something else than `before`, or when the time is over."""
    end = time.monotonic() + seconds
    while look() == before and (left := end - time.monotonic()) > 0:
        time.sleep(min(_LOOK, left))
