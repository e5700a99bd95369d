"""How much of the fault suites runs: a part of each by default, all of it with FAULTS_LONG=1."""

import os
from collections.abc import Iterable

#: A number above 1 has what chance makes up be so many times as much.
_TIMES = int(os.environ.get("FAULTS_LONG") or 0)
IS_LONG = _TIMES > 0


def chosen(everything: Iterable[str], part: Iterable[str]) -> list[str]:
    """All of it, or the part that a short run is content with."""
    return list(everything if IS_LONG else part)


def many(short: int, long: int) -> int:
    """How many of what chance makes up: in a short run, and in a long one."""
    return long * _TIMES if IS_LONG else short
