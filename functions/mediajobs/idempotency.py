"""Idempotency-Keys of requests: one that is sent again is answered, and does nothing twice."""

import hashlib
import json
import re
from typing import Any

from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.header import MAX_IDEMPOTENCY_KEY, VISIBLE
from mediajobs.store import replay as replays
from mediajobs.store.replay import Replay


def replay_of(organization: str, asked: Any, key: str | None) -> Replay | None:
    """What an Idempotency-Key stands for; None without one. `asked` (JSON) is what the key has to come with
    each time. Raises InvalidRequest."""
    if key is None:
        return None
    if len(key) > MAX_IDEMPOTENCY_KEY or not re.fullmatch(VISIBLE, key):
        raise InvalidRequest(
            "The Idempotency-Key breaks a rule",
            fields=[
                FieldError("/headers/idempotency-key", f"1 to {MAX_IDEMPOTENCY_KEY} visible ASCII characters")
            ],
        )
    canonical = json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()
    return Replay(
        hashlib.sha256(f"{organization}\n{key}".encode()).hexdigest(),
        hashlib.sha256(canonical).hexdigest(),
    )


def job_of(organization: str, replay: Replay) -> str | None:
    """The id of the job that the key was used for; None if it is new or forgotten. Raises InvalidRequest if
    it was used with something else."""
    used = replays.find(organization, replay.digest)
    if used is None:
        return None
    fingerprint, job_id = used
    if fingerprint != replay.fingerprint:
        raise InvalidRequest(
            "The Idempotency-Key was used with another body",
            fields=[FieldError("", "the body must be the one that the key was first used with")],
        )
    return job_id
