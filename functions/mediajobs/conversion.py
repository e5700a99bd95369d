"""Tasks that MediaConvert does: taking one, following its job there, and writing down what came of it.

No worker stands behind such a task. The state machine asks for what MediaConvert is to be told, hands that
over and waits; the row's run is as with every executor, and so is where its files go.
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError

from mediajobs import litter, outcome
from mediajobs.aws import client
from mediajobs.errors import InvalidParameters, RunLost, SourceNotFound, ToolCrashed, ToolError
from mediajobs.job import Failure, Job, Status
from mediajobs.log import logger
from mediajobs.media.source import chosen
from mediajobs.settings import settings
from mediajobs.spec import CheckedTask
from mediajobs.store import decision, run
from mediajobs.store import job as jobs
from mediajobs.store.file import left_by
from mediajobs.store.run import write_progress
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import MINUTE, SECOND, now
from mediajobs.tools import catalog
from mediajobs.tools.tool import File, Result, Usage
from mediajobs.tools.workspace import type_of

#: Progress is written in steps of so many percent, as the workers do it.
_STEP_PERCENT = 5
#: How often MediaConvert tells how far it is.
_UPDATES = "SECONDS_30"
#: The row's hold outlives the machine's wait by so long, in which the end is written down.
_LAST_WORDS = 5 * MINUTE
_MAX_MESSAGE = 1000

#: States of a job in MediaConvert after which it writes nothing more.
_ENDED = frozenset({"COMPLETE", "ERROR", "CANCELED"})


def begin(organization: str, job_id: str, attempt: int, index: int) -> dict[str, Any]:
    """Take a task: `request` is what to call CreateJob with, `seconds` how long to wait for it, and `run` and
    `names` are for `finish`. Asked again, it answers the same. Raises RunLost when the row says what comes
    next, also that the task cannot be done."""
    seen = jobs.find(organization, job_id)
    if seen is None or (seen.attempt, seen.cursor, seen.status) != (attempt, index, Status.RUNNING):
        raise RunLost(f"task {index} of attempt {attempt} is not wanted")
    task, at = outcome.task_of(seen), now()
    seconds = max(1, min(task.timeout_seconds, (seen.deadline - at) // SECOND))
    log = f"{settings().region}|{settings().log_group_name}|{settings().log_stream_name}"
    try:
        job = run.claim(
            organization,
            job_id,
            attempt,
            index,
            run=_run_of(seen),
            at=at,
            until=at + seconds * SECOND + _LAST_WORDS,
            log=log,
            # What MediaConvert costs is on AWS's bill.
            memory_mb=0,
        )
    except run.TaskDone:
        raise RunLost(f"task {index} is done") from None
    logger.append_keys(run=job.run)
    try:
        request, names = _request(job, task)
    except ToolError as error:
        failure = Failure(error.code, str(error)[:_MAX_MESSAGE], error.retryable, index)
        logger.error("the task failed", code=failure.code, reason=failure.message)
        with suppress(ConditionFailed):
            outcome.fail(job, task, failure, by="convert", is_clean=True)
        raise RunLost("the task cannot be done") from error
    logger.info("MediaConvert is asked", outputs=names)
    return {"request": request, "seconds": seconds, "run": job.run, "names": names}


def finish(event: Mapping[str, Any]) -> None:
    """MediaConvert's job is complete: its files are the task's. `event` is the state machine's, with what
    `begin` answered as `conversion` and MediaConvert's job as `converted`. Raises RunLost."""
    job = jobs.find(event["organization"], event["job"])
    token = event["conversion"]["run"]
    if job is None or job.attempt != event["attempt"]:
        raise RunLost("the attempt is over")
    if job.cursor > event["task"]:
        return
    if (job.status, job.run) != (Status.RUNNING, token):
        release(job.organization, job.id, token)
        raise RunLost("the run was taken away")
    task = outcome.task_of(job)
    files = left_by(job)
    name = chosen(files, task.parameters.get("input"))
    try:
        made = _made(job, event["conversion"]["names"])
    except LookupError as missing:
        failure = Failure(
            ToolCrashed.code, f"MediaConvert has not left {missing.args[0]!r}", False, job.cursor
        )
        with suppress(ConditionFailed):
            outcome.fail(job, task, failure, by="convert")
        raise RunLost("the task failed") from None
    details = [
        output
        for group in event["converted"].get("Job", {}).get("OutputGroupDetails", ())
        for output in group.get("OutputDetails", ())
    ]
    result = _result(name, files[name], made, details)
    try:
        decision.finish_task(
            job, outcome.row_of(result), at=now(), used=outcome.used_by(result), by="convert"
        )
    except ConditionFailed:
        # Another asking was first, or the run is lost: the machine asks `settle`, which knows.
        raise RunLost("the task was decided otherwise") from None
    logger.info("MediaConvert is done", outputs=[file.name for file in made])


