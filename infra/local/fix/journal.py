"""What a table has acknowledged is lost with a hard kill, since the data is saved at a graceful stop only."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from ministack.core import persistence
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import dynamodb

_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
#: Bytes after which all is saved and a new part begins: what a start can do again in seconds.
_PART = 8 * 2**20
_KEY = "journal"


class _Journal:
    """Numbered parts in a directory; the saved data names the part that follows it.

    A part is written, not synced: it outlives the process, but not a power cut.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._number = 0
        self._part: IO[bytes] | None = None

    def begin(self) -> int:
        """Let another part follow; its number."""
        self._number += 1
        if self._part:
            self._part.close()
            self._part = None
        return self._number

    def note(self, entry: list[str]) -> bool:
        """Append an entry; whether that has filled a part."""
        if self._part is None:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._part = (self._directory / f"{_KEY}-{self._number:08}").open("ab", buffering=0)
        self._part.write(json.dumps(entry).encode() + b"\n")
        if self._part.tell() < _PART:
            return False
        self.begin()
        return True

    def since(self, number: int) -> Iterator[list[str]]:
        """What was noted from that part on; earlier parts are removed, and another one follows."""
        parts = {int(path.name.rpartition("-")[2]): path for path in self._directory.glob(f"{_KEY}-*")}
        self._number = max([number, *parts])
        self.begin()
        for each, path in sorted(parts.items()):
            if each < number:
                path.unlink()
                continue
            for line in path.read_bytes().split(b"\n"):
                # The last line may be half of one, of a write that nobody has heard of.
                with suppress(ValueError):
                    yield json.loads(line)


def install() -> None:
    """Note every write before its caller hears of it, and do again at the start what was noted since the
    last save."""
    if not persistence.PERSIST_STATE:
        return
    journal = _Journal(Path(persistence.STATE_DIR))
    handle, save, load = dynamodb.handle_request, dynamodb.get_state, dynamodb.load_persisted_state

    async def handle_noted(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        # It awaits nothing, so writes are noted in the order in which they take effect.
        answer = await handle(method, path, headers, body, query)
        target = headers.get("x-amz-target", "")
        if answer[0] == 200 and target.rpartition(".")[2] in _WRITES:
            entry = [get_account_id(), get_region(), target, body.decode()]
            if journal.note(entry):
                save_everything()
        return answer

    def save_with_number() -> dict[str, Any]:
        # In this order: what could not be saved goes on in the old part.
        return {**save(), _KEY: journal.begin()}

    def load_with_journal(data: dict[str, Any]) -> None:
        load(data)
        for account, region, target, body in journal.since(data.get(_KEY, 0)):
            with request_scope(account, region), suppress(StopIteration):
                handle("POST", "/", {"x-amz-target": target}, body.encode(), {}).send(None)

    dynamodb.handle_request = handle_noted
    dynamodb.get_state = save_with_number
    dynamodb.load_persisted_state = load_with_journal


def save_everything() -> None:
    """Save the data of every service, as a graceful stop does."""
    from ministack import app

    persistence.save_all(app._build_persistence_save_dict())
