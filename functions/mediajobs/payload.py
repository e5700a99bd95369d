"""What an answer of Lambda can carry."""

import json
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

#: Lambda carries 6 MB (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), with the
#: headers and what stands around the entries.
MAX_BYTES = 6 * 1024 * 1024 - 32 * 1024


def size(shown: object) -> int:
    """Bytes of a part of an answer (JSON): the answer is text inside the JSON that Lambda gives back."""
    return len(json.dumps(json.dumps(shown, ensure_ascii=False), ensure_ascii=False).encode())


def fitting(shown: Sequence[T]) -> list[T]:
    """The first entries of a page (JSON), as many as fit into one answer, and the first one in any case."""
    room = MAX_BYTES
    for number, entry in enumerate(shown):
        room -= size(entry)
        if room < 0:
            return list(shown[: max(1, number)])
    return list(shown)