def follow(detail: Mapping[str, Any]) -> None:
    """What MediaConvert tells of a job of ours while it runs, and when it is over."""
    told = detail.get("userMetadata", {})
    if not {"organization", "job", "run"} <= told.keys():
        return
    if detail["status"] == "STATUS_UPDATE":
        percent = detail.get("jobProgress", {}).get("jobPercentComplete")
        if percent is not None:
            _progress(told["organization"], told["job"], told["run"], int(percent))
    elif detail["status"] in _ENDED:
        release(told["organization"], told["job"], told["run"])


def release(organization: str, job_id: str, token: str) -> None:
    """MediaConvert writes nothing more for that run: if its attempt has ended, the slot goes back."""
    while True:
        job = jobs.find(organization, job_id)
        if job is None or job.run != token or job.status is Status.RUNNING:
            return
        litter.remove(job, [job.place])
        with suppress(ConditionFailed):
            decision.release(job, at=now(), by="convert", is_clean=True)
            return


def _progress(organization: str, job_id: str, token: str, percent: int) -> None:
    job = jobs.find(organization, job_id)
    step = min(99, percent // _STEP_PERCENT * _STEP_PERCENT)
    # Events may come late, twice or in another order.
    if job is not None and (job.status, job.run) == (Status.RUNNING, token) and step > job.progress:
        with suppress(RunLost):
            write_progress(job, step)


def _run_of(job: Job) -> str:
    """The run of this try of the task: the same whenever this try is asked for, and no other's."""
    told = f"{job.id}.{job.attempt}.{job.cursor}.{job.tries}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _request(job: Job, task: CheckedTask) -> tuple[dict[str, Any], list[str]]:
    """What CreateJob is called with, and the names of the files that it makes. Raises ToolError."""
    tool = catalog.find(task.tool)
    if tool is None:
        raise InvalidParameters(f"there is no tool {task.tool} any more")
    try:
        parameters = tool.Parameters.model_validate(task.parameters)
    except ValidationError:
        raise InvalidParameters(f"{task.tool} refuses its parameters") from None
    files = left_by(job)
    source = chosen(files, task.parameters.get("input"))
    workspace = f"s3://{settings().workspace_bucket_of(job.region)}/"

    def place(name: str) -> str:
        if name not in files:
            raise SourceNotFound(f"the job has no file {name!r}")
        return workspace + files[name].key

    made, names, refused = catalog.conversion(
        tool, parameters, source, place=place, target=lambda name: workspace + job.folder(job.place) + name
    )
    for each in refused:
        raise InvalidParameters(f"{each.path}: {each.rule}")
    bound = {"organization": job.organization, "job": job.id, "attempt": str(job.attempt)}
    return {
        "Role": settings().convert_role_arn,
        "Queue": settings().convert_queue_arn,
        "ClientRequestToken": f"{job.id}-{job.run}",
        "StatusUpdateInterval": _UPDATES,
        "Tags": {"stage": settings().stage, "organization": job.organization, "job": job.id},
        "UserMetadata": {**bound, "task": str(job.cursor), "run": str(job.run)},
        "Settings": made,
    }, names


def _made(job: Job, names: list[str]) -> list[File]:
    """The files of the run with these names. Raises LookupError with one that is missing."""
    folder = job.folder(job.place)
    pages = client("s3", job.region).get_paginator("list_objects_v2")
    sizes = {
        entry["Key"].removeprefix(folder): entry["Size"]
        for page in pages.paginate(Bucket=settings().workspace_bucket_of(job.region), Prefix=folder)
        for entry in page.get("Contents", ())
    }
    for name in names:
        if name not in sizes:
            raise LookupError(name)
    return [File(name, folder + name, sizes[name], type_of(name)) for name in names]


def _result(name: str, source: File, made: list[File], details: list[Mapping[str, Any]]) -> Result:
    """The task's result. Of each output it tells what MediaConvert does: how long and how large it is."""
    lengths = [detail.get("DurationInMs", 0) / SECOND for detail in details]
    outputs = []
    for number, file in enumerate(made):
        told = details[number] if number < len(details) else {}
        video = told.get("VideoDetails") or {}
        outputs.append(
            {
                "name": file.name,
                "container": PurePosixPath(file.name).suffix.lstrip(".").lower(),
                "duration": lengths[number] if told else None,
                "size": file.size,
                **(
                    {"width": video["WidthInPx"], "height": video["HeightInPx"]}
                    if {"WidthInPx", "HeightInPx"} <= video.keys()
                    else {}
                ),
            }
        )
    return Result(
        files=made,
        usage=Usage(
            # How much it has read it does not tell; no output is longer than that.
            seconds_in=max(lengths, default=0),
            seconds_out=sum(lengths),
            bytes_in=source.size,
            bytes_out=sum(file.size for file in made),
        ),
        data={"input": name, "engine": "mediaconvert", "outputs": outputs},
    )
