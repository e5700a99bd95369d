"""Pages of a list: where one begins, and what leads on to the next."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from mediajobs import page_token
from mediajobs.header import LINK
from mediajobs.request import Request
from mediajobs.store import signing
from mediajobs.timestamp import now

T = TypeVar("T")


@dataclass(frozen=True)
class Pages:
    """A list as one request asks for it."""

    request: Request
    path: str
    #: Which list, and its filters (JSON): a token goes with no other.
    context: Any
    at: int = field(default_factory=now)

    def start(self, token: str | None) -> Any:
        """The position where the page begins; None at the list's own beginning. Raises InvalidRequest."""
        return page_token.read(signing.key(), self.context, token, self.at) if token else None

    def following(self, position: Any) -> tuple[str | None, dict[str, str]]:
        """The token of the page after a position (JSON), and the header with a link to it; without a position
        neither."""
        if position is None:
            return None, {}
        token = page_token.issue(signing.key(), self.context, position, self.at)
        link = self.request.address(self.path, **{**self.request.query, "next_token": token})
        return token, {LINK.name: f'<{link}>; rel="next"'}


def first(rows: Iterable[T], limit: int) -> tuple[list[T], T | None]:
    """The first rows, and the last one of them if there are more."""
    found = list(islice(rows, limit + 1))
    return found[:limit], found[limit - 1] if len(found) > limit else None
