"""Page tokens: where a list goes on, signed and bound to the organization, the route and the filter."""

import base64
import hashlib
import hmac
import json
from typing import Any

from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.timestamp import DAY

#: How long a token can be used.
LIFE = DAY
_MAC_BYTES = 16


def issue(key: bytes, context: Any, position: Any, at: int) -> str:
    """A token for going on at `position` (JSON) in the list that `context` (JSON) describes."""
    body = json.dumps([position, at + LIFE], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(key, context, body) + body).decode().rstrip("=")


def read(key: bytes, context: Any, token: str, at: int) -> Any:
    """The position of a token. Raises InvalidRequest for any but an unexpired token of this very list."""
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        mac, body = data[:_MAC_BYTES], data[_MAC_BYTES:]
        if hmac.compare_digest(mac, _mac(key, context, body)):
            position, until = json.loads(body)
            if at < until:
                return position
    except ValueError:
        pass
    raise InvalidRequest(
        "The page token cannot be used",
        fields=[
            FieldError("/query/next_token", "a token of this list with these filters, at most a day old")
        ],
    )


def _mac(key: bytes, context: Any, body: bytes) -> bytes:
    bound = json.dumps(context, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(key, len(bound).to_bytes(4, "big") + bound + body, hashlib.sha256).digest()[:_MAC_BYTES]
