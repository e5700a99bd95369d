"""Every decision about a job: one transaction each, conditional on the row it was made for.

A decision writes the job's new state, the event that tells of it and what follows for the pool, all or
nothing. ConditionFailed means that somebody decided first: read again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mediajobs.consumption import NOTHING, Consumption
from mediajobs.event import Event
from mediajobs.job import MOVES, RETENTION_DAYS, Failure, Job, Status
from mediajobs.store import usage
from mediajobs.store.job import FIRST_LOOK, due_shard, result_sort, rows_ttl
from mediajobs.store.pool import give_slot_back, take_slot
from mediajobs.store.replay import Replay, record
from mediajobs.store.write import Put, Update, equals, transact
from mediajobs.table import job_key
from mediajobs.timestamp import DAY, MINUTE

#: A running job without a worker is looked at so long after it was granted or driven.
START_LOOK = MINUTE
#: What a finished job still owes is looked at so long after its end.
DEBT_LOOK = MINUTE

#: Puts down the hold of a worker, and what belonged to the task at the cursor.
_NO_RUN: dict[str, Any] = {
    "run": None,
    "run_until": None,
    "run_started": None,
    "run_log": None,
    "run_mb": None,
}
_NO_TRIES: dict[str, Any] = {"tries": None, "not_before": None, "progress": None}
_NOT_WAITING: dict[str, Any] = {"pool": None, "rank": None}


def grant(job: Job, *, at: int) -> Job:
    """Pending → Running: the job takes a slot. Raises ConditionFailed; `failed[1]` when the pool is full."""
    return _decide(
        job,
        Event.next(job, Status.RUNNING, at=at, by="dispatch"),
        {"started": at, "held": job.holder, "due": at + START_LOOK, **_NOT_WAITING},
        also=[take_slot(job.organization, job.region, job.holder)],
    )


def finish_task(
    job: Job, result: Mapping[str, Any], *, at: int, used: Consumption, by: str = "worker", stop: bool = False
) -> Job:
    """The task at the cursor succeeded; with the last one the job does, and its slot is given back. `used`
    is what its tool consumed, beside the worker's time; `stop`, here and at `fail`, whether the execution
    does not see by itself that the task has ended."""
    index = job.cursor
    is_last = index + 1 == job.task_count
    status = Status.SUCCESS if is_last else Status.RUNNING
    event = Event.next(
        job,
        status,
        at=at,
        by=by,
        task=index,
        task_status=Status.SUCCESS,
        status_changed=is_last,
        wakes_pool=is_last,
    )
    consumed = job.consumed_by(at).plus(used)
    changes = {"cursor": index + 1, "consumed": consumed, **_NO_RUN, **_NO_TRIES}
    also = [_result(job, {"status": Status.SUCCESS, "ended": at, **result})]
    if is_last:
        return _end(job, event, changes, also, frees_slot=True, stop=stop, is_clean=True)
    return _decide(job, event, changes, also, is_clean=True)


def retry_task(job: Job, failure: Failure, *, at: int, delay: int, by: str, is_clean: bool = False) -> Job:
    """The task at the cursor failed and may be tried again after `delay` milliseconds. `is_clean`, here and
    below: whether the run's files have been removed and it makes no more; else that is owed from now on."""
    event = Event.next(
        job,
        Status.RUNNING,
        at=at,
        by=by,
        task=job.cursor,
        task_status=Status.PENDING,
        reason=f"{failure.code}: {failure.message}",
        status_changed=False,
    )
    return _decide(
        job,
        event,
        {
            **_NO_RUN,
            "consumed": job.consumed_by(at),
            "tries": job.tries + 1,
            "not_before": at + delay,
            "progress": None,
            "due": at + delay + START_LOOK,
        },
        is_clean=is_clean,
    )


def fail(job: Job, failure: Failure, *, at: int, by: str, is_clean: bool = False, stop: bool = False) -> Job:
    """The job fails. Its slot goes back unless a worker may still be at work; then that worker's run stays
    on the row until it is released."""
    event = Event.next(
        job,
        Status.FAILED,
        at=at,
        by=by,
        task=failure.task,
        task_status=None if failure.task is None else Status.FAILED,
        reason=f"{failure.code}: {failure.message}",
        wakes_pool=True,
    )
    changes: dict[str, Any] = {
        "failure_code": failure.code,
        "failure_message": failure.message,
        "failure_retryable": failure.retryable,
        "failure_task": failure.task,
    }
    also = []
    if failure.task is not None:
        reason = {"code": failure.code, "message": failure.message, "retryable": failure.retryable}
        also = [_result(job, {"status": Status.FAILED, "ended": at, "failure": reason})]
    # A failure of the task itself comes from its worker, or from the executor that saw it end.
    is_over = failure.task is not None or not job.is_run_live(at)
    if is_over:
        changes["consumed"] = job.consumed_by(at)
    stop = stop or failure.task is None
    return _end(job, event, changes, also, frees_slot=is_over, stop=stop, is_clean=is_clean)


def cancel(job: Job, *, at: int, by: str) -> Job:
    """Pending or Running → Cancelled; the slot goes back at once if no worker may still be at work."""
    event = Event.next(job, Status.CANCELLED, at=at, by=by, wakes_pool=True)
    return _end(job, event, {}, [], frees_slot=not job.is_run_live(at), stop=True)


