"""Signatures of messages, as Standard Webhooks 1.0 has them."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

#: Before a secret, so that it is known for one wherever it is seen.
PREFIX = "whsec_"


def new_secret() -> str:
    """A secret to sign with: 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(message_id: str, seconds: int, body: bytes, keys: Sequence[str]) -> str:
    """The `webhook-signature` of a message: one signature for each secret that is valid."""
    content = f"{message_id}.{seconds}.".encode() + body
    return " ".join(f"v1,{_signature(content, key)}" for key in keys)


def _signature(content: bytes, key: str) -> str:
    raw = base64.b64decode(key.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(raw, content, hashlib.sha256).digest()).decode()
