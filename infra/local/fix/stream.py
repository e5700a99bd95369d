"""A table's stream is lost with a restart while its readers keep their place, so they wait for records that
have long been there."""

import copy
from typing import Any

from ministack.services import dynamodb

_PARTS = ("_stream_records", "_stream_trimmed")


def install() -> None:
    """Keep the stream with the table."""
    save, load = dynamodb.get_state, dynamodb.load_persisted_state

    def save_with_streams() -> dict[str, Any]:
        streams = {name: copy.deepcopy(getattr(dynamodb, name)) for name in _PARTS}
        return {**save(), **streams, "_stream_seq_counter": dynamodb._stream_seq_counter}

    def load_with_streams(data: dict[str, Any]) -> None:
        load(data)
        for name in _PARTS:
            getattr(dynamodb, name).update(data.get(name, {}))
        dynamodb._stream_seq_counter = data.get("_stream_seq_counter", 0)

    dynamodb.get_state = save_with_streams
    dynamodb.load_persisted_state = load_with_streams
