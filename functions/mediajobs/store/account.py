"""Organizations and their API keys in the table."""

import time
from typing import Any

from mediajobs.api_key import ApiKey, Principal
from mediajobs.organization import Role
from mediajobs.store.read import get
from mediajobs.store.write import Put, transact
from mediajobs.table import api_key_key, organization_key
from mediajobs.timestamp import now

#: How long a process may believe what it read of a key, in seconds: so soon a revoked key is refused.
CACHE_SECONDS = 60

_cache: dict[str, tuple[float, dict[str, Any]]] = {}


def create_organization(organization: str, name: str, number: int) -> None:
    """Make an organization. Raises ConditionFailed if the id is taken."""
    transact(
        [
            Put(
                {
                    "pk": organization_key(organization),
                    "sk": "ORGANIZATION",
                    "organization_id": organization,
                    "name": name,
                    "number": number,
                    "created": now(),
                }
            )
        ]
    )


def create_key(organization: str, role: Role) -> ApiKey:
    """Make a key; it is nowhere to be read again."""
    key = ApiKey.new()
    transact(
        [
            Put(
                {
                    "pk": api_key_key(key.id),
                    "sk": "KEY",
                    "digest": key.digest,
                    "organization_id": organization,
                    "role": role,
                    "created": now(),
                }
            )
        ]
    )
    return key


def principal(key: ApiKey) -> Principal | None:
    """Whom a key belongs to, if it is a valid one."""
    read_at, row = _cache.get(key.id, (0.0, {}))
    if time.monotonic() - read_at > CACHE_SECONDS or not row:
        row = get(api_key_key(key.id), "KEY", consistent=False) or {}
        if row:
            _cache[key.id] = (time.monotonic(), row)
    if not row or not key.matches(row["digest"]):
        return None
    return Principal(key.id, row["organization_id"], Role(row["role"]))
