"""Idempotency-Keys in the table: what each was used for, so that nothing is done twice."""

from dataclasses import dataclass

from mediajobs.store.read import get
from mediajobs.store.write import Condition, Put
from mediajobs.table import idempotency_key
from mediajobs.timestamp import now

_SORT = "IDEMPOTENCY"


@dataclass(frozen=True)
class Replay:
    """An Idempotency-Key: the digest that names it, and the fingerprint of what it came with."""

    digest: str
    fingerprint: str


def key(organization: str, digest: str) -> tuple[str, str]:
    """Where the row of a key stands."""
    return idempotency_key(organization, digest), _SORT


def record(organization: str, replay: Replay, job_id: str, *, at: int, ttl: int) -> Put:
    """Belongs to the transaction that does what was asked; refused while the key is remembered, until `ttl`
    (seconds)."""
    partition, sort = key(organization, replay.digest)
    return Put(
        {"pk": partition, "sk": sort, "fingerprint": replay.fingerprint, "job_id": job_id, "ttl": ttl},
        Condition("attribute_not_exists(#pk) OR #ttl <= :now", {"now": at // 1000}),
    )


def find(organization: str, digest: str) -> tuple[str, str] | None:
    """The fingerprint and the job id that a key was used with."""
    row = get(*key(organization, digest))
    if row is None or row["ttl"] * 1000 <= now():
        return None
    return row["fingerprint"], row["job_id"]
