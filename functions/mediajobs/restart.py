"""Restarting: the next attempt of a job that has ended, under its own id."""

from collections.abc import Callable

from mediajobs.errors import Conflict
from mediajobs.idempotency import job_of
from mediajobs.job import Job
from mediajobs.store import decision
from mediajobs.store import job as jobs
from mediajobs.store.replay import Replay
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import SECOND, now


def restart(
    find: Callable[[], Job], *, by: str, from_failed: bool = False, replay: Replay | None = None
) -> Job:
    """Make the job that `find` reads pending again, from its first task, or going on at the first one that
    did not succeed. One `replay` restarts once: after that, the job is returned as it is. Raises Conflict
    while the job has not ended, InvalidRequest for an Idempotency-Key that was used otherwise, and what
    `find` raises."""
    while True:
        job = find()
        if replay is not None and job_of(job.organization, replay):
            return job
        if not job.status.is_terminal:
            raise Conflict(f"The job is {job.status}; only a job that has ended can be restarted")
        at = now()
        seconds = jobs.spec(job.organization, job.id)["deadline_seconds"]
        deadline = at + seconds * SECOND
        first = min(job.cursor, job.task_count - 1) if from_failed else 0
        jobs.extend(job, deadline)
        try:
            return decision.restart(job, at=at, by=by, deadline=deadline, first=first, replay=replay)
        except ConditionFailed:
            continue
