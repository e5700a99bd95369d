"""Organizations in the table: their rows, their names, and who of their keys is an ADMIN."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from mediajobs.errors import Conflict
from mediajobs.organization import OPERATOR
from mediajobs.store.read import between, get
from mediajobs.store.write import ConditionFailed, Put, Update, equals, write
from mediajobs.table import DEPLOYMENT_KEY, organization_key, organization_name_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """An organization's row. `created` is in milliseconds since the epoch."""

    id: str
    name: str
    #: Counts from 1 in the order of creation.
    number: int
    created: int
    #: Ids of the ADMIN keys that do not expire: there is always one.
    admins: frozenset[str]
    version: int = 1
    #: Where its jobs run that name no region; None leaves it to the deployment.
    default_region: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Organization":
        """The organization of a row."""
        return cls(**{name: row[name] for name in cls.__slots__ if name in row})

    @property
    def is_operator(self) -> bool:
        """Whether it runs the deployment."""
        return self.number == OPERATOR


def find(organization: str) -> Organization | None:
    """An organization by its id."""
    row = get(organization_key(organization), "ORGANIZATION")
    return None if row is None else Organization.of(row)


def every() -> Iterator[Organization]:
    """All of the deployment, in the order of their creation."""
    for row in between(DEPLOYMENT_KEY, "ORGANIZATION#", "ORGANIZATION#~"):
        if (found := find(row["id"])) is not None:
            yield found


def default_region(organization: str) -> str | None:
    """The region of its jobs that name none; may lag a moment behind a change."""
    row = get(organization_key(organization), "ORGANIZATION", consistent=False)
    return None if row is None else row.get("default_region")


def set_default_region(organization: str, region: str | None) -> Organization:
    """Change the region of its jobs that name none. Raises LookupError."""
    while True:
        found = find(organization)
        if found is None:
            raise LookupError(f"there is no organization {organization}")
        change = Update(
            (organization_key(organization), "ORGANIZATION"),
            {"default_region": region, "version": found.version + 1},
            equals(version=found.version),
        )
        try:
            write(change)
        except ConditionFailed:
            continue
        return replace(found, default_region=region, version=found.version + 1)


def id_of(name: str) -> str | None:
    """The id of the organization of that name."""
    row = get(organization_name_key(name), "NAME", consistent=False)
    return None if row is None else str(row["id"])


def last_number() -> int:
    """The number of the organization that was made last; 0 if there is none."""
    row = get(DEPLOYMENT_KEY, "ORGANIZATIONS")
    return int(row["last"]) if row else 0


def creation(made: Organization) -> list[Put | Update]:
    """The part of a transaction that makes an organization: the first write is refused if the name is taken,
    the second if the number is."""
    row = {name: getattr(made, name) for name in made.__slots__}
    return [
        Put({"pk": organization_name_key(made.name), "sk": "NAME", "id": made.id}),
        Update(
            (DEPLOYMENT_KEY, "ORGANIZATIONS"),
            {"last": made.number},
            equals(last=made.number - 1 or None),
        ),
        Put({"pk": organization_key(made.id), "sk": "ORGANIZATION", **row}),
        Put({"pk": DEPLOYMENT_KEY, "sk": f"ORGANIZATION#{made.number:06d}", "id": made.id}, None),
    ]


def change_of_admins(
    organization: str, *, new: Set[str] = frozenset(), gone: Set[str] = frozenset()
) -> Update:
    """The part of a transaction that changes who is an ADMIN. Raises Conflict if nobody would be left."""
    found = find(organization)
    if found is None:
        raise LookupError(f"there is no organization {organization}")
    admins = (found.admins | new) - gone
    if not admins:
        raise Conflict("An organization keeps one ADMIN key that does not expire: make another one first")
    return Update(
        (organization_key(organization), "ORGANIZATION"),
        {"admins": admins, "version": found.version + 1},
        equals(version=found.version),
    )
