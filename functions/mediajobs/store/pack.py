"""JSON packed small: what is only ever read whole, and may hold any JSON number."""

import json
import zlib
from typing import Any


def pack(value: Any) -> bytes:
    """Compressed JSON."""
    return zlib.compress(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(), 9)


def unpack(data: bytes) -> Any:
    """The way back."""
    return json.loads(zlib.decompress(data))
