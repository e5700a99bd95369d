"""Identifiers: time-ordered UUIDs (RFC 9562, version 7) and random tokens."""

import hashlib
import secrets
import time
import uuid

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def new_id(now_ms: int | None = None) -> str:
    """A UUID version 7: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    return _version_7(milliseconds, secrets.randbits(80))


def derived_id(milliseconds: int, name: str) -> str:
    """The UUID version 7 of that time whose other bits follow from a name: the same for the same."""
    return _version_7(milliseconds, int.from_bytes(hashlib.sha256(name.encode()).digest()[:10]))


def _version_7(milliseconds: int, more: int) -> str:
    value = (milliseconds & (1 << 48) - 1) << 80 | more
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def is_id(text: str) -> bool:
    """Whether `text` is a UUID in its canonical form, so that it is safe inside a key or a path."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def new_token(length: int) -> str:
    """A random string of letters and digits, of just under 6 bits a character."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def task_number(job_id: str, index: int) -> int:
    """The integer by which some dialects name a task: unique within its job, below 2**53."""
    return (uuid.UUID(job_id).int >> 80) * 64 + index
