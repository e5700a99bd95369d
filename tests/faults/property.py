"""What the service promises, whatever fails: the oracle of every suite under `tests/faults`.

`always` holds at every moment, `across` from any moment to a later one, `at_rest` once faults have stopped,
everything has been delivered and the sweeper has nothing left to do. Each yields what is broken, in words.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

from mediajobs.event import Event
from mediajobs.job import MOVES, RETENTION_DAYS, Job, Status
from mediajobs.timestamp import DAY
from tests.faults.state import Row, State

Violations = Iterator[str]

#: The receiver that a job of these suites may name.
RECEIVER = "https://receiver.example.com/"
MAIL = "mailto:user@example.com"


def always(state: State) -> Violations:
    """True at every moment, between any two AWS calls."""
    for job in state.jobs.values():
        log = state.events[job.id]
        yield from _log_has_no_gap(job, log)
        yield from _log_tells_every_move_once(job, log)
        yield from _tasks_ran_in_order(job, log)
        yield from _row_carries_what_its_status_needs(job, state)
    yield from _slots_are_held_by_live_attempts(state)
    yield from _one_key_made_one_job(state)
    yield from _one_worker_a_job(state)


def _is_kept(result: Row, later: Row | None) -> bool:
    """Whether a result says the same; a restart has it live longer."""
    return later is not None and later == {**result, "ttl": max(result["ttl"], later["ttl"])}


def across(before: State, after: State) -> Violations:
    """True between any moment and a later one: what has been said stays said."""
    for job_id, job in before.jobs.items():
        later = after.jobs.get(job_id)
        if later is None:
            if not job.has_expired(after.at):
                yield f"{job_id}: the job is gone before its time"
            continue
        log, longer = before.events[job_id], after.events[job_id]
        if longer[: len(log)] != log:
            yield f"{job_id}: the event log was rewritten"
        if job.status.is_terminal and later.attempt == job.attempt and later.status is not job.status:
            yield f"{job_id}: {job.status} became {later.status} without a restart"
        if later.attempt < job.attempt or later.announced < job.announced:
            yield f"{job_id}: attempt or announcements went back"
        if later.attempt == job.attempt and later.cursor < job.cursor:
            yield f"{job_id}: the job went back from task {job.cursor} to {later.cursor}"
        for key, result in before.results[job_id].items():
            is_final = key[0] < job.attempt or key[1] < job.cursor
            if is_final and not _is_kept(result, after.results[job_id].get(key)):
                yield f"{job_id}: the final result of task {key[1]} in attempt {key[0]} changed"
    for place, pool in after.pools.items():
        if len(pool.holders) > pool.capacity and not pool.holders <= before.pools[place].holders:
            yield f"pool {place[1]}: {len(pool.holders)} holders, and room for {pool.capacity}"
    if not before.told <= after.told:
        yield "an announcement was taken back"


def fenced(before: State, after: State, run: str | None) -> Violations:
    """One AWS call of a worker: its job changed only if the worker's own run held it, or it took the job."""
    for job_id, job in before.jobs.items():
        changed = before.rows[job_id] != after.rows[job_id]
        if changed and run != job.run and (job.is_run_live(before.at) or after.jobs[job_id].run != run):
            yield f"{job_id}: the run {run} changed a job that {job.run} held"


def at_rest(state: State) -> Violations:
    """True once the dust has settled."""
    for job in state.jobs.values():
        yield from _nothing_is_owed(job, state)
        yield from _receivers_were_told(job, state)
    for name, delivery in state.deliveries.items():
        if delivery["state"] != "Delivered" or "due" in delivery:
            yield f"the delivery {name} is {delivery['state']}, due {delivery.get('due')}"
        if delivery["url"] == MAIL and (MAIL, delivery["message_id"]) not in state.received:
            yield f"the mail {name} was never sent"
    for name, status in state.executions.items():
        if status == "RUNNING":
            found = _job_of_execution(state, name)
            if found is None or found.status is not Status.RUNNING or found.execution != name:
                yield f"execution {name} runs, though its job is {found and (found.status, found.execution)}"
    for (organization, region), pool in state.pools.items():
        running = {
            job.holder
            for job in state.jobs.values()
            if (job.organization, job.region) == (organization, region) and job.status is Status.RUNNING
        }
        if pool.holders != running:
            yield f"pool {region}: held by {sorted(pool.holders)}, running are {sorted(running)}"
        waiting = [
            job.id for job in state.jobs.values() if job.status is Status.PENDING and job.region == region
        ]
        if waiting and pool.free:
            yield f"pool {region}: {waiting} wait, though {pool.free} slots are free"
    named = {
        f"{job.id}/{attempt}/{index}/{result['run']}"
        for job in state.jobs.values()
        for (attempt, index), result in state.results[job.id].items()
        if result["status"] == Status.SUCCESS
    }
    for key in state.objects:
        if "/".join(key.split("/")[2:6]) not in named:
            yield f"the object {key} belongs to no run that succeeded"


def _log_has_no_gap(job: Job, log: list[Event]) -> Violations:
    if [event.sequence for event in log] != list(range(1, job.sequence + 1)):
        yield f"{job.id}: events {[event.sequence for event in log]}, but the row says {job.sequence}"
    if log and (log[-1].status, log[-1].attempt) != (job.status, job.attempt):
        yield f"{job.id}: the row says {job.status}, its last event {log[-1].status}"
    if job.announced > job.sequence:
        yield f"{job.id}: announced up to {job.announced} of {job.sequence}"


