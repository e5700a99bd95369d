"""How long a task will take, by rules of thumb: what they rest on is said with each estimate.

A tool that has a rule says it by a function `estimate(parameters, files, looks)` beside its `run`: the files
that the job will have by then, and what was found at each pointer that the tool `inspects`, in bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

#: Bytes a second between a worker and the world.
WORLD = 25_000_000
#: Bytes a second between a worker and its job's workspace.
WORKSPACE = 80_000_000
#: Bits a second of media of which only the size is known.
MEDIA_BITS = 8_000_000

#: Names of files with their bytes, None where they are not known; in the order in which they are made.
Files = Mapping[str, int | None]


@dataclass(frozen=True)
class Estimate:
    """Seconds of a worker, None where there is nothing to rest on."""

    seconds: float | None
    basis: str
    #: What the task adds to the job's files; None if not even the names are known.
    files: Files | None


def nothing_known(_parameters: object, _files: object, _looks: object) -> Estimate:
    """Of a tool that has no rule."""
    return Estimate(None, "There is no rule for this tool.", None)
