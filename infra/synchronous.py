"""The synchronous client, written from the asynchronous one by `make docs`, so that there is one of them."""

import re
from pathlib import Path

CLIENT = Path(__file__).parents[1] / "functions/mediajobs/client"
SOURCE, TARGET = CLIENT / "async_client.py", CLIENT / "client.py"

_WORDS = (
    (
        "The client for programs that do other things meanwhile; `make docs` writes the other one from it.",
        "The client for programs that wait for each answer; `make docs` writes it from the other one.",
    ),
    ("import asyncio\n", ""),
    ("asyncio.sleep", "time.sleep"),
    ("AsyncIterator, Callable, Mapping", "Callable, Iterator, Mapping"),
    ("AsyncIterator", "Iterator"),
    ("AsyncBaseTransport", "BaseTransport"),
    ("AsyncClient", "Client"),
    ("__aenter__", "__enter__"),
    ("__aexit__", "__exit__"),
    ("aclose", "close"),
)


def client() -> str:
    """The source of the synchronous client."""
    text = SOURCE.read_text()
    for word, other in _WORDS:
        text = text.replace(word, other)
    text = re.sub(r"\b(async|await) ", "", text)
    # What an asynchronous generator cannot say.
    return re.sub(r"for each in (.+):\n +yield each\n", r"yield from \1\n", text)
