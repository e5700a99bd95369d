"""The life of one run: take the task, let its tool work, write what came of it.

Whatever happens here, the job's row decides: each ending is one conditional write, and a run that has lost
its hold removes what it made and changes nothing.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from mediajobs import litter, outcome, secret
from mediajobs.errors import InvalidParameters, LimitExceeded, RunLost, TaskTimeout, ToolCrashed, ToolError
from mediajobs.identifier import new_token
from mediajobs.job import Failure, Job, Status
from mediajobs.log import bind, logger
from mediajobs.outage import is_outage, outlast
from mediajobs.settings import settings
from mediajobs.spec import CheckedTask
from mediajobs.store import decision, run
from mediajobs.store import job as jobs
from mediajobs.store.file import left_by
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import SECOND, now
from mediajobs.tools import catalog
from mediajobs.tools.tool import Result, Run, Worker
from mediajobs.worker.task_run import TaskRun
from mediajobs.worker.watch import PATIENCE_SECONDS, Watch

#: Every run's directory is under this one, and only one run is in a process at a time.
_ROOT = Path(tempfile.gettempdir()) / "mediajobs"
#: The lease outlives the executor's hard deadline by half of it; a report ends before both.
_LAST_WORDS = 10 * SECOND


class TaskFailed(RunLost):
    """Tells the state machine that the task's failure stands on the row."""


def task_handler(worker: Worker) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """The Lambda handler of a worker."""

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        bind(**{name: event[name] for name in ("organization", "job", "attempt", "task")})
        log = f"{settings().region}|{settings().log_group_name}|{settings().log_stream_name}"
        remaining = context.get_remaining_time_in_millis()
        work(event, worker, remaining, int(context.memory_limit_in_mb), log)
        return {}

    return handler


def work(event: Mapping[str, Any], worker: Worker, remaining_ms: int, memory_mb: int, log: str) -> None:
    """Run one task of one attempt. `remaining_ms` is the time to the executor's hard deadline; `log` is where
    this process's lines go: region, group and stream, with bars between.

    Raises RunHeld, RunLost or TaskFailed for the state machine, which then asks what comes next.
    """
    at = now()
    token = new_token(12)
    try:
        job = run.claim(
            event["organization"],
            event["job"],
            event["attempt"],
            event["task"],
            run=token,
            at=at,
            until=at + remaining_ms + 5 * SECOND,
            log=log,
            memory_mb=memory_mb,
        )
    except run.TaskDone:
        return
    logger.append_keys(run=token)
    still = _until(job.run_until - _LAST_WORDS)
    task = outlast(lambda: outcome.task_of(job), still)
    seconds = min(
        task.timeout_seconds, remaining_ms / 1000 - 2 * PATIENCE_SECONDS, (job.deadline - at) / 1000
    )
    with Watch(job, ends=time.monotonic() + seconds, timeout_seconds=task.timeout_seconds) as watch:
        watch.last_words = lambda verdict: _end(job, task, verdict, still, is_clean=False)
        try:
            result = _do(job, task, worker, watch)
        except (ToolError, RunLost) as error:
            _end(job, task, error, still)
            raise TaskFailed(str(error)) from error
    row, used = outcome.row_of(result), outcome.used_by(result)
    try:
        outlast(lambda: decision.finish_task(job, row, at=now(), used=used), still)
    except ConditionFailed:
        _lost_or_done(job, Status.SUCCESS)


