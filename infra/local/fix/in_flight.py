"""A message that was being handled when the emulator ended stays hidden, though nobody handles it now."""

import time
from typing import Any

from ministack.services import sqs


def install() -> None:
    """Show it again at the start."""
    load = sqs.load_persisted_state

    def load_visible(data: dict[str, Any]) -> None:
        load(data)
        for queue in sqs._queues.all_values():
            for message in queue["messages"]:
                if message["receive_count"]:
                    message["visible_at"] = min(message["visible_at"], time.time())

    sqs.load_persisted_state = load_visible
