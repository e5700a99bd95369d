"""The state machine that runs a job's tasks, as data: it moves identifiers and decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mediajobs.executor import Executor

#: Versions of the definition's input and of what passes between its states must change together.
INPUT_VERSION = 1

#: What a worker is told; also what it is told again when its task is retried.
RUN = ("organization", "job", "attempt", "task", "worker", "seconds")
#: The same in a job whose tasks do not all run in Lambda.
MIXED = (*RUN, "executor")

#: Lambda's own faults, before or instead of the worker's code. Everything else is for `settle` to judge.
_UNAVAILABLE = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
]
#: MediaConvert takes so many calls a second, and no more.
_BUSY = ["MediaConvert.TooManyRequestsException", "MediaConvert.InternalServerErrorException"]
_INVOKE = "arn:aws:states:::lambda:invoke"
_INPUT = "$states.input"
_ITEM = "$states.context.Map.Item.Value"


@dataclass(frozen=True)
class Functions:
    """The ARNs of published versions of the machine's functions."""

    storage: str
    media: str
    settle: str
    #: Offers a task to outside workers; None where there is no such executor.
    offer: str | None = None
    #: Takes the tasks of MediaConvert and writes what came of them; None where there is no such executor.
    convert: str | None = None


@dataclass(frozen=True)
class Container:
    """How a media task is run on Fargate."""

    cluster: str
    task_definition: str
    name: str
    subnets: tuple[str, ...]
    security_group: str
    public_ip: bool


def definition(functions: Functions, container: Container | None = None) -> dict[str, Any]:
    """The machine in the States Language.

    A job of n tasks that all succeed takes n + 1 transitions if Lambda runs them all. If not, its input has
    `mixed` in the place of `tasks`; then it takes 2n + 2, as each task's way leads through a Choice, and two
    more for each that MediaConvert does.
    """
    elsewhere = _elsewhere(functions, container)
    tasks = _map("tasks", RUN, "Run", _task(functions, RUN, "Run"))
    states = {"Tasks": tasks}
    if elsewhere:
        # Not a Choice before it, which every job would pay for.
        tasks["Catch"] = [
            {"ErrorEquals": ["States.QueryEvaluationError"], "Output": _(_INPUT), "Next": "Mixed"}
        ]
        where = {
            "Where": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": _(f'{_INPUT}.executor = "{executor}"'), "Next": next(iter(own))}
                    for executor, own in elsewhere.items()
                ],
                "Default": "Run",
            }
        }
        branches = {name: state for own in elsewhere.values() for name, state in own.items()}
        states["Mixed"] = _map(
            "mixed", MIXED, "Where", {**where, **branches, **_task(functions, MIXED, "Where")}
        )
    return {
        "Comment": "Runs the tasks of a job in order and stops at the first that fails.",
        "QueryLanguage": "JSONata",
        "StartAt": "Tasks",
        "States": states,
    }


def _map(items: str, told: tuple[str, ...], first: str, states: dict[str, Any]) -> dict[str, Any]:
    """One task after the other."""
    own = [name for name in told if name not in ("organization", "job", "attempt", "task")]
    return {
        "Type": "Map",
        "Items": _(f"{_INPUT}.{items}"),
        "MaxConcurrency": 1,
        "ItemSelector": {
            **{name: _(f"{_INPUT}.{name}") for name in ("organization", "job", "attempt")},
            "task": _(f"{_ITEM}.index"),
            **{name: _(f"{_ITEM}.{name}") for name in own},
        },
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": first, "States": states},
        "Output": {},
        "End": True,
    }


def _elsewhere(
    functions: Functions, container: Container | None
) -> Mapping[Executor, dict[str, dict[str, Any]]]:
    """The executors beside Lambda that there are, each with its states, the first of them first."""
    found = {}
    if container is not None:
        found[Executor.FARGATE] = {"Container": _container(container)}
    if functions.offer is not None:
        found[Executor.OUTSIDE] = {"Outside": _outside(functions.offer)}
    if functions.convert is not None:
        found[Executor.MEDIACONVERT] = _conversion(functions.convert)
    return found


def _outside(offer: str) -> dict[str, Any]:
    """The task is offered, and the execution waits until a worker's result is there."""
    return {
        "Type": "Task",
        "Resource": f"{_INVOKE}.waitForTaskToken",
        "Arguments": {
            "FunctionName": offer,
            "Payload": _(f'$merge([{_INPUT}, {{"token": $states.context.Task.Token}}])'),
        },
        **_ENDING,
    }


