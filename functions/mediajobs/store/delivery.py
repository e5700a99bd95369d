"""Deliveries in the table: what is owed to a receiver, how often it was tried, and with what result."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from zlib import crc32

from mediajobs.job import RETENTION_DAYS
from mediajobs.store.read import between, get, up_to
from mediajobs.store.write import ConditionFailed, Put, Update, equals, write
from mediajobs.table import DELIVERY_SHARDS, DUE
from mediajobs.timestamp import DAY, MINUTE

#: An attempt is over so long after its beginning, whether or not it could say so.
LEASE = MINUTE
#: The sweeper looks so long after a message should have woken the delivery.
GRACE = MINUTE
#: It looks again so long after it has sent a message itself.
AGAIN = 5 * MINUTE
_TTL_DAYS = RETENTION_DAYS


class State(StrEnum):
    """How far a delivery is."""

    PENDING = "Pending"
    DELIVERED = "Delivered"
    #: Given up; only `redeliver` leads on.
    PARKED = "Parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message to a receiver. Times are milliseconds since the epoch."""

    #: The partition of whose receiver it is: a webhook's, or a job's own.
    owner: str
    id: str
    organization: str
    #: The same in every try, and for every receiver of the same event.
    message_id: str
    #: Of the message, such as `job.success`.
    kind: str
    #: The job and the event of its log; a ping has none.
    job_id: str | None = None
    sequence: int | None = None
    #: The webhook, or the number of the job's own receiver.
    webhook_id: str | None = None
    receiver: int | None = None
    #: Without what may be secret.
    url: str
    created: int
    state: State = State.PENDING
    tries: int = 0
    #: Of these, those before it was last asked for again.
    tries_before: int = 0
    #: The next try is not made before.
    not_before: int = 0
    due: int | None = None
    #: The last try: when, what was answered (status, milliseconds, the text's beginning), or what went wrong.
    tried: int | None = None
    answered: int | None = None
    took: int | None = None
    text: str | None = None
    error: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Delivery":
        """The delivery of a row."""
        known = {name: row[name] for name in cls.__slots__ if name in row}
        known |= {"organization": row["organization_id"], "state": State(known["state"])}
        return cls(owner=row["pk"], **known)

    @property
    def sort(self) -> str:
        """Its sort key."""
        return _sort(self.id)


@dataclass(frozen=True)
class Outcome:
    """What came of a try."""

    tried: int
    took: int
    answered: int | None = None
    text: str | None = None
    error: str | None = None


def create(delivery: Delivery) -> bool:
    """Owe it from now on; False if it has been owed before."""
    attributes = _attributes(delivery)
    row = {
        **attributes,
        "pk": delivery.owner,
        "sk": delivery.sort,
        "due": delivery.created + GRACE,
        "due_shard": _shard(delivery.id),
        "ttl": (delivery.created + _TTL_DAYS * DAY) // 1000,
    }
    try:
        write(Put(row))
    except ConditionFailed:
        return False
    return True


def find(owner: str, sort: str) -> Delivery | None:
    """A delivery by its keys."""
    row = get(owner, sort)
    return None if row is None else Delivery.of(row)


def of_id(owner: str, delivery_id: str) -> Delivery | None:
    """A delivery of a webhook or a job by its id."""
    return find(owner, _sort(delivery_id))


def latest(owner: str, before: str) -> Iterator[Delivery]:
    """The deliveries of a webhook or a job before the one of that id (or `~`), latest first."""
    rows = between(owner, _sort(""), _sort(before), consistent=False, backwards=True, stride=101)
    return (Delivery.of(row) for row in rows if row["sk"] != _sort(before))


def claim(delivery: Delivery, *, at: int) -> Delivery | None:
    """Make the next try; None if somebody else does."""
    return _change(delivery, tries=delivery.tries + 1, not_before=at + LEASE, due=at + LEASE)


def delivered(delivery: Delivery, outcome: Outcome) -> None:
    """The receiver has taken it."""
    _change(delivery, state=State.DELIVERED, due=None, **_outcome(outcome))


def park(delivery: Delivery, outcome: Outcome) -> None:
    """Give it up."""
    _change(delivery, state=State.PARKED, due=None, **_outcome(outcome))


def postpone(delivery: Delivery, outcome: Outcome, *, until: int, look: int) -> bool:
    """Try again at `until`; the sweeper looks at `look`. False if somebody has changed it."""
    return _change(delivery, not_before=until, due=look, **_outcome(outcome)) is not None


def ask_again(delivery: Delivery, *, at: int) -> Delivery | None:
    """Owe it again, from the first try on; None if it is still owed."""
    if delivery.state is State.PENDING:
        return None
    return _change(delivery, state=State.PENDING, tries_before=delivery.tries, not_before=at, due=at + GRACE)


def overdue(at: int, limit: int) -> Iterator[Delivery]:
    """The deliveries whose message seems to be lost, at most `limit` of a shard, each put off at once."""
    for shard in range(DELIVERY_SHARDS):
        for row in up_to(DUE, f"DELIVERY#{shard}", at, limit):
            change = Update((row["pk"], row["sk"]), {"due": at + AGAIN}, equals(due=row["due"]))
            try:
                yield Delivery.of(write(change))
            except ConditionFailed:
                continue  # it was not lost


def _change(delivery: Delivery, **changes: Any) -> Delivery | None:
    """The delivery with those changes, if it still is as it was read."""
    shard = None if changes["due"] is None else _shard(delivery.id)
    unchanged = equals(state=delivery.state, tries=delivery.tries, tries_before=delivery.tries_before)
    try:
        write(Update((delivery.owner, delivery.sort), {**changes, "due_shard": shard}, unchanged))
    except ConditionFailed:
        return None
    return replace(delivery, **changes)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in ("tried", "took", "answered", "text", "error")}


def _attributes(delivery: Delivery) -> dict[str, Any]:
    kept = {name for name in Delivery.__slots__ if name not in ("owner", "due", "organization")}
    # Under `organization` it would stand in the index of jobs by submission.
    return {name: getattr(delivery, name) for name in kept} | {"organization_id": delivery.organization}


def _shard(delivery_id: str) -> str:
    return f"DELIVERY#{crc32(delivery_id.encode()) % DELIVERY_SHARDS}"


def _sort(delivery_id: str) -> str:
    return f"DELIVERY#{delivery_id}"
