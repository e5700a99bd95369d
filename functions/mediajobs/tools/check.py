"""What a task's parameters say of the world outside, to be looked at before the task runs.

A tool that reaches out says where to, by a function `inspects(parameters)` beside its `run`.
"""

from dataclasses import dataclass
from enum import StrEnum

from mediajobs.tools.credential import Location


class Kind(StrEnum):
    """What a place is to the task."""

    #: A file to load.
    SOURCE = "source"
    #: Where a file is to be stored, or, if it ends in `/`, several.
    DESTINATION = "destination"


@dataclass(frozen=True)
class Check:
    """One place; `pointer` (RFC 6901) says where it stands in the parameters."""

    location: Location
    kind: Kind
    pointer: str
