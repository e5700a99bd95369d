"""A stopped execution goes on in the background, machine timeouts and heartbeats do nothing, starting one
twice is an error even with the same input, and each execution begins with a pause of 150 ms."""

import json
import threading
import time
from contextlib import suppress
from contextvars import ContextVar, copy_context
from functools import wraps
from typing import Any

from ministack.services import stepfunctions

#: The execution that this thread works for, as the emulator keeps it.
_current: ContextVar[dict[str, Any] | None] = ContextVar("execution", default=None)

#: Where an execution that is over must not go on.
_STEPS = (
    "_execute_pass",
    "_execute_task",
    "_execute_choice",
    "_execute_wait",
    "_execute_parallel",
    "_execute_map",
    "_invoke_resource",
)
_PAUSE = 0.15
#: Seconds between two looks at an execution that waits.
_LOOK = 0.1


class _Over(BaseException):
    """The execution has been stopped; no state's Retry or Catch sees it."""


def install() -> None:
    """Let an execution end when its status says so."""
    for name in _STEPS:
        setattr(stepfunctions, name, _while_running(getattr(stepfunctions, name)))
    stepfunctions.time = _Time()
    _end_on_time()
    _keep_terminal_status()
    _interrupt_waits()
    _watch_callbacks()
    _start_once()


def _running() -> bool:
    execution = _current.get()
    return execution is None or execution["status"] == "RUNNING"


def _while_running(step: Any) -> Any:
    @wraps(step)
    def guarded(*arguments: Any) -> Any:
        if not _running():
            raise _Over
        return step(*arguments)

    return guarded


class _Time:
    """The time module for Step Functions, without the pause."""

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    @staticmethod
    def sleep(seconds: float) -> None:
        if seconds != _PAUSE:
            time.sleep(seconds)


def _end_on_time() -> None:
    run = stepfunctions._run_execution

    def run_until_timeout(arn: str) -> None:
        execution = stepfunctions._executions.get(arn)
        machine = execution and stepfunctions._state_machines.get(execution["stateMachineArn"])
        _current.set(execution)
        seconds = machine and json.loads(machine["definition"]).get("TimeoutSeconds")
        # Daemon threads end with the emulator, and timers have no context of their own.
        if seconds:
            timer = threading.Timer(seconds, copy_context().run, (_expire, execution))
            timer.daemon = True
            timer.start()
        with suppress(_Over):
            run(arn)

    stepfunctions._run_execution = run_until_timeout


def _expire(execution: dict[str, Any]) -> None:
    if execution["status"] == "RUNNING":
        execution.update(status="TIMED_OUT", stopDate=stepfunctions.now_iso(), error="States.Timeout")
        stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
        stepfunctions._emit_execution_status_event(execution)


def _keep_terminal_status() -> None:
    fail = stepfunctions._fail_execution

    def fail_if_running(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    stepfunctions._fail_execution = fail_if_running


def _interrupt_waits() -> None:
    sleep = stepfunctions._scaled_sleep

    def sleep_while_running(seconds: float) -> None:
        end = time.monotonic() + seconds
        while _running() and (left := end - time.monotonic()) > 0:
            sleep(min(_LOOK, left))

    stepfunctions._scaled_sleep = sleep_while_running


def _watch_callbacks() -> None:
    wait = stepfunctions._invoke_with_callback

    def wait_watched(resource: str, data: Any, token: str, state: dict[str, Any]) -> Any:

        done = threading.Event()
        watch = copy_context().run
        threading.Thread(
            target=watch, args=(_watch, token, state.get("HeartbeatSeconds"), done), daemon=True
        ).start()
        try:
            return wait(resource, data, token, state)
        finally:
            done.set()
            if not _running():
                raise _Over

    stepfunctions._invoke_with_callback = wait_watched


def _watch(token: str, heartbeat_seconds: float | None, done: threading.Event) -> None:
    """Wake whoever waits for a token when the execution is over or the heartbeats stop."""
    seen, since = None, time.monotonic()
    while not done.wait(_LOOK):
        info = stepfunctions._task_tokens.get(token)
        if info is None:
            continue
        if info["heartbeat"] != seen:
            seen, since = info["heartbeat"], time.monotonic()
        silent = heartbeat_seconds is not None and time.monotonic() - since > heartbeat_seconds
        if silent or not _running():
            info["error"] = {"Error": "States.HeartbeatTimeout", "Cause": "no heartbeat"}
            info["event"].set()
            return


def _start_once() -> None:
    start = stepfunctions._start_execution

    def start_or_find(data: dict[str, Any]) -> Any:
        machine = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
        if machine and data.get("name"):
            arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}"
            found = stepfunctions._executions.get(arn)
            if found and found["status"] == "RUNNING" and found["input"] == data.get("input", "{}"):
                return stepfunctions.json_response({"executionArn": arn, "startDate": found["startDate"]})
        return start(data)

    stepfunctions._start_execution = start_or_find
