"""One thread polls every event source and itself runs the handlers of streams, so a slow one holds up all."""

import threading
from collections.abc import Iterator
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.services import lambda_svc

_only = threading.local()
_busy: set[str] = set()


def install() -> None:
    """Give each stream's mapping a thread of its own while it has something to do."""
    mappings, poll = lambda_svc._iter_all_esms, lambda_svc._poll_dynamodb_streams

    def mappings_of_this_thread() -> Iterator[tuple[str, str, dict[str, Any]]]:
        wanted = getattr(_only, "mapping", None)
        return (one for one in mappings() if wanted is None or one[2]["UUID"] == wanted)

    def poll_one(mapping: str) -> None:
        _only.mapping = mapping
        try:
            while poll():
                pass
        finally:
            _busy.discard(mapping)

    def poll_each() -> bool:
        for _, _, mapping in list(mappings()):
            name = mapping["UUID"]
            if "/stream/" in mapping.get("EventSourceArn", "") and name not in _busy:
                _busy.add(name)
                spawn_background(poll_one, name, thread_name="stream-mapping")
        return False

    lambda_svc._iter_all_esms = mappings_of_this_thread
    lambda_svc._poll_dynamodb_streams = poll_each