def restart(job: Job, *, at: int, by: str, deadline: int, first: int, replay: Replay | None = None) -> Job:
    """A terminal status → Pending: the next attempt, from the task `first` on. While an earlier worker may
    still be at work, it does not wait for a slot yet: it would stand in the way of those that can start.
    ConditionFailed also when the `replay` has been used."""
    again = replace(job, attempt=job.attempt + 1)
    event = Event.next(
        again,
        Status.PENDING,
        at=at,
        by=by,
        reason=f"restarted from task {first}",
        wakes_pool=True,
    )
    changes = {
        "attempt": again.attempt,
        "firsts": (*job.firsts, first),
        "cursor": first,
        "drive": 1,
        "deadline": deadline,
        "consumed": NOTHING,
        "due": at + FIRST_LOOK,
        **(_waiting(job) if job.held is None else {}),
        **_NO_TRIES,
        **dict.fromkeys(("started", "ended", "ttl"), None),
        **dict.fromkeys(("failure_code", "failure_message", "failure_retryable", "failure_task"), None),
    }
    also = []
    if replay is not None:
        also = [record(job.organization, replay, job.id, at=at, ttl=rows_ttl(deadline))]
    return _decide(job, event, changes, also)


def release(job: Job, *, at: int, by: str, is_clean: bool = False) -> Job:
    """The worker of an ended attempt is gone: its slot goes back."""
    event = Event.next(
        job, job.status, at=at, by=by, reason="slot released", status_changed=False, wakes_pool=True
    )
    also: list[Put | Update] = []
    if job.held is not None:
        also.append(give_slot_back(job.organization, job.region, job.held))
    changes = {**_NO_RUN, "held": None, **(_waiting(job) if job.status is Status.PENDING else {})}
    after_end = job.worker_time(at)
    also += usage.count(job, after_end, at=at, ended=None)
    if job.status.is_terminal and job.run is not None:
        changes["consumed"] = job.consumed.plus(after_end)
        also.append(_result(job, {"status": job.task_status(job.cursor), "ended": at}))
    return _decide(job, event, changes, also, is_clean=is_clean)


def _end(
    job: Job,
    event: Event,
    changes: Mapping[str, Any],
    also: Sequence[Put | Update],
    *,
    frees_slot: bool,
    stop: bool = False,
    is_clean: bool = False,
) -> Job:
    """A terminal status; `stop` leaves the debt of stopping the execution."""
    final = {
        **_NOT_WAITING,
        "ended": event.at,
        "not_before": None,
        "due": event.at + DEBT_LOOK,
        "ttl": (event.at + RETENTION_DAYS * DAY) // 1000,
        **changes,
    }
    more = list(also)
    if frees_slot:
        final |= _NO_RUN | {"held": None}
        if job.held is not None:
            more.append(give_slot_back(job.organization, job.region, job.held))
    consumed = final.get("consumed", job.consumed)
    more += usage.count(job, consumed, at=event.at, ended=event.status)
    stops = frozenset({job.execution}) if stop and job.status is Status.RUNNING else frozenset()
    return _decide(job, event, final, more, stops=stops, is_clean=is_clean)


def _decide(
    job: Job,
    event: Event,
    changes: Mapping[str, Any],
    also: Sequence[Put | Update] = (),
    *,
    stops: frozenset[str] = frozenset(),
    is_clean: bool = False,
) -> Job:
    if event.status is not job.status and event.status not in MOVES[job.status]:
        raise ValueError(f"a job cannot go from {job.status} to {event.status}")
    key = job_key(job.organization, job.id)
    ttl = rows_ttl(changes.get("deadline", job.deadline))
    all_changes = {
        "status": event.status,
        "organization_status": f"{job.organization}#{event.status}",
        "sequence": event.sequence,
        **changes,
    }
    if "due" in changes:
        all_changes["due_shard"] = due_shard(job.id)
    gone = job.litter - job.lost if is_clean else frozenset()
    transact(
        [
            Update(
                (key, "JOB"),
                all_changes,
                # A run is taken, and prolonged, without a decision.
                equals(sequence=job.sequence, run=job.run),
                add={"stops": stops} if stops else {},
                delete={"litter": gone} if gone else {},
            ),
            *_slot_first(also),
            Put({"pk": key, "sk": f"EVENT#{event.sequence:06d}", "ttl": ttl, **event.to_row()}),
        ]
    )
    empty = {
        "failure_retryable": False,
        "run_until": 0,
        "run_started": 0,
        "run_mb": 0,
        "tries": 0,
        "not_before": 0,
        "progress": 0,
    }
    known: dict[str, Any] = {
        name: empty.get(name) if value is None else value
        for name, value in all_changes.items()
        if name in Job.__slots__
    }
    return replace(job, stops=job.stops | stops, litter=job.litter - gone, **known)


def _waiting(job: Job) -> dict[str, Any]:
    """Puts a pending job where its pool looks for the next one."""
    return {"pool": f"{job.organization}#{job.region}", "rank": job.rank}


def _slot_first(changes: Sequence[Put | Update]) -> list[Put | Update]:
    """The pool's write stands second in every transaction, so that its refusal can be told."""
    return sorted(changes, key=lambda change: not (isinstance(change, Update) and change.key[1] == "POOL"))


def _result(job: Job, result: Mapping[str, Any]) -> Put:
    """The result of the task at the cursor, in the place of an earlier try's."""
    return Put(
        {
            "pk": job_key(job.organization, job.id),
            "sk": result_sort(job.attempt, job.cursor),
            "ttl": rows_ttl(job.deadline),
            "started": job.run_started or None,
            "run": job.run,
            "log": job.run_log,
            "tries": job.tries + 1,
            **result,
        },
        condition=None,
    )
