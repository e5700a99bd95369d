"""Outside workers: how they take a task, keep it, and hand in what came of it, without any right on AWS.

The job's row decides, as with every worker; the execution that waits is told afterwards. If that word is
lost, it is said again by the next worker that looks for work, or by the sweeper.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from botocore.exceptions import ClientError

from mediajobs import litter, outcome
from mediajobs.aws import client
from mediajobs.errors import NotFound, RunLost
from mediajobs.executor import Executor
from mediajobs.identifier import new_token
from mediajobs.job import Failure, Job, Status
from mediajobs.log import logger
from mediajobs.settings import settings
from mediajobs.spec import CheckedTask
from mediajobs.store import decision, run
from mediajobs.store import job as jobs
from mediajobs.store.offer import Offer, waiting
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import SECOND, now
from mediajobs.tools.tool import File, Result

#: A worker that has not been heard of for so many seconds has lost its task.
LEASE_SECONDS = 60
#: What the execution's API says of a token that nobody waits for any more.
_OVER = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


_TOKEN = re.compile(
    r"(?P<job>[0-9a-f-]{36})\.(?P<attempt>\d{1,9})\.(?P<task>\d{1,2})\.(?P<run>[0-9A-Za-z]{12})"
)


class WorkGone(NotFound):
    """The caller holds no such task, or not any more."""

    def __init__(self) -> None:
        super().__init__("There is no such work, or it has been taken away")


@dataclass(frozen=True)
class Held:
    """A task in a worker's hands; its token names it among all of the organization."""

    job: Job
    task: CheckedTask

    @property
    def token(self) -> str:
        """Job, attempt, task and run."""
        return f"{self.job.id}.{self.job.attempt}.{self.job.cursor}.{self.job.run}"

    @property
    def folder(self) -> str:
        """Where in the workspace its files go."""
        return self.job.folder(self.job.place)


def take(organization: str, tools: Collection[str] | None) -> Held | None:
    """The most urgent task that waits for a worker with one of these tools, by default with any."""
    for offer in waiting(organization):
        job = _open(offer)
        if job is None:
            continue
        task = outcome.task_of(job)
        if tools is not None and task.tool not in tools:
            continue
        with suppress(run.TaskDone, run.RunHeld, RunLost):
            return Held(_claim(job), task)
    return None


def held(organization: str, token: str) -> Held:
    """The task that a worker holds. Raises WorkGone."""
    job = _seen(organization, token)
    if job is None or job.status is not Status.RUNNING:
        raise WorkGone
    task = outcome.task_of(job)
    if task.executor is not Executor.OUTSIDE:
        raise WorkGone
    return Held(job, task)


