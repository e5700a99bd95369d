"""Executions of the state machine of a job's region: start, stop, and what became of one.

Their names are made from the job, so that starting twice is starting once.
"""

import json
from enum import Enum, auto
from typing import Any

from botocore.exceptions import ClientError

from mediajobs.aws import client
from mediajobs.executor import Executor
from mediajobs.job import Job
from mediajobs.settings import settings
from mediajobs.timestamp import SECOND

#: The version of the execution's input.
INPUT_VERSION = 1
#: Longer than Lambda's own limit: when it is over, the worker is gone for certain.
_WORKER_SECONDS = 930
#: Elsewhere a task may go on until the deadline, where the worker or the sweeper ends it.
_SLACK_SECONDS = 300


class State(Enum):
    """What is known of an execution."""

    ABSENT = auto()
    RUNNING = auto()
    ENDED = auto()


def start(job: Job, tasks: list[dict[str, Any]]) -> None:
    """Start the current execution of a job, from the task at its cursor; nothing if it has been started."""
    try:
        client("stepfunctions", job.region).start_execution(
            stateMachineArn=settings().state_machine_arn(job.region),
            name=job.execution,
            input=json.dumps(
                {
                    "version": INPUT_VERSION,
                    "organization": job.organization,
                    "job": job.id,
                    "attempt": job.attempt,
                    **_steps(job, tasks),
                }
            ),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise


def _steps(job: Job, tasks: list[dict[str, Any]]) -> dict[str, Any]:
    """The tasks from the cursor on: as `tasks` if Lambda runs them all, which takes the fewest transitions,
    else as `mixed`, each with its executor."""
    left = [
        {"index": index, "worker": task["worker"], "seconds": _WORKER_SECONDS}
        for index, task in enumerate(tasks)
        if index >= job.cursor
    ]
    executors = [task.get("executor", Executor.LAMBDA.value) for task in tasks[job.cursor :]]
    if set(executors) <= {Executor.LAMBDA}:
        return {"tasks": left}
    seconds = (job.deadline - (job.started or job.submitted)) // SECOND + _SLACK_SECONDS
    elsewhere = {"seconds": seconds}
    return {
        "mixed": [
            {**step, "executor": executor, **({} if executor == Executor.LAMBDA else elsewhere)}
            for step, executor in zip(left, executors, strict=True)
        ]
    }


def stop(region: str, name: str) -> None:
    """Stop an execution; nothing if it has ended or never was."""
    try:
        client("stepfunctions", region).stop_execution(
            executionArn=_arn(region, name), error="JobStopped", cause="the job has ended"
        )
    except ClientError as error:
        # The second is said of one that is not running any more.
        if error.response["Error"]["Code"] not in {"ExecutionDoesNotExist", "ValidationException"}:
            raise


def state(job: Job) -> State:
    """What became of the job's current execution."""
    try:
        answer = client("stepfunctions", job.region).describe_execution(
            executionArn=_arn(job.region, job.execution)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return State.ABSENT
    return State.RUNNING if answer["status"] in ("RUNNING", "PENDING_REDRIVE") else State.ENDED


def told(region: str, name: str) -> dict[str, Any]:
    """The input of an execution."""
    answer = client("stepfunctions", region).describe_execution(executionArn=_arn(region, name))
    return dict(json.loads(answer["input"]))


def _arn(region: str, name: str) -> str:
    machine = settings().state_machine_arn(region)
    return f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
