"""Whether each acknowledged job ended rightly, and how long a free slot waited for its job."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mediajobs.job import Job, Status
from tests.faults.state import State
from tests.soak.customer import Order
from tests.soak.killer import Killer
from tests.soak.wish import Wish


def wrong_ends(
    state: State, wishes: Sequence[Wish], orders: dict[str, Order], killer: Killer
) -> Iterator[str]:
    """Each job that has not ended, or not as its tasks should give; in words."""
    known = set(state.jobs)
    for wish in wishes:
        order = orders.get(wish.name)
        if order is None:
            yield f"{wish.name} was never acknowledged"
        elif order.job_id not in state.jobs:
            yield f"{wish.name}: the acknowledged job {order.job_id} is not there"
        else:
            known.discard(order.job_id)
            yield from _wrong_end(state, wish, order, killer)
    for job_id in known:
        yield f"{job_id}: nobody was told of this job"


def _wrong_end(state: State, wish: Wish, order: Order, killer: Killer) -> Iterator[str]:
    job = state.jobs[order.job_id]
    who = f"{wish.name} ({wish.kind}, {job.id})"
    if not job.status.is_terminal:
        yield f"{who} is {job.status}"
        return
    if order.is_cancelled or job.status is Status.CANCELLED:
        if job.status is not Status.CANCELLED or not order.may_be_cancelled:
            yield f"{who} is {job.status}; a cancel was taken: {order.is_cancelled}"
        return
    if job.attempt != 1 + order.restarts:
        yield f"{who} is in attempt {job.attempt} after {order.restarts} restarts"
    code = job.failure.code if job.failure else None
    if code == "WorkerDied":
        if not _was_hit(state, job, killer):
            yield f"{who} failed with WorkerDied, and nobody killed its worker"
    elif code != wish.failure:
        yield f"{who} ended as {job.status} with {job.failure}; {wish.failure or 'Success'} was right"


def _was_hit(state: State, job: Job, killer: Killer) -> bool:
    """Whether the run that failed was killed, alone or with the whole stack."""
    result = state.results[job.id][job.attempt, job.cursor]
    stream = str(result.get("log")).rpartition("|")[2]
    started, ended = int(result.get("started") or 0), int(job.ended or 0)
    return stream in killer.streams or any(started < end and begin < ended for begin, end in killer.restarts)


@dataclass(frozen=True)
class Latency:
    """How long jobs waited for their grant although a slot was free, in milliseconds."""

    waits: tuple[int, ...]

    def percentile(self, share: float) -> int:
        """So long, or less, for that share of the grants."""
        return self.waits[min(len(self.waits) - 1, int(share * len(self.waits)))] if self.waits else 0


def grant_latency(state: State) -> Latency:
    """From the moment that a job waits and its pool has a slot free to its grant, by the event logs."""
    moves: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    for job in state.jobs.values():
        for event in state.events[job.id]:
            if event.status_changed and event.status is Status.RUNNING:
                moves[job.organization, job.region].append((event.at, 1, job.id))
            elif event.wakes_pool and event.status.is_terminal:
                moves[job.organization, job.region].append((event.at, -1, job.id))
    waits = []
    for place, listed in moves.items():
        free, free_since = state.pools[place].capacity, 0
        for at, step, job_id in sorted(listed):
            if step > 0:
                waits.append(at - max(free_since, _waits_since(state, job_id, at)))
                free -= 1
            else:
                free += 1
                if free == 1:
                    free_since = at
    return Latency(tuple(sorted(max(0, wait) for wait in waits)))


def _waits_since(state: State, job_id: str, granted: int) -> int:
    """When the job began to wait for the slot that it was granted then."""
    return max(
        event.at
        for event in state.events[job_id]
        if event.status is Status.PENDING and event.status_changed and event.at <= granted
    )
