"""Tasks that an organization's outside workers may take: one row a task, from its turn until its result.

The row stands with its job and carries the token by which the waiting execution is told of the end. It is in
the index of pending jobs, in a pool of its own, so that workers find the most urgent one first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mediajobs.job import Job
from mediajobs.store.job import rows_ttl
from mediajobs.store.read import get, span
from mediajobs.store.write import Delete, Put, write
from mediajobs.table import PENDING, job_key


@dataclass(frozen=True)
class Offer:
    """A task that is to be done outside."""

    organization: str
    job_id: str
    attempt: int
    index: int

    @property
    def _key(self) -> tuple[str, str]:
        return job_key(self.organization, self.job_id), f"WORK#{self.attempt:03d}#{self.index:02d}"

    def put(self, job: Job, token: str) -> None:
        """Let workers find it, in the place of an earlier execution's."""
        partition, sort = self._key
        rank = f"{job.rank}#{self.attempt}#{self.index}"
        write(
            Put(
                {
                    "pk": partition,
                    "sk": sort,
                    "ttl": rows_ttl(job.deadline),
                    "pool": _pool(self.organization),
                    "rank": rank,
                    "token": token,
                },
                condition=None,
            )
        )

    def token(self) -> str | None:
        """What the execution waits for; None if it has been told."""
        row = get(*self._key)
        return None if row is None else str(row["token"])

    def remove(self) -> None:
        """There is nothing more to be done or told."""
        write(Delete(self._key))


def waiting(organization: str) -> Iterator[Offer]:
    """The organization's offers, also those that a worker has taken, the most urgent first; they may lag."""
    for row in span(PENDING, _pool(organization), "0", "~"):
        _, job_id, attempt, index = row["rank"].split("#")
        yield Offer(organization, job_id, int(attempt), int(index))


def _pool(organization: str) -> str:
    """No region is called so."""
    return f"{organization}#outside"
