"""A location's server or bucket, reached by whatever protocol its URL names."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mediajobs.tools.credential import Location
from mediajobs.transfer.address import Policy
from mediajobs.transfer.meter import Meter


@dataclass(frozen=True)
class Look:
    """What the other side says of a file; None where it does not say."""

    exists: bool | None
    size: int | None = None


class Site(Protocol):
    """An open session at a location; the URLs given to it are that location's, or inside it."""

    def get(self, url: str, target: Path) -> None:
        """Load a file. Raises ToolError: SourceNotFound, AccessDenied, AddressForbidden, TransferFailed,
        LimitExceeded, InvalidMedia."""

    def put(self, path: Path, url: str, content_type: str) -> None:
        """Store a file whole or, as far as the protocol allows, not at all. Raises ToolError."""

    def look(self, url: str) -> Look:
        """Whether `get` would find a file, and of how many bytes, without loading it. Raises ToolError."""

    def can_put(self, url: str) -> bool | None:
        """Whether a file could be stored there, or in there; None where that cannot be told without leaving
        a trace. Raises ToolError."""


def reach(location: Location, meter: Meter, policy: Policy) -> AbstractContextManager[Site]:
    """A session at the location. The protocols' libraries are imported here, as they are needed."""
    match location.url.partition("://")[0]:
        case "s3":
            from mediajobs.transfer import s3

            return s3.reach(location, meter)
        case "sftp":
            from mediajobs.transfer import sftp

            return sftp.reach(location, meter, policy)
        case "ftp" | "ftps":
            from mediajobs.transfer import ftp

            return ftp.reach(location, meter, policy)
        case _:
            from mediajobs.transfer import http

            return http.reach(location, meter, policy)
