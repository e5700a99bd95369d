"""Functions in the emulator run as real processes, with Lambda's limits and words."""

import concurrent.futures
import json
import os
import time
from collections.abc import Callable
from typing import Any

from infra.local.emulator import Emulator
from tests.local.place import Place

SAY = """
import os
print("loaded")
def handler(event, context):
    print("got", event)
    return {"event": event, "pid": os.getpid(), "stream": context.log_stream_name, **os.environ}
"""
SLEEP = """
import os, subprocess, time
def handler(event, context):
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    print("pids", os.getpid(), child.pid, flush=True)
    time.sleep(event["seconds"])
    child.kill()
    return "slept"
"""
DIE = """
import os, signal, subprocess
def handler(event, context):
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    print("pids", os.getpid(), child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _pids(place: Place, name: str, until: Callable[..., Any]) -> list[int]:
    line = until(lambda: next((line for line in place.log(name) if line.startswith("pids")), None))
    return [int(pid) for pid in line.split()[1:]]


def test_a_handler_runs_in_a_process_of_its_own_and_stays_warm(place: Place) -> None:
    name = place.function(SAY)
    first, _ = place.invoke(name, {"a": 1})
    second, _ = place.invoke(name, {"a": 2})
    assert first["event"] == {"a": 1}
    assert second["event"] == {"a": 2}
    assert first["pid"] == second["pid"] != place.emulator.process.pid


def test_a_handler_sees_the_environment_that_lambda_gives(place: Place) -> None:
    name = place.function(SAY, Environment={"Variables": {"MINE": "yes"}}, MemorySize=512)
    seen, _ = place.invoke(name)
    assert seen["MINE"] == "yes"
    assert seen["AWS_REGION"] == "eu-central-1"
    assert seen["AWS_ENDPOINT_URL"] == place.emulator.endpoint_url
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert seen["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST"
    assert seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "512"
    assert seen["AWS_LAMBDA_LOG_GROUP_NAME"] == f"/aws/lambda/{name}"
    assert seen["AWS_LAMBDA_LOG_STREAM_NAME"] == seen["stream"]
    assert "HOME" not in seen


def test_lines_are_in_the_log_stream_of_the_environment(place: Place, until: Callable[..., Any]) -> None:
    name = place.function(SAY)
    seen, _ = place.invoke(name, "x")
    until(lambda: any(line.startswith("REPORT") for line in place.log(name)))
    start, loaded, got, end, report = place.log(name)
    assert start.startswith("START RequestId: ")
    assert (loaded, got) == ("loaded", "got x")
    assert end.startswith("END RequestId: ")
    assert report.startswith("REPORT RequestId: ")
    streams = place.client("logs").describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == [seen["stream"]]


def test_lines_come_while_the_handler_still_runs(place: Place, until: Callable[..., Any]) -> None:
    name = place.function(SLEEP)
    place.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"seconds": 3}')
    assert _pids(place, name, until)
    assert not any(line.startswith("END") for line in place.log(name))


def test_an_exception_is_answered_with_its_own_name(place: Place) -> None:
    name = place.function("class Odd(Exception): pass\ndef handler(event, context): raise Odd('so')")
    error, kind = place.invoke(name)
    assert kind == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("Odd", "so")


def test_a_handler_that_cannot_be_loaded_is_an_error(place: Place) -> None:
    error, kind = place.invoke(place.function("import nothing_like_this"))
    assert kind == "Unhandled"
    assert error["errorType"] == "Runtime.ImportModuleError"


def test_at_its_timeout_a_function_is_killed_with_all_it_started(
    place: Place, until: Callable[..., Any]
) -> None:
    name = place.function(SLEEP, seconds=1)
    begin = time.monotonic()
    error, _ = place.invoke(name, {"seconds": 30})
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert time.monotonic() - begin < 5
    pids = _pids(place, name, until)
    until(lambda: not any(_alive(pid) for pid in pids))


def test_a_process_that_dies_is_answered_at_once_and_leaves_nothing(
    place: Place, until: Callable[..., Any]
) -> None:
    name = place.function(DIE, seconds=60)
    begin = time.monotonic()
    error, _ = place.invoke(name)
    assert error["errorType"] == "Runtime.ExitError"
    assert time.monotonic() - begin < 10
    pids = _pids(place, name, until)
    until(lambda: not any(_alive(pid) for pid in pids))


def test_a_function_that_died_or_timed_out_works_again(place: Place) -> None:
    name = place.function(SLEEP, seconds=1)
    place.invoke(name, {"seconds": 30})
    assert place.invoke(name, {"seconds": 0}) == ("slept", None)


def test_calls_of_one_function_run_side_by_side(place: Place) -> None:
    name = place.function(SLEEP)
    place.invoke(name, {"seconds": 0})
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: place.invoke(name, {"seconds": 2}), range(4)))
    assert answers == [("slept", None)] * 4
    assert time.monotonic() - begin < 7


def test_a_long_call_does_not_hold_up_other_functions(place: Place, until: Callable[..., Any]) -> None:
    slow, quick = place.function(SLEEP, seconds=30), place.function(SAY)
    invoke = place.client("lambda").invoke
    for _ in range(3):
        invoke(FunctionName=slow, InvocationType="Event", Payload=b'{"seconds": 20}')
    begin = time.monotonic()
    invoke(FunctionName=quick, InvocationType="Event", Payload=json.dumps("now"))
    until(lambda: "got now" in place.log(quick))
    assert time.monotonic() - begin < 5


def test_the_environments_die_with_a_killed_emulator(until: Callable[..., Any]) -> None:
    doomed = Place(Emulator.start())
    name = doomed.function(SLEEP, seconds=60)
    doomed.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"seconds": 50}')
    pids = _pids(doomed, name, until)
    doomed.kill()
    until(lambda: not any(_alive(pid) for pid in pids))
