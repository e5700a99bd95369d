"""Bundles: named groups of an organization's jobs, which live as long as the organization."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from mediajobs.errors import Conflict
from mediajobs.identifier import is_id, new_id
from mediajobs.job import Status
from mediajobs.store.read import between, get, whole
from mediajobs.store.write import ConditionFailed, Put, Update, equals, transact
from mediajobs.table import BY_BUNDLE, organization_key

#: Rows that one page reads at the most when its filter passes many over; then it may be short.
BUDGET = 2_000
_STRIDE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle's row. `created` is in milliseconds since the epoch."""

    id: str
    name: str
    #: Counts an organization's bundles from 1 in the order of creation.
    number: int
    created: int
    #: The API key that made it.
    created_by: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Bundle":
        """The bundle of a row."""
        return cls(**{name: row[name] for name in cls.__slots__})


def create(organization: str, name: str, *, at: int, by: str) -> Bundle:
    """Make a bundle. Raises Conflict if the organization has one of this very name."""
    key = organization_key(organization)
    while True:
        row = get(key, "BUNDLES")
        last = row["last"] if row else None
        made = Bundle(id=new_id(at), name=name, number=(last or 0) + 1, created=at, created_by=by)
        try:
            transact(
                [
                    Put({"pk": key, "sk": f"BUNDLENAME#{name}", "id": made.id}),
                    # Whose number it is, the count below decides.
                    Put({"pk": key, "sk": f"BUNDLENUMBER#{made.number}", "id": made.id}, None),
                    Put(
                        {
                            "pk": key,
                            "sk": f"BUNDLE#{made.id}",
                            **{field: getattr(made, field) for field in made.__slots__},
                        }
                    ),
                    Update((key, "BUNDLES"), {"last": made.number}, equals(last=last)),
                ]
            )
        except ConditionFailed as error:
            if error.failed[0]:
                raise Conflict(f"There is a bundle of the name {name!r}") from None
            continue
        return made


def find(organization: str, bundle_id: str) -> Bundle | None:
    """A bundle by its id."""
    row = get(organization_key(organization), f"BUNDLE#{bundle_id}") if is_id(bundle_id) else None
    return None if row is None else Bundle.of(row)


def named(organization: str, name: str) -> Bundle | None:
    """A bundle by its name, as it is written."""
    return _pointed(organization, f"BUNDLENAME#{name}")


def numbered(organization: str, number: int) -> Bundle | None:
    """A bundle by its number."""
    return _pointed(organization, f"BUNDLENUMBER#{number}")


def page(
    organization: str, search: str | None, *, after: str | None, limit: int
) -> tuple[list[Bundle], str | None]:
    """The next bundles, the newest first, whose name has that part in any case; and the id to go on after,
    None at the end."""
    found: list[Bundle] = []
    part = (search or "").casefold()
    last: str | None = None
    rows = between(
        organization_key(organization),
        "BUNDLE#",
        f"BUNDLE#{_before(after)}" if after else "BUNDLE#~",
        consistent=False,
        backwards=True,
        stride=_STRIDE if part else limit + 1,
    )
    for number in count(1):
        row = next(rows, None)
        if row is None:
            return found, None
        bundle = Bundle.of(row)
        if part in bundle.name.casefold():
            if len(found) == limit:
                return found, found[-1].id
            found.append(bundle)
        last = bundle.id
        if number == BUDGET:
            break
    return found, last


def counts(organization: str, bundle_id: str, now: int) -> dict[Status, int]:
    """How many jobs of each status a bundle has; it may lag a moment behind.

    It reads the bundle's part of an index: about 50 RCU for a thousand jobs. A counter would cost each job
    two more writes at each change, all of them on one row, and could not tell when a job expires.
    """
    rows = whole(BY_BUNDLE, f"{organization}#{bundle_id}", "status", "ttl")
    tally = Counter(row["status"] for row in rows if "ttl" not in row or row["ttl"] * 1000 > now)
    return {status: tally[status] for status in Status if status is not Status.SKIPPED}


def _pointed(organization: str, sort: str) -> Bundle | None:
    row = get(organization_key(organization), sort)
    return None if row is None else find(organization, row["id"])


def _before(bundle_id: str) -> str:
    """The greatest text below an id, of the characters ids are made of."""
    return bundle_id[:-1] + chr(ord(bundle_id[-1]) - 1) + "~"
