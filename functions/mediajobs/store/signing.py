"""The deployment's key for what it hands out and wants to recognise, made on first use."""

import secrets
from contextlib import suppress
from functools import cache

from mediajobs.store.read import get
from mediajobs.store.write import ConditionFailed, Put, write
from mediajobs.table import DEPLOYMENT_KEY

_BYTES = 32


@cache
def key() -> bytes:
    """The key; every process of the deployment has the same."""
    row = get(DEPLOYMENT_KEY, "SIGNING", consistent=False)
    if row is None:
        with suppress(ConditionFailed):  # another process was first
            write(Put({"pk": DEPLOYMENT_KEY, "sk": "SIGNING", "key": secrets.token_bytes(_BYTES)}))
        row = get(DEPLOYMENT_KEY, "SIGNING")
    if row is None:
        raise LookupError("the signing key has vanished")
    return bytes(row["key"])
