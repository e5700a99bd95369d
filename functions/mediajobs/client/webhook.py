"""What a webhook is told: whether a message is the service's own, and what it says."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import cast

from mediajobs import signature
from mediajobs.answer import Message
from mediajobs.errors import MediajobsError

#: How much the clocks of both sides may differ, and how late a message may come.
TOLERANCE_SECONDS = 300


class MessageRefused(MediajobsError):
    """The message is not the service's, is too old, or is not in its words."""


def check(
    body: bytes | str,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> str:
    """The message's id, if it is signed with one of the secrets as Standard Webhooks says, whatever it says.

    The body is what has arrived, to the byte. A message comes again under the same id: take each id once.
    Raises MessageRefused; ValueError for what is no secret.
    """
    keys = [secrets] if isinstance(secrets, str) else list(secrets)
    if not keys or not all(map(signature.is_secret, keys)):
        raise ValueError("a secret of a webhook is whsec_ and 24 to 64 bytes in Base64")
    given = {name.lower(): value for name, value in headers.items()}
    message_id, at = given.get("webhook-id"), given.get("webhook-timestamp", "")
    signatures = given.get("webhook-signature", "")
    if not message_id or not re.fullmatch("[0-9]{1,12}", at) or not f"{message_id}{signatures}".isascii():
        raise MessageRefused("the message has no id, no time or no signature")
    if abs(time.time() - int(at)) > tolerance_seconds:
        raise MessageRefused(f"the message is more than {tolerance_seconds:g} s old, or ahead")
    raw = body.encode() if isinstance(body, str) else body
    if not signature.is_signed(message_id, int(at), raw, signatures, keys):
        raise MessageRefused("the message is not signed with this secret")
    return message_id


def read(
    body: bytes | str,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> Message:
    """What a message says in our own words (`format: mediajobs`), checked as `check` does. New types of
    message may come: pass over those that you do not know."""
    check(body, headers, secrets, tolerance_seconds=tolerance_seconds)
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict) or not {"type", "timestamp", "data"} <= said.keys():
        raise MessageRefused("the message is not in our own words: is the webhook's format another?")
    return cast(Message, said)
