"""Pools: how many jobs of an organization may run at once in a region, and which ones do."""

from dataclasses import dataclass
from typing import Any

from mediajobs.job import Job
from mediajobs.store.read import count_below, first_of, get
from mediajobs.store.write import Condition, ConditionFailed, Put, Update, equals, transact
from mediajobs.table import PENDING, pool_key

MAX_CAPACITY = 1000
MAX_PRIORITY = 100
#: Pending jobs that are counted to tell a job its place.
MAX_POSITION = 1000


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool's row; each holder is a job's id and attempt."""

    organization: str
    region: str
    capacity: int
    holders: frozenset[str]
    sequence: int
    #: The highest priority that a submit by any but an ADMIN may ask for.
    max_priority: int = MAX_PRIORITY

    @property
    def free(self) -> int:
        """Slots that may be granted."""
        return max(0, self.capacity - len(self.holders))


def find(organization: str, region: str) -> Pool | None:
    """The pool of an organization in a region."""
    row = get(pool_key(organization, region), "POOL")
    return None if row is None else _of(row)


def in_regions(organization: str, regions: tuple[str, ...]) -> list[Pool]:
    """The organization's pools among those regions."""
    return [pool for region in regions if (pool := find(organization, region))]


def set_capacity(
    organization: str, region: str, capacity: int, *, at: int, by: str, max_priority: int | None = None
) -> Pool:
    """Make the pool, or change its capacity; holders above a lowered capacity finish undisturbed. The
    priority limit stays as it was if there is none given.

    The event wakes the dispatcher, as a raised capacity lets pending jobs start.
    """
    while True:
        pool = find(organization, region)
        sequence = pool.sequence + 1 if pool else 1
        limit = max_priority if max_priority is not None else pool.max_priority if pool else MAX_PRIORITY
        key = pool_key(organization, region)
        event = Put(
            {
                "pk": key,
                "sk": f"EVENT#{sequence:06d}",
                "type": "Pool Capacity Changed",
                "organization_id": organization,
                "region": region,
                "at": at,
                "by": by,
                "capacity": capacity,
                "ttl": at // 1000 + 31 * 24 * 3600,
            },
            None,
        )
        row = {"organization_id": organization, "region": region}
        change = Update(
            (key, "POOL"),
            {**row, "capacity": capacity, "max_priority": limit, "sequence": sequence},
            equals(sequence=pool.sequence if pool else None),
        )
        try:
            transact([change, event])
        except ConditionFailed:
            continue
        return Pool(organization, region, capacity, pool.holders if pool else frozenset(), sequence, limit)


def take_slot(organization: str, region: str, holder: str) -> Update:
    """The part of a transaction that makes `holder` hold a slot, if there is one."""
    return Update(
        (pool_key(organization, region), "POOL"),
        condition=Condition(
            "#capacity > :none AND (attribute_not_exists(#holders) OR size(#holders) < #capacity)",
            {"none": 0},
        ),
        add={"holders": frozenset({holder})},
    )


def give_slot_back(organization: str, region: str, holder: str) -> Update:
    """The part of a transaction that takes `holder` out; nothing happens if it is not in."""
    return Update((pool_key(organization, region), "POOL"), delete={"holders": frozenset({holder})})


def pending(organization: str, region: str, limit: int) -> list[str]:
    """Ids of the pool's pending jobs in the order they should start; may lag behind the table."""
    rows = first_of(PENDING, f"{organization}#{region}", limit)
    return [row["rank"].partition("#")[2] for row in rows]


def position(job: Job) -> int | None:
    """How many jobs of its pool start before a pending job; None when they are more than can be counted."""
    before = count_below(PENDING, f"{job.organization}#{job.region}", job.rank, MAX_POSITION)
    return before if before < MAX_POSITION else None


def _of(row: dict[str, Any]) -> Pool:
    return Pool(
        row["organization_id"],
        row["region"],
        row["capacity"],
        row.get("holders", frozenset()),
        row["sequence"],
        row.get("max_priority", MAX_PRIORITY),
    )
