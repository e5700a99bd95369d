"""Woken every minute: finds what is owed and due, and has the other reactions make it good.

It reads only the due index and the rows it names. Everything it does, an event would have done earlier.
"""

from collections import Counter
from typing import Any

from mediajobs import execution, litter, metric, notification, outside
from mediajobs.job import Failure, Job, Status
from mediajobs.log import bind, logger
from mediajobs.outcome import died
from mediajobs.reactions.announce import announce_missing
from mediajobs.reactions.dispatch import fill
from mediajobs.reactions.drive import drive
from mediajobs.store import debt, decision
from mediajobs.store import job as jobs
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import MINUTE, SECOND, now

#: Rows of a shard that one round takes on.
_ROWS = 100
#: Executions that one job may have: each but the first replaces one that was lost.
_MAX_DRIVES = 5
#: Jobs of a region that may fail in a round until the region's others wait for a minute: it may be away.
_PATIENCE = 3
#: The longest time between two looks at a pending job.
_MAX_WAIT = 5 * MINUTE
#: A run that ended without a word is taken for dead so long after its last moment.
_AFTER_RUN = 5 * SECOND


def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    """One round; what it has no time for is still due in the next one."""
    healed = failed = oldest = 0
    pools: set[tuple[str, str]] = set()
    failures: Counter[str] = Counter()
    for organization, job_id in debt.due(now(), _ROWS):
        if context.get_remaining_time_in_millis() < 15 * SECOND:
            break
        job = None
        bind(organization=organization, job=job_id)
        try:
            job = jobs.find(organization, job_id)
            if job is None or job.due is None or job.due > now():
                continue
            if failures[job.region] >= _PATIENCE:
                debt.postpone(job, now() + MINUTE)
                continue
            if job.status is Status.PENDING:
                oldest = max(oldest, now() - job.submitted)
            look(job, pools)
            healed += 1
        except ConditionFailed:
            continue  # somebody else made it good
        except Exception:  # the glue of this function: one job must not hold up the others
            logger.exception("a job could not be looked after", organization=organization, job=job_id)
            failed += 1
            if job is not None:
                failures[job.region] += 1
                # Or it would come first again in the next round, and in the end take all of its time.
                debt.postpone(job, now() + MINUTE)
    try:
        healed += notification.wake_overdue(now(), _ROWS)
    except Exception:
        logger.exception("the deliveries could not be looked after")
        failed += 1
    logger.info("swept", looked_at=healed, failed=failed)
    metric.swept(healed, failed, oldest, now())
    return {"looked_at": healed, "failed": failed}


def look(job: Job, filled: set[tuple[str, str]]) -> None:
    """Make good what a job owes, and say when to look again. A pool is filled once a round."""
    if job.announced < job.sequence:
        announce_missing(job.organization, job.id, job.announced)
        metric.healed("announced", job, now())
    if not job.status.is_terminal and now() >= job.deadline:
        late = Failure("DeadlineExceeded", "the job did not end before its deadline", False)
        job = decision.fail(job, late, at=now(), by="sweep")
    if job.held is not None and job.status is not Status.RUNNING:
        _reclaim(job)
    elif job.status.is_terminal:
        if job.stops:
            metric.healed("stopped", job, now())
        drive(job)
        debt.clear(jobs.find(job.organization, job.id) or job)
    elif job.status is Status.PENDING:
        _wait(job, filled)
    else:
        _follow(job)
    if job.litter:
        # Last, so that a workspace that is away holds up nothing else; and as it is now, since a run may have
        # been lost just so.
        litter.clear(jobs.find(job.organization, job.id) or job)


def _reclaim(job: Job) -> None:
    """The slot of an ended attempt, once its worker is gone for certain."""
    drive(job)
    if job.is_run_live(now() - _AFTER_RUN):
        debt.postpone(job, job.run_until + _AFTER_RUN)
    else:
        decision.release(job, at=now(), by="sweep")
        metric.healed("released", job, now())


def _wait(job: Job, filled: set[tuple[str, str]]) -> None:
    """A pending job: perhaps its pool has room."""
    pool = job.organization, job.region
    if pool not in filled:
        filled.add(pool)
        for granted in fill(*pool, [job.id]):
            metric.healed("granted", granted, now())
            drive(granted)
    waited = now() - job.submitted
    debt.postpone(job, min(job.deadline, now() + min(_MAX_WAIT, max(MINUTE, waited))))


def _follow(job: Job) -> None:
    """A running job: is somebody at work on it, or about to be?"""
    if job.is_run_live(now() - _AFTER_RUN):
        debt.postpone(job, min(job.run_until + _AFTER_RUN, job.deadline))
    elif job.run is not None:
        died(job, "its time was over")
        metric.healed("buried", job, now())
    elif job.not_before > now():
        debt.postpone(job, job.not_before + MINUTE)
    else:
        _keep_driven(job)


def _keep_driven(job: Job) -> None:
    """A running job without a worker has an execution that will bring one; if that is gone, another."""
    match execution.state(job):
        case execution.State.ABSENT:
            metric.healed("started", job, now())
            drive(job)
            debt.postpone(job, now() + MINUTE)
        case execution.State.RUNNING:
            outside.tell_again(job)
            debt.postpone(job, min(job.deadline, now() + MINUTE))
        case execution.State.ENDED if job.drive >= _MAX_DRIVES:
            lost = Failure("ExecutionLost", "the job's executions ended again and again", True)
            decision.fail(job, lost, at=now(), by="sweep")
        case execution.State.ENDED:
            again = debt.drive_again(job, now() + MINUTE)
            if again is not None:
                metric.healed("started", job, now())
                drive(again)