def _log_tells_every_move_once(job: Job, log: list[Event]) -> Violations:
    if log and (log[0].status, log[0].attempt, log[0].status_changed) != (Status.PENDING, 1, True):
        yield f"{job.id}: its log begins with {log[0]}"
    for event, following in pairwise(log):
        moved = following.status is not event.status
        if moved and following.status not in MOVES[event.status]:
            yield f"{job.id}: from {event.status} to {following.status}"
        restarted = event.status.is_terminal and following.status is Status.PENDING
        if following.attempt != event.attempt + restarted:
            yield f"{job.id}: attempt {event.attempt} {event.status}, then {following.attempt}"
        if moved != following.status_changed:
            yield f"{job.id}: event {following.sequence} is wrong about whether the status changed"


def _tasks_ran_in_order(job: Job, log: list[Event]) -> Violations:
    done: dict[int, int] = dict(enumerate(job.firsts, 1))
    for event in log:
        if event.task is not None:
            if event.task != done[event.attempt]:
                yield f"{job.id}: task {event.task} when {done[event.attempt]} tasks were done"
            done[event.attempt] += event.task_status is Status.SUCCESS
        if event.status is Status.SUCCESS and done[event.attempt] != job.task_count:
            yield f"{job.id}: Success with {done[event.attempt]} of {job.task_count} tasks"
    if done[job.attempt] != job.cursor:
        yield f"{job.id}: the row is at task {job.cursor}, its log at {done[job.attempt]}"


def _row_carries_what_its_status_needs(job: Job, state: State) -> Violations:
    row = state.rows[job.id]
    if row["organization_status"] != f"{job.organization}#{job.status}":
        yield f"{job.id}: is {job.status}, and listed as {row['organization_status']}"
    waits = job.status is Status.PENDING and job.held is None
    if waits != ("pool" in row and "rank" in row):
        yield f"{job.id}: is {job.status}, held {job.held}, and {'pool' in row} that it waits for a slot"
    if job.status.is_terminal != (job.ended is not None) or job.status.is_terminal != (job.ttl is not None):
        yield f"{job.id}: is {job.status}, ended {job.ended}, expires {job.ttl}"
    if (job.failure is not None) != (job.status is Status.FAILED):
        yield f"{job.id}: is {job.status} with the failure {job.failure}"
    owes = job.stops or job.litter or job.held or job.announced < job.sequence
    if (owes or not job.status.is_terminal) and (job.due is None or "due_shard" not in row):
        yield f"{job.id}: owes something, and is not due"
    if job.run is not None and job.held is None:
        yield f"{job.id}: a worker may be at work without a slot"


def _slots_are_held_by_live_attempts(state: State) -> Violations:
    held: Counter[tuple[str, str, str]] = Counter()
    for job in state.jobs.values():
        if job.held is not None:
            held[job.organization, job.region, job.held] += 1
        if job.status is Status.RUNNING and job.held != job.holder:
            yield f"{job.id}: runs, and its slot is {job.held}"
    for (organization, region), pool in state.pools.items():
        expected = {holder for where, there, holder in held if (where, there) == (organization, region)}
        if pool.holders != expected:
            yield f"pool {region}: held by {sorted(pool.holders)}, by the jobs' rows {sorted(expected)}"
    for job_id, attempt, _run in state.at_work:
        job = state.jobs[job_id]
        if f"{job_id}#{attempt}" not in state.pools[job.organization, job.region].holders:
            yield f"{job_id}: a worker of attempt {attempt} is at work without a slot"


def _one_key_made_one_job(state: State) -> Violations:
    """The suites' clients say in `user_data` which key they send."""
    there = [job for job in state.jobs.values() if not job.has_expired(state.at)]
    for marker, count in Counter(job.user_data for job in there if job.user_data).items():
        if count > 1:
            yield f"the Idempotency-Key {marker} made {count} jobs"
    for digest, job_id in state.replays.items():
        age = state.at - (UUID(job_id).int >> 80)
        if job_id not in state.jobs and age < RETENTION_DAYS * DAY:
            yield f"{digest} names the job {job_id}, which is not there"


def _one_worker_a_job(state: State) -> Violations:
    for job_id, count in Counter(job_id for job_id, _, _ in state.at_work).items():
        if count > 1:
            yield f"{job_id}: {count} workers are at work on it"


def _nothing_is_owed(job: Job, state: State) -> Violations:
    for event in state.events[job.id]:
        for detail_type, _ in event.announcements():
            if (job.id, event.sequence, detail_type) not in state.told:
                yield f"{job.id}: event {event.sequence}, {detail_type} {event.status}, was never announced"
    if not job.status.is_terminal:
        return
    owes = job.stops or job.litter or job.held or job.run or job.announced < job.sequence
    if owes or job.due is not None:
        yield (
            f"{job.id}: has ended and still owes: due {job.due}, stops {sorted(job.stops)}, held {job.held},"
            f" run {job.run}, litter {sorted(job.litter)}, announced {job.announced} of {job.sequence}"
        )


def _receivers_were_told(job: Job, state: State) -> Violations:
    """Every webhook here is older than every job, and wants all; a job's own receivers have one URL."""
    wanted = [hook["url"] for hook in state.webhooks.values()]
    for event in state.events[job.id]:
        own = [RECEIVER] if event.is_told else []
        for url in [*own, *(wanted if event.status_changed and event.status is not Status.PENDING else [])]:
            if (url, event.message_id) not in state.received:
                yield f"{job.id}: {url} was not told of event {event.sequence}, {event.status}"


def _job_of_execution(state: State, name: str) -> Job | None:
    return state.jobs.get(name.rsplit("-", 2)[0])