def _container(container: Container) -> dict[str, Any]:
    """The same worker in a container; Step Functions waits for its end, and stops it when the execution is
    stopped."""
    network = {
        "Subnets": list(container.subnets),
        "SecurityGroups": [container.security_group],
        "AssignPublicIp": "ENABLED" if container.public_ip else "DISABLED",
    }
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.sync",
        "Arguments": {
            "LaunchType": "FARGATE",
            "Cluster": container.cluster,
            "TaskDefinition": container.task_definition,
            "NetworkConfiguration": {"AwsvpcConfiguration": network},
            "Overrides": {
                "ContainerOverrides": [
                    {
                        "Name": container.name,
                        "Environment": [{"Name": "TASK", "Value": _(f"$string({_INPUT})")}],
                    }
                ]
            },
        },
        **_ENDING,
    }


def _conversion(convert: str) -> dict[str, dict[str, Any]]:
    """Our function takes the task and says what MediaConvert is to be told; Step Functions waits for the end
    of the job there, and cancels it when the execution is stopped; then our function writes the result."""
    asked = {
        "Type": "Task",
        "Resource": _INVOKE,
        "Arguments": {"FunctionName": convert, "Payload": _(_INPUT)},
        **_ENDING,
        "TimeoutSeconds": 60,
        "Retry": [
            # The row knows what comes next.
            {"ErrorEquals": ["RunLost", "RunHeld"], "MaxAttempts": 0},
            _retry(["States.ALL"], attempts=6, longest=60),
        ],
    }
    begun = {
        **asked,
        "Output": _(f'$merge([{_INPUT}, {{"conversion": $states.result.Payload}}])'),
        "Next": "Encode",
    }
    encoded = {
        "Type": "Task",
        "Resource": "arn:aws:states:::mediaconvert:createJob.sync",
        "Arguments": _(f"{_INPUT}.conversion.request"),
        **_ENDING,
        "TimeoutSeconds": _(f"{_INPUT}.conversion.seconds"),
        "Retry": [_retry(_BUSY, attempts=6, longest=60)],
        "Output": _(f'$merge([{_INPUT}, {{"converted": $states.result}}])'),
        "Next": "Collect",
    }
    for state in (begun, encoded):
        del state["End"]
    return {"Convert": begun, "Encode": encoded, "Collect": asked}


def _task(functions: Functions, told: tuple[str, ...], first: str) -> dict[str, Any]:
    """One task: run it; if that fails, ask `settle` whether to try again, go on or stop."""
    workers = f'{{"storage": "{functions.storage}", "media": "{functions.media}"}}'
    return {
        "Run": {
            "Type": "Task",
            "Resource": _INVOKE,
            "Arguments": {
                "FunctionName": _(f"$lookup({workers}, {_INPUT}.worker)"),
                "Payload": _(_INPUT),
            },
            **_ENDING,
        },
        "Settle": {
            "Type": "Task",
            "Resource": _INVOKE,
            "Arguments": {"FunctionName": functions.settle, "Payload": _(_INPUT)},
            "TimeoutSeconds": 60,
            "Retry": [_retry(["States.ALL"], attempts=6, longest=60)],
            "Output": _(f"$merge([{_INPUT}, $states.result.Payload])"),
            "Next": "Decide",
        },
        "Decide": {
            "Type": "Choice",
            "Choices": [
                {"Condition": _(f'{_INPUT}.next = "retry"'), "Next": "Pause"},
                {"Condition": _(f'{_INPUT}.next = "done"'), "Next": "Continue"},
            ],
            "Default": "Stop",
        },
        "Pause": {
            "Type": "Wait",
            "Seconds": _(f"{_INPUT}.pause"),
            "Output": {name: _(f"{_INPUT}.{name}") for name in told},
            "Next": first,
        },
        "Continue": {"Type": "Succeed", "Output": {}},
        "Stop": {"Type": "Fail", "Error": "JobStopped", "Cause": "The job's row says why."},
    }


def _(expression: str) -> str:
    return f"{{% {expression} %}}"


def _retry(errors: list[str], *, attempts: int, longest: int) -> dict[str, Any]:
    return {
        "ErrorEquals": errors,
        "IntervalSeconds": 1,
        "BackoffRate": 2,
        "MaxAttempts": attempts,
        "MaxDelaySeconds": longest,
        "JitterStrategy": "FULL",
    }


#: How every run of a task ends, wherever it is.
_ENDING: dict[str, Any] = {
    "TimeoutSeconds": _(f"{_INPUT}.seconds"),
    "Retry": [_retry(_UNAVAILABLE, attempts=4, longest=10)],
    "Catch": [
        {
            "ErrorEquals": ["States.ALL"],
            "Output": _(f'$merge([{_INPUT}, {{"error": $states.errorOutput}}])'),
            "Next": "Settle",
        }
    ],
    "Output": {},
    "End": True,
}