def is_finished(organization: str, token: str) -> bool:
    """Whether the worker has handed in the result already; the answer may have been lost."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return False
    found = jobs.result(organization, match["job"], int(match["attempt"]), int(match["task"]))
    return found is not None and (found.get("run"), found["status"]) == (match["run"], Status.SUCCESS)


def keep(work: Held, percent: int | None) -> int:
    """The worker is there: its lease goes on, until the time returned (milliseconds). Raises WorkGone."""
    until = now() + LEASE_SECONDS * SECOND
    try:
        run.prolong(work.job, until, percent)
    except RunLost:
        raise WorkGone from None
    return until


def finish(work: Held, result: Result) -> None:
    """The task is done, with all of its files in the workspace. Raises WorkGone."""
    job = work.job
    row, used = outcome.row_of(result), outcome.used_by(result)
    with _unless_gone():
        decision.finish_task(job, row, at=now(), used=used, by="outside", stop=True)
    try:
        tell(Offer(job.organization, job.id, job.attempt, job.cursor))
    except ClientError:
        # The result stands; whoever looks next says it again.
        logger.warning("the execution could not be told", exc_info=True)


def give_back(organization: str, token: str, code: str | None, message: str, *, retryable: bool) -> None:
    """The worker has stopped: its task has failed, or (without a code) it only lets go. Raises WorkGone."""
    job = _seen(organization, token)
    if job is None:
        raise WorkGone
    if job.status is not Status.RUNNING:
        _release(organization, token)
        return
    work = held(organization, token)
    litter.remove(job, [job.place])
    with _unless_gone():
        if code is None:
            outcome.died(job, "the worker gave its task back", by="outside")
        else:
            failure = Failure(code, message, retryable, job.cursor)
            outcome.fail(job, work.task, failure, by="outside", is_clean=True)


def _release(organization: str, token: str) -> None:
    """Confirm that the worker of an ended attempt has stopped."""
    while (job := _seen(organization, token)) and job.status is not Status.RUNNING:
        litter.remove(job, [job.place])
        with suppress(ConditionFailed):
            decision.release(job, at=now(), by="outside", is_clean=True)
            return


def files_of(work: Held, names: dict[str, str]) -> list[File]:
    """The files that the worker has laid into the workspace, of names with their media types. Raises
    LookupError with the name of one that is not there."""
    bucket = settings().workspace_bucket_of(work.job.region)
    pages = client("s3", work.job.region).get_paginator("list_objects_v2")
    sizes = {
        entry["Key"].removeprefix(work.folder): entry["Size"]
        for page in pages.paginate(Bucket=bucket, Prefix=work.folder)
        for entry in page.get("Contents", ())
    }
    for name in names:
        if name not in sizes:
            raise LookupError(name)
    return [File(name, work.folder + name, sizes[name], kind) for name, kind in names.items()]


def tell(offer: Offer) -> None:
    """Let the execution that waits for a finished task go on, if nobody has yet."""
    token = offer.token()
    if token is None:
        return
    job = jobs.find(offer.organization, offer.job_id)
    if job is not None:
        try:
            client("stepfunctions", job.region).send_task_success(taskToken=token, output="{}")
        except ClientError as error:
            if error.response["Error"]["Code"] not in _OVER:
                raise
    offer.remove()


def tell_again(job: Job) -> None:
    """For the sweeper: the execution of a running job without a worker may not have been told of the end of
    the task before the cursor."""
    if job.cursor:
        tell(Offer(job.organization, job.id, job.attempt, job.cursor - 1))


def say(work: Held, lines: Sequence[str]) -> None:
    """Put lines into the log of the task."""
    if not lines or work.job.run_log is None:
        return
    region, group, stream = work.job.run_log.split("|")
    bound = {"organization": work.job.organization, "job": work.job.id, "run": work.job.run}
    at = now()
    client("logs", region).put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[
            {"timestamp": at, "message": json.dumps({"level": "INFO", "message": line, **bound})}
            for line in lines
        ],
    )


def _open(offer: Offer) -> Job | None:
    """The job of an offer, if its task waits for a worker now. Offers that are over go."""
    job = jobs.find(offer.organization, offer.job_id)
    if job is not None and job.attempt == offer.attempt and offer.index < job.cursor:
        tell(offer)
        return None
    if job is None or job.attempt != offer.attempt or job.status is not Status.RUNNING:
        offer.remove()
        return None
    if job.is_run_live(now()):
        return None
    if job.run is not None:
        with suppress(ConditionFailed):
            outcome.died(job, f"no heartbeat for {LEASE_SECONDS} s", by="outside")
        return None
    return job if job.not_before <= now() else None


def _claim(job: Job) -> Job:
    """The job with its task in the hands of a new run, and a log stream for that."""
    at, token = now(), new_token(12)
    group, stream = settings().outside_log_group, f"{job.id}/{job.attempt}/{job.cursor}/{token}"
    claimed = run.claim(
        job.organization,
        job.id,
        job.attempt,
        job.cursor,
        run=token,
        at=at,
        until=at + LEASE_SECONDS * SECOND,
        log=f"{settings().home_region}|{group}|{stream}",
        # The machine is not ours: its time costs the deployment nothing.
        memory_mb=0,
    )
    with suppress(client("logs", settings().home_region).exceptions.ResourceAlreadyExistsException):
        client("logs", settings().home_region).create_log_stream(logGroupName=group, logStreamName=stream)
    return claimed


def _seen(organization: str, token: str) -> Job | None:
    """The job of a token, if its run still stands on the row."""
    match = _TOKEN.fullmatch(token)
    job = jobs.find(organization, match["job"]) if match else None
    if match is None or job is None:
        return None
    named = int(match["attempt"]), int(match["task"]), match["run"]
    return job if (job.attempt, job.cursor, job.run) == named else None


@contextmanager
def _unless_gone() -> Iterator[None]:
    try:
        yield
    except ConditionFailed:
        raise WorkGone from None
