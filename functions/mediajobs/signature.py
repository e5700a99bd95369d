"""Signatures of messages, as Standard Webhooks 1.0 has them."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence

#: Before a secret, so that it is known for one wherever it is seen.
PREFIX = "whsec_"
_SECRET = re.compile(PREFIX + "(?:[A-Za-z0-9+/]{4}){8,22}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def new_secret() -> str:
    """A secret to sign with: 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_secret(text: str) -> bool:
    """Whether it is a secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in Base64."""
    return _SECRET.fullmatch(text) is not None


def sign(message_id: str, seconds: int, body: bytes, keys: Sequence[str]) -> str:
    """The `webhook-signature` of a message: one signature for each secret that is valid."""
    content = f"{message_id}.{seconds}.".encode() + body
    return " ".join(f"v1,{_signature(content, key)}" for key in keys)


def is_signed(message_id: str, seconds: int, body: bytes, signatures: str, keys: Sequence[str]) -> bool:
    """Whether one of a message's signatures is by one of the secrets; how long it takes does not tell how
    much of one is right."""
    wanted = sign(message_id, seconds, body, keys).split()
    given = signatures.encode().split()
    return any(hmac.compare_digest(each, own.encode()) for each in given for own in wanted)


def _signature(content: bytes, key: str) -> str:
    raw = base64.b64decode(key.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(raw, content, hashlib.sha256).digest()).decode()