def _do(job: Job, task: CheckedTask, worker: Worker, watch: Watch) -> Result:
    """The tool's work; any error it did not foresee is a ToolCrashed."""
    shutil.rmtree(_ROOT, ignore_errors=True)
    directory = Path(_ROOT / str(job.run))
    try:
        tool = catalog.find(task.tool)
        if tool is None or worker != tool.WORKER:
            raise InvalidParameters(f"the {worker} worker does not know the tool {task.tool}")
        files = outlast(lambda: left_by(job), watch.check)
        logger.info(f"Running {task.tool}")
        parameters = tool.Parameters.model_validate(task.parameters, context={"unseal": _unseal(job, watch)})
        held: Run = TaskRun(job, directory, files, watch)
        result = tool.run(held, parameters)
        watch.check()
        if len(outcome.row_of(result)["result"]) > outcome.MAX_RESULT:
            raise LimitExceeded(f"{task.tool} has more to tell than fits into {outcome.MAX_RESULT} bytes")
        logger.info(f"Finished {task.tool}")
    except (ToolError, RunLost):
        raise
    except ValidationError as error:
        where = "; ".join("/".join(map(str, part["loc"])) for part in error.errors(include_input=False))
        raise InvalidParameters(f"{task.tool} refuses its parameters: {where}") from None
    except Exception as error:
        watch.check()
        logger.exception("the tool crashed")
        raise ToolCrashed(f"{task.tool} met an error it did not foresee: {type(error).__name__}") from error
    finally:
        shutil.rmtree(_ROOT, ignore_errors=True)
    return result


def _end(
    job: Job, task: CheckedTask, error: Exception, still: Callable[[], None], *, is_clean: bool = True
) -> None:
    """Write down why the run ends without a result, and remove what it made. A tool that is still at work may
    make more before the process ends: then it is not clean, and others will look again."""
    is_clean = _is_removed(job) and is_clean
    if isinstance(error, RunLost):
        logger.warning("the run is lost", reason=str(error))
        _release(job, is_clean)
        return
    code, retryable = getattr(error, "code", "ToolCrashed"), getattr(error, "retryable", False)
    if isinstance(error, TaskTimeout) and now() >= job.deadline:
        code = "DeadlineExceeded"
    logger.error("the task failed", code=code, reason=str(error))
    failure = Failure(code, str(error)[:1000], retryable, job.cursor)
    try:
        outlast(lambda: outcome.fail(job, task, failure, by="worker", is_clean=is_clean), still)
    except ConditionFailed:
        _lost_or_done(job, Status.FAILED, is_clean=is_clean)


def _lost_or_done(job: Job, status: Status, *, is_clean: bool = True) -> None:
    """The decision for that end of the task was refused: an earlier sending of it has taken effect, or the
    run is lost (RunLost). Whoever took the run away has written an end of it, too: but never a success."""
    result = jobs.result(job.organization, job.id, job.attempt, job.cursor)
    if result is not None and (result.get("run"), result["status"]) == (job.run, status):
        return
    litter.remove(job, [job.place])
    _release(job, is_clean)
    raise RunLost("the run was taken away")


def _release(job: Job, is_clean: bool) -> None:
    """Confirm that this worker is gone, if the row of an ended attempt still waits for that."""
    while True:
        seen = jobs.find(job.organization, job.id)
        if seen is None or seen.run != job.run or seen.status is Status.RUNNING:
            return
        try:
            decision.release(seen, at=now(), by="worker", is_clean=is_clean)
        except ConditionFailed:
            continue
        return


def _is_removed(job: Job) -> bool:
    """Remove the run's files; False if the workspace is away, so that others have to do it."""
    try:
        litter.remove(job, [job.place])
    except (BotoCoreError, ClientError) as error:
        if not is_outage(error):
            raise
        logger.warning("the run's files cannot be removed now", reason=str(error))
        return False
    return True


def _until(moment: int) -> Callable[[], None]:
    """A check that lets a report be tried until that time (milliseconds). Raises TaskTimeout after it."""

    def check() -> None:
        if now() >= moment:
            raise TaskTimeout("home did not answer before the lease ended")

    return check


def _unseal(job: Job, watch: Watch) -> Any:
    def unseal(reference: str) -> dict[str, str]:
        def opened() -> dict[str, str]:
            sealed = jobs.credentials(job.organization, job.id)[reference]
            return secret.unseal(job.organization, job.id, sealed)

        return outlast(opened, watch.check)

    return unseal
