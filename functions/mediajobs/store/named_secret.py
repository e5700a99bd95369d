"""Named secrets in the table: one row each, in their organization's partition, the value encrypted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mediajobs.errors import Conflict
from mediajobs.store.read import between, get
from mediajobs.store.write import Condition, ConditionFailed, Delete, Update, equals, write
from mediajobs.table import organization_key

#: Of an organization: a list reads them all.
MAX_SECRETS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSecret:
    """A secret of an organization. Times are milliseconds since the epoch."""

    name: str
    sealed: bytes
    created: int
    updated: int
    updated_by: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "NamedSecret":
        """The secret of a row."""
        return cls(**{name: row[name] for name in cls.__slots__})


def find(organization: str, name: str) -> NamedSecret | None:
    """A secret by its name."""
    row = get(organization_key(organization), _sort(name))
    return None if row is None else NamedSecret.of(row)


def every(organization: str) -> list[NamedSecret]:
    """All secrets of an organization, by name."""
    rows = between(organization_key(organization), _sort(""), _sort("~"))
    return list(map(NamedSecret.of, rows))


def put(organization: str, name: str, sealed: bytes, *, at: int, by: str) -> NamedSecret:
    """Keep a secret under a name, in place of the one before. Raises Conflict if there are too many."""
    key = organization_key(organization), _sort(name)
    changes = {"name": name, "sealed": sealed, "updated": at, "updated_by": by}
    while True:
        try:
            return NamedSecret.of(write(Update(key, changes, Condition("attribute_exists(#pk)"))))
        except ConditionFailed:
            pass
        if len(every(organization)) >= MAX_SECRETS:
            raise Conflict(f"An organization has at most {MAX_SECRETS} secrets")
        try:
            return NamedSecret.of(write(Update(key, {**changes, "created": at}, equals(pk=None))))
        except ConditionFailed:
            continue


def delete(organization: str, name: str) -> None:
    """Let a secret be gone, if it is there."""
    write(Delete((organization_key(organization), _sort(name))))


def _sort(name: str) -> str:
    return f"SECRET#{name}"
