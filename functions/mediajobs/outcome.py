"""What came of a task: its result as the table keeps it, another try, or the job's failure."""

from dataclasses import asdict
from typing import Any

from mediajobs.consumption import Consumption
from mediajobs.executor import Executor
from mediajobs.job import Failure, Job
from mediajobs.log import logger
from mediajobs.spec import CheckedTask
from mediajobs.store import decision
from mediajobs.store import job as jobs
from mediajobs.store.pack import pack, unpack
from mediajobs.timestamp import SECOND, now
from mediajobs.tools.tool import Result

#: Bytes of what a task leaves in the table, packed; DynamoDB takes 400 KB for the whole row.
MAX_RESULT = 300_000


def row_of(result: Result) -> dict[str, Any]:
    """A result as its row holds it."""
    return {
        "result": pack(
            {
                "files": [asdict(file) for file in result.files],
                "usage": asdict(result.usage),
                "data": result.data,
            }
        )
    }


def used_by(result: Result) -> Consumption:
    """What the task consumed beside the worker's time."""
    usage = result.usage
    return Consumption(
        ms_in=round(usage.seconds_in * SECOND),
        ms_out=round(usage.seconds_out * SECOND),
        bytes_in=usage.bytes_in,
        bytes_out=usage.bytes_out,
    )


def task_of(job: Job) -> CheckedTask:
    """The task at the job's cursor."""
    return CheckedTask.of(unpack(jobs.spec(job.organization, job.id)["tasks"])[job.cursor])


def fail(job: Job, task: CheckedTask, failure: Failure, *, by: str, is_clean: bool = False) -> Job:
    """The task at the cursor has failed: another try, where its policy covers that, or the job's failure.
    Raises ConditionFailed."""
    if job.tries < task.retry.count and task.retry.covers(failure.code, retryable=failure.retryable):
        delay = task.retry.delay_seconds * SECOND
        return decision.retry_task(job, failure, at=now(), delay=delay, by=by, is_clean=is_clean)
    # The execution waits for an outside worker, which tells the table and not the execution.
    stop = task.executor is Executor.OUTSIDE
    return decision.fail(job, failure, at=now(), by=by, is_clean=is_clean, stop=stop)


def died(job: Job, how: str, *, by: str = "settle") -> Job:
    """The worker at the cursor is gone without a word. Raises ConditionFailed."""
    failure = Failure("WorkerDied", f"the worker ended without a word ({how})", True, job.cursor)
    logger.error("a worker died", how=how)
    return fail(job, task_of(job), failure, by=by)
