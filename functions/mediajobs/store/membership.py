"""Keys as an organization sees them: one row in its partition for each key that has, or had, a role there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mediajobs.organization import Role
from mediajobs.store.read import between, get
from mediajobs.store.write import Put, Update
from mediajobs.table import organization_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A key's role in an organization. Times are milliseconds since the epoch."""

    organization: str
    key_id: str
    user: str
    role: Role
    created: int
    #: The id of the key that made it, or a part of the service.
    created_by: str
    expires: int | None = None
    revoked: int | None = None
    #: The key that came in its place: by a rotation, or by accepting it as an invitation.
    replaced_by: str | None = None
    #: Whether the key can do nothing but let another key join.
    invitation: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Membership":
        """The membership of a row."""
        known = {name: row[name] for name in cls.__slots__ if name in row}
        return cls(**known | {"role": Role(row["role"])})

    @property
    def is_lasting_admin(self) -> bool:
        """Whether the organization can count on it to be administrated."""
        return self.role is Role.ADMIN and self.expires is None and not self.invitation


def find(organization: str, key_id: str) -> Membership | None:
    """The membership of a key, revoked or not."""
    row = get(*_key(organization, key_id))
    return None if row is None else Membership.of(row)


def after(organization: str, key_id: str) -> Iterator[Membership]:
    """The memberships of an organization behind a key's, by key id."""
    rows = between(organization_key(organization), f"KEYREF#{key_id} ", "KEYREF#~")
    return map(Membership.of, rows)


def creation(made: Membership) -> Put:
    """The part of a transaction that makes a membership, in the place of one that was revoked before. Its
    key's own row, which stands in the same transaction, decides."""
    partition, sort = _key(made.organization, made.key_id)
    row = {name: getattr(made, name) for name in made.__slots__}
    return Put({"pk": partition, "sk": sort, **row}, condition=None)


def change(organization: str, key_id: str, **changes: Any) -> Update:
    """The part of a transaction that changes a membership, as its key's own row changes in it."""
    return Update(_key(organization, key_id), changes)


def _key(organization: str, key_id: str) -> tuple[str, str]:
    return organization_key(organization), f"KEYREF#{key_id}"
