"""What a vendor's client has sent, kept with its job for the dialect's answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mediajobs.store.job import Detail
from mediajobs.store.pack import unpack


@dataclass(frozen=True)
class Said:
    """A vendor's request. Nothing secret may stand in it."""

    dialect: str
    #: JSON.
    request: Any
    #: Scheme and host that the client has spoken to, for the links in what it is sent later.
    origin: str
    #: What the dialect's lists filter by, such as `pipeline:7`; a few short words.
    labels: Sequence[str] = ()


def said_of(detail: Detail) -> Said | None:
    """What the vendor's client has sent that submitted the job."""
    kept = detail.spec.get("said")
    return None if kept is None else Said(**unpack(kept))
