"""How much of the fault suites runs: a part of each by default, all of it with FAULTS_LONG=1."""

import os
from collections.abc import Iterable

IS_LONG = bool(os.environ.get("FAULTS_LONG"))


def chosen(everything: Iterable[str], part: Iterable[str]) -> list[str]:
    """All of it, or the part that a short run is content with."""
    return list(everything if IS_LONG else part)
