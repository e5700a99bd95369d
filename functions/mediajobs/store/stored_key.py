"""An API key's own row, which alone decides what the key may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mediajobs.organization import Role
from mediajobs.store.membership import Membership
from mediajobs.store.read import get
from mediajobs.store.write import Put, Update, equals
from mediajobs.table import api_key_key


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key's row; of its secret there is only the digest. Times are milliseconds since the epoch."""

    id: str
    digest: str
    user: str
    #: By organization; a key that is revoked everywhere has none.
    roles: Mapping[str, Role]
    version: int = 1
    expires: int | None = None
    #: The key that came in its place by a rotation.
    replaced_by: str | None = None
    #: Whether it can do nothing but let another key join.
    invitation: bool = False

    def is_valid(self, at: int) -> bool:
        """Whether it may do anything at that time."""
        return bool(self.roles) and (self.expires is None or at < self.expires)

    def memberships(self, *, created: int, by: str) -> list[Membership]:
        """It as each of its organizations sees it when it is made."""
        return [
            Membership(
                organization=organization,
                key_id=self.id,
                user=self.user,
                role=role,
                created=created,
                created_by=by,
                expires=self.expires,
                invitation=self.invitation,
            )
            for organization, role in self.roles.items()
        ]


def find(key_id: str, *, consistent: bool = True) -> StoredKey | None:
    """The row of a key."""
    row = get(api_key_key(key_id), "KEY", consistent=consistent)
    if row is None:
        return None
    known = {name: row[name] for name in StoredKey.__slots__ if name in row}
    return StoredKey(**known | {"roles": {each: Role(role) for each, role in row["roles"].items()}})


def creation(made: StoredKey) -> Put:
    """The part of a transaction that makes a key."""
    row: dict[str, Any] = {name: getattr(made, name) for name in made.__slots__}
    return Put({"pk": api_key_key(made.id), "sk": "KEY", **row})


def change(key: StoredKey, **changes: Any) -> Update:
    """The part of a transaction that changes a key as it was read."""
    return Update(
        (api_key_key(key.id), "KEY"), {**changes, "version": key.version + 1}, equals(version=key.version)
    )
