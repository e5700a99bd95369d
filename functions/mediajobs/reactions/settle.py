"""Woken by the state machine when a worker has ended without success: says what comes next.

The worker's own word stands on the job's row already; only where it could not speak (killed, out of memory,
lost) is its failure written here.
"""

import json
from contextlib import suppress
from typing import Any

from mediajobs import litter, outcome
from mediajobs.executor import SPOKEN, Executor
from mediajobs.job import Job, Status
from mediajobs.log import bind, logger
from mediajobs.media.mediaconvert.failure import failure as failure_of
from mediajobs.outcome import died
from mediajobs.store import job as jobs
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import SECOND, now

#: The errors by which a worker says that the row knows more.
_SPOKEN = frozenset({"TaskFailed", "RunLost", "RunHeld"})
#: Seconds until what did not come to its worker is tried again; the job's deadline ends it.
_RESPITE = 60
_DONE, _STOP = {"next": "done", "pause": 0}, {"next": "stop", "pause": 0}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"next": "retry" | "done" | "stop", "pause": seconds}` for the task of the execution's input."""
    error = _word(event.get("error") or {})
    bind(**{name: event[name] for name in ("organization", "job", "attempt", "task")})
    job = jobs.find(event["organization"], event["job"])
    # Only this one is dead: when the machine asks twice at once, the next may have begun in between.
    suspect = job.run if job else None
    while True:
        if job is not None:
            litter.clear(job)
        if job is None or job.attempt != event["attempt"] or job.status is not Status.RUNNING:
            return _DONE if job is not None and job.status is Status.SUCCESS else _STOP
        if event["task"] < job.cursor:
            return _DONE
        if event.get("executor") == Executor.OUTSIDE and job.is_run_live(now()):
            # What failed is the offer; a worker that has had an earlier one is heard of.
            return {"next": "retry", "pause": _RESPITE}
        if error in _SPOKEN or job.run != suspect:
            return {"next": "retry", "pause": _pause(job)}
        if job.run is None:
            # No capacity, no image, no rights; a function that cannot be loaded.
            return {"next": "retry", "pause": max(_RESPITE, _pause(job))}
        with suppress(ConditionFailed):
            _end(job, event, error)
        job = jobs.find(event["organization"], event["job"])


def _end(job: Job, event: dict[str, Any], error: str) -> None:
    """The run is over without a word of its own; MediaConvert's job has said why. Raises ConditionFailed."""
    failure = None
    if event.get("executor") == Executor.MEDIACONVERT:
        failure = failure_of(event.get("error") or {}, job.cursor, is_late=now() >= job.deadline)
    if failure is None:
        died(job, error)
    else:
        logger.error("MediaConvert failed", code=failure.code, reason=failure.message)
        outcome.fail(job, outcome.task_of(job), failure, by="settle")


def _word(error: dict[str, Any]) -> str:
    """The name of an error; that of a container by its exit code."""
    name = str(error.get("Error", "Unknown"))
    if name == "States.TaskFailed":
        with suppress(LookupError, ValueError, AttributeError, TypeError):
            ended = json.loads(error["Cause"])["Containers"]
            if any(container.get("ExitCode") == SPOKEN for container in ended):
                return "TaskFailed"
    return name


def _pause(job: Job) -> int:
    """Seconds until the task at the cursor may be taken."""
    until = max(job.not_before, job.run_until if job.run else 0)
    return max(0, -(-(until - now()) // SECOND))
