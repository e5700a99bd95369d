"""The state machine that runs a job's tasks, as data: it moves identifiers and decides nothing."""

from typing import Any

#: Versions of the definition's input and of what passes between its states must change together.
INPUT_VERSION = 1

#: What a worker is told; also what it is told again when its task is retried.
RUN = ("organization", "job", "attempt", "task", "worker", "seconds")

#: Lambda's own faults, before or instead of the worker's code. Everything else is for `settle` to judge.
_UNAVAILABLE = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
]
_INVOKE = "arn:aws:states:::lambda:invoke"
_INPUT = "$states.input"
_ITEM = "$states.context.Map.Item.Value"


def definition(storage: str, media: str, settle: str) -> dict[str, Any]:
    """The machine in the States Language, given the ARNs of published versions of its functions.

    A job of n tasks that all succeed takes n + 1 transitions.
    """
    return {
        "Comment": "Runs the tasks of a job in order and stops at the first that fails.",
        "QueryLanguage": "JSONata",
        "StartAt": "Tasks",
        "States": {
            "Tasks": {
                "Type": "Map",
                "Items": _(f"{_INPUT}.tasks"),
                "MaxConcurrency": 1,
                "ItemSelector": {
                    **{name: _(f"{_INPUT}.{name}") for name in ("organization", "job", "attempt")},
                    "task": _(f"{_ITEM}.index"),
                    "worker": _(f"{_ITEM}.worker"),
                    "seconds": _(f"{_ITEM}.seconds"),
                },
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "Run",
                    "States": _task(storage, media, settle),
                },
                "Output": {},
                "End": True,
            }
        },
    }


def _task(storage: str, media: str, settle: str) -> dict[str, Any]:
    """One task: run it; if that fails, ask `settle` whether to try again, go on or stop."""
    return {
        "Run": {
            "Type": "Task",
            "Resource": _INVOKE,
            "Arguments": {
                "FunctionName": _(
                    f'$lookup({{"storage": "{storage}", "media": "{media}"}}, {_INPUT}.worker)'
                ),
                "Payload": _(_INPUT),
            },
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
        },
        "Settle": {
            "Type": "Task",
            "Resource": _INVOKE,
            "Arguments": {"FunctionName": settle, "Payload": _(_INPUT)},
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
            "Output": {name: _(f"{_INPUT}.{name}") for name in RUN},
            "Next": "Run",
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
