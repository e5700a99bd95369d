"""An upload that leaves a whole file or none, where the protocol itself knows no such thing."""

from pathlib import Path
from typing import Protocol

from mediajobs.errors import TransferFailed
from mediajobs.transfer.url import folders, partial, public


class Server(Protocol):
    """What it takes of a session."""

    def make_folder(self, path: str) -> None:
        """Make a folder, if it can be made."""

    def store(self, path: Path, name: str) -> None:
        """Send a local file."""

    def size(self, name: str) -> int | None:
        """Of a file there, in bytes; None where the server does not say."""

    def rename(self, name: str, target: str) -> None:
        """Give a file its name, in the place of what had it."""

    def tidy(self, name: str) -> None:
        """Remove what a broken upload left, if that can be done."""


def upload(server: Server, path: Path, url: str, target: str, made: set[str]) -> None:
    """Store a file under a name of its own, and give it its right name once it is whole; the folders above it
    are made, but for those that were `made` before. Raises TransferFailed, and what the session raises."""
    temporary = partial(target)
    for folder in folders(target):
        if folder not in made:
            server.make_folder(folder)
            made.add(folder)
    try:
        server.store(path, temporary)
        if server.size(temporary) not in {path.stat().st_size, None}:
            raise TransferFailed(f"{public(url)} broke off")
        server.rename(temporary, target)
    except BaseException:
        server.tidy(temporary)
        raise
