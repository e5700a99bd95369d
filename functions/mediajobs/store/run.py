"""A worker's hold on a task: taking it, looking whether it still stands, saying how far it is."""

from mediajobs.errors import MediajobsError, RunLost
from mediajobs.job import Job, Status
from mediajobs.store import job as jobs
from mediajobs.store.write import Condition, ConditionFailed, Update, equals, write
from mediajobs.table import job_key


class RunHeld(MediajobsError):
    """Another worker may still be at work on the task."""


class TaskDone(MediajobsError):
    """The task has been done already; its result stands."""


def claim(
    organization: str,
    job_id: str,
    attempt: int,
    index: int,
    *,
    run: str,
    at: int,
    until: int,
    log: str,
    memory_mb: int,
) -> Job:
    """Take the task for the run, until the executor's hard deadline at the latest (milliseconds).

    Raises TaskDone, RunHeld, or RunLost when the job wants no such task any more.
    """
    change = Update(
        (job_key(organization, job_id), "JOB"),
        {
            "run": run,
            "run_until": until,
            "run_started": at,
            "run_log": log,
            "run_mb": memory_mb,
            "progress": 0,
        },
        Condition(
            "#status = :running AND #attempt = :attempt AND #cursor = :index"
            " AND (attribute_not_exists(#run) OR #run_until < :at)",
            {"running": Status.RUNNING, "attempt": attempt, "index": index, "at": at},
        ),
        # Whatever becomes of the run from now on, its files are found.
        add={"litter": frozenset({f"{attempt}/{index}/{run}"})},
    )
    try:
        return Job.of(write(change))
    except ConditionFailed:
        job = jobs.find(organization, job_id)
    if job is None or job.attempt != attempt:
        raise RunLost(f"attempt {attempt} of the job is over")
    if index < job.cursor:
        raise TaskDone(f"task {index} is done")
    if job.status is not Status.RUNNING or index != job.cursor:
        raise RunLost(f"the job is {job.status} at task {job.cursor}")
    if job.run == run:
        return job
    raise RunHeld(f"task {index} is held until {job.run_until}")


def is_lost(job: Job) -> bool:
    """Whether the run that `job` was claimed for has been taken away: one consistent read."""
    seen = jobs.find(job.organization, job.id)
    return seen is None or seen.status is not Status.RUNNING or seen.run != job.run


def write_progress(job: Job, percent: int) -> None:
    """Percent of the task. Raises RunLost."""
    key = (job_key(job.organization, job.id), "JOB")
    try:
        write(Update(key, {"progress": percent}, equals(status=Status.RUNNING, run=job.run)))
    except ConditionFailed:
        raise RunLost("the run was taken away") from None


def prolong(job: Job, until: int, percent: int | None) -> None:
    """A worker that lives by heartbeats holds on until then (milliseconds); and percent of the task. Raises
    RunLost."""
    key = (job_key(job.organization, job.id), "JOB")
    changes = {"run_until": until, **({} if percent is None else {"progress": percent})}
    try:
        write(Update(key, changes, equals(status=Status.RUNNING, run=job.run)))
    except ConditionFailed:
        raise RunLost("the run was taken away") from None
