"""Access tokens: what a vendor's client gets for its key, and sends instead of it for a while."""

import base64
import hashlib
import hmac
import json

from mediajobs.timestamp import SECOND

_PREFIX = "mjt_"
_MAC_BYTES = 16


def issue(signing_key: bytes, key_id: str, *, at: int, seconds: int, purpose: str = "access") -> str:
    """A token that stands for an API key until `seconds` after `at` (milliseconds)."""
    body = json.dumps([key_id, at + seconds * SECOND, purpose], separators=(",", ":")).encode()
    return _PREFIX + base64.urlsafe_b64encode(_mac(signing_key, body) + body).decode().rstrip("=")


def is_one(text: str) -> bool:
    """Whether it looks like a token."""
    return text.startswith(_PREFIX)


def read(signing_key: bytes, text: str, at: int, *, purpose: str = "access") -> str | None:
    """The id of the API key that a token stands for; None if it is forged, has expired or is for another
    purpose."""
    encoded = text.removeprefix(_PREFIX)
    try:
        data = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        return None
    mac, body = data[:_MAC_BYTES], data[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(signing_key, body)):
        return None
    key_id, until, meant_for = json.loads(body)
    return key_id if at < until and meant_for == purpose else None


def _mac(signing_key: bytes, body: bytes) -> bytes:
    return hmac.new(signing_key, b"access token\n" + body, hashlib.sha256).digest()[:_MAC_BYTES]
