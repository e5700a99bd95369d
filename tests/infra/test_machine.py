"""The state machine, run by moto's interpreter with workers that are plain functions."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import jsonata
import moto.stepfunctions.parser.asl.jsonata.jsonata as evaluator
import pytest
from moto import mock_aws
from moto.awslambda.models import LambdaFunction

from infra.machine import MIXED, RUN, Container, Functions, definition

REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/machine"

CONTAINER = Container("cluster", "definition", "worker", ("subnet-1",), "sg-1", public_ip=False)

Event = dict[str, Any]
Answer = Callable[[Event], Any]


class Fleet:
    """The functions that the machine calls: what they answer, and what they were asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {
            "storage": lambda event: {"ignored": True},
            "media": lambda event: {"ignored": True},
            "settle": lambda event: {"next": "stop", "pause": 0},
            "offer": self._work_outside,
            "convert": self._convert,
            # In the place of MediaConvert.
            "encode": lambda event: {"Job": {"Id": "1", "OutputGroupDetails": [{"OutputDetails": [{}]}]}},
        }
        self.calls: list[tuple[str, Event]] = []

    def _work_outside(self, event: Event) -> None:
        """A worker that is there at once."""
        boto3.client("stepfunctions", REGION).send_task_success(taskToken=event["token"], output="{}")

    def _convert(self, event: Event) -> Any:
        return {} if "converted" in event else {"request": {"Role": "r"}, "seconds": 60, "run": "x"}

    def asked(self, name: str) -> list[Event]:
        return [event for called, event in self.calls if called == name]


class TaskBroke(Exception):
    pass


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    made = Fleet()

    def invoke(function: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
        name = function.function_name
        sent = json.loads(event) if isinstance(event, str | bytes) else event
        made.calls.append((name, sent))
        try:
            return json.dumps(made.answers[name](sent)), False, ""
        except Exception as error:
            return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}), True, ""

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setattr(LambdaFunction, "_invoke_lambda", invoke)
    # moto ships no evaluator of JSONata.
    monkeypatch.setattr(
        evaluator, "_eval_jsonata", lambda expression: jsonata.Jsonata(expression).evaluate(None)
    )
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield made


@pytest.fixture
def machine(fleet: Fleet) -> str:
    """The machine's ARN."""
    iam = boto3.client("iam", REGION)
    role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions = boto3.client("lambda", REGION)
    arns = [
        functions.create_function(
            FunctionName=name, Runtime="python3.12", Role=role, Handler="x.y", Code={"ZipFile": b"-"}
        )["FunctionArn"]
        for name in ("storage", "media", "settle", "offer", "convert", "encode")
    ]
    made = definition(Functions(*arns[:5]), CONTAINER)
    # moto knows no MediaConvert: a function has its place, called with what it would be called with.
    encode = made["States"]["Mixed"]["ItemProcessor"]["States"]["Encode"]
    assert encode["Resource"] == "arn:aws:states:::mediaconvert:createJob.sync"
    encode["Resource"] = "arn:aws:states:::lambda:invoke"
    encode["Arguments"] = {"FunctionName": arns[5], "Payload": encode["Arguments"]}
    encode["Output"] = encode["Output"].replace("$states.result", "$states.result.Payload")
    arn: str = boto3.client("stepfunctions", REGION).create_state_machine(
        name="mediajobs", definition=json.dumps(made), roleArn=ROLE
    )["stateMachineArn"]
    return arn


def run(machine: str, *workers: str) -> dict[str, Any]:
    """The execution, ended, of a job with a task for each worker."""
    client = boto3.client("stepfunctions", REGION)
    execution = client.start_execution(
        stateMachineArn=machine,
        name="job-1",
        input=json.dumps(
            {
                "version": 1,
                "organization": "org",
                "job": "job",
                "attempt": 1,
                "tasks": [
                    {"index": index, "worker": worker, "seconds": 60} for index, worker in enumerate(workers)
                ],
            }
        ),
    )["executionArn"]
    deadline = time.monotonic() + 30
    while True:
        described = client.describe_execution(executionArn=execution)
        if described["status"] != "RUNNING" or time.monotonic() > deadline:
            return dict(described)
        time.sleep(0.02)


def entered(execution: dict[str, Any]) -> list[str]:
    """The states that were entered, in order: what AWS charges as transitions."""
    history = boto3.client("stepfunctions", REGION).get_execution_history(
        executionArn=execution["executionArn"], maxResults=1000
    )
    return [
        event["stateEnteredEventDetails"]["name"]
        for event in history["events"]
        if event["type"].endswith("StateEntered")
    ]


def test_tasks_run_in_order_each_by_its_worker(fleet: Fleet, machine: str) -> None:
    ended = run(machine, "storage", "media", "storage")
    assert ended["status"] == "SUCCEEDED"
    assert [(name, event["task"]) for name, event in fleet.calls] == [
        ("storage", 0),
        ("media", 1),
        ("storage", 2),
    ]


def test_a_worker_is_told_where_it_is_and_nothing_else(fleet: Fleet, machine: str) -> None:
    run(machine, "media")
    assert fleet.asked("media") == [
        {"organization": "org", "job": "job", "attempt": 1, "task": 0, "worker": "media", "seconds": 60}
    ]
    assert set(fleet.asked("media")[0]) == set(RUN)


def test_a_job_of_n_tasks_takes_n_plus_one_transitions(fleet: Fleet, machine: str) -> None:
    assert entered(run(machine, "storage", "media", "storage")) == ["Tasks", "Run", "Run", "Run"]


def test_no_answer_of_a_worker_is_in_the_output(fleet: Fleet, machine: str) -> None:
    assert json.loads(run(machine, "media")["output"]) == {}


def test_a_failed_task_stops_the_job_when_settle_says_so(fleet: Fleet, machine: str) -> None:
    def broken(event: Event) -> Any:
        raise TaskBroke('no "audio" track')

    fleet.answers["media"] = broken
    ended = run(machine, "storage", "media", "storage")
    assert ended["status"] == "FAILED"
    assert [name for name, _ in fleet.calls] == ["storage", "media", "settle"]
    (told,) = fleet.asked("settle")
    assert told["task"] == 1
    assert told["error"]["Error"] == "TaskBroke"
    assert json.loads(told["error"]["Cause"])["errorMessage"] == 'no "audio" track'


def test_a_failed_task_runs_again_as_it_did_before_when_settle_says_so(fleet: Fleet, machine: str) -> None:
    def broken_once(event: Event) -> Any:
        if len(fleet.asked("media")) == 1:
            raise TaskBroke("try again")
        return {}

    fleet.answers["media"] = broken_once
    fleet.answers["settle"] = lambda event: {"next": "retry", "pause": 0}
    ended = run(machine, "media", "storage")
    assert ended["status"] == "SUCCEEDED"
    first, second = fleet.asked("media")
    assert first == second
    assert [name for name, _ in fleet.calls] == ["media", "settle", "media", "storage"]


def test_the_pause_before_a_retry_is_kept(fleet: Fleet, machine: str) -> None:
    times: list[float] = []

    def broken_once(event: Event) -> Any:
        times.append(time.monotonic())
        if len(times) == 1:
            raise TaskBroke("later")
        return {}

    fleet.answers["media"] = broken_once
    fleet.answers["settle"] = lambda event: {"next": "retry", "pause": 1}
    run(machine, "media")
    assert times[1] - times[0] >= 1


def test_a_task_that_turns_out_to_be_done_goes_on_with_the_next(fleet: Fleet, machine: str) -> None:
    def lost_its_answer(event: Event) -> Any:
        raise TaskBroke("done, but nobody heard")

    fleet.answers["media"] = lost_its_answer
    fleet.answers["settle"] = lambda event: {"next": "done", "pause": 0}
    ended = run(machine, "media", "storage")
    assert ended["status"] == "SUCCEEDED"
    assert [name for name, _ in fleet.calls] == ["media", "settle", "storage"]


def test_a_worker_that_does_not_answer_in_its_time_is_given_up(fleet: Fleet, machine: str) -> None:
    def hangs(event: Event) -> Any:
        time.sleep(2)

    fleet.answers["media"] = hangs
    client = boto3.client("stepfunctions", REGION)
    execution = client.start_execution(
        stateMachineArn=machine,
        input=json.dumps(
            {
                "version": 1,
                "organization": "org",
                "job": "job",
                "attempt": 1,
                "tasks": [{"index": 0, "worker": "media", "seconds": 1}],
            }
        ),
        name="hangs",
    )["executionArn"]
    deadline = time.monotonic() + 15
    while not fleet.asked("settle") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert fleet.asked("settle")[0]["error"]["Error"] == "States.Timeout"
    while client.describe_execution(executionArn=execution)["status"] == "RUNNING":
        time.sleep(0.05)


def test_every_task_has_a_time_limit_and_retries_with_jitter() -> None:
    states = definition(Functions("a", "b", "c"))["States"]["Tasks"]["ItemProcessor"]["States"]
    tasks = [state for state in states.values() if state["Type"] == "Task"]
    assert len(tasks) == 2
    for task in tasks:
        assert task["TimeoutSeconds"]
        assert all(retry["JitterStrategy"] == "FULL" for retry in task["Retry"])


def mixed(machine: str, *executors: str) -> dict[str, Any]:
    """The execution, ended, of a job with a media task for each executor."""
    client = boto3.client("stepfunctions", REGION)
    given = {
        "version": 1,
        "organization": "org",
        "job": "job",
        "attempt": 1,
        "mixed": [
            {"index": index, "worker": "media", "seconds": 60, "executor": executor}
            for index, executor in enumerate(executors)
        ],
    }
    execution = client.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
    deadline = time.monotonic() + 30
    while (described := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return dict(described)


def test_a_task_for_outside_is_offered_with_the_token_that_its_end_is_told_by(
    fleet: Fleet, machine: str
) -> None:
    ended = mixed(machine, "outside", "lambda")
    assert ended["status"] == "SUCCEEDED", ended
    assert [name for name, _ in fleet.calls] == ["offer", "media"]
    (offered,) = fleet.asked("offer")
    assert set(offered) == {*MIXED, "token"}
    assert (offered["task"], offered["executor"]) == (0, "outside")


def test_a_job_that_lambda_does_not_run_alone_takes_two_transitions_a_task_and_two_more(
    fleet: Fleet, machine: str
) -> None:
    ended = mixed(machine, "lambda", "outside", "lambda")
    assert entered(ended) == ["Tasks", "Mixed", "Where", "Run", "Where", "Outside", "Where", "Run"]


def test_what_fails_in_a_mixed_job_is_asked_of_settle_and_tried_again(fleet: Fleet, machine: str) -> None:
    def broken_once(event: Event) -> Any:
        if len(fleet.asked("media")) == 1:
            raise TaskBroke("try again")
        return {}

    fleet.answers["media"] = broken_once
    fleet.answers["settle"] = lambda event: {"next": "retry", "pause": 0}
    assert mixed(machine, "lambda", "outside")["status"] == "SUCCEEDED"
    assert [name for name, _ in fleet.calls] == ["media", "settle", "media", "offer"]


def test_a_deployment_without_other_executors_has_no_state_for_them() -> None:
    assert set(definition(Functions("a", "b", "c"))["States"]) == {"Tasks"}
    both = definition(Functions("a", "b", "c", "d"), CONTAINER)["States"]["Mixed"]["ItemProcessor"]["States"]
    assert {"Where", "Outside", "Container"} <= set(both)
    only = definition(Functions("a", "b", "c", "d"))["States"]["Mixed"]["ItemProcessor"]["States"]
    assert "Container" not in only


def test_a_container_is_waited_for_and_told_its_task() -> None:
    states = definition(Functions("a", "b", "c"), CONTAINER)["States"]["Mixed"]["ItemProcessor"]["States"]
    state = states["Container"]
    assert state["Resource"].endswith("ecs:runTask.sync")
    assert state["TimeoutSeconds"]
    assert state["Catch"][0]["Next"] == "Settle"
    (override,) = state["Arguments"]["Overrides"]["ContainerOverrides"]
    assert override["Environment"] == [{"Name": "TASK", "Value": "{% $string($states.input) %}"}]


def test_mediaconvert_is_told_what_our_function_says_which_then_hears_what_came_of_it(
    fleet: Fleet, machine: str
) -> None:
    ended = mixed(machine, "mediaconvert", "lambda")
    assert ended["status"] == "SUCCEEDED", ended
    assert [name for name, _ in fleet.calls] == ["convert", "encode", "convert", "media"]
    asked, told = fleet.asked("convert")
    assert set(asked) == set(MIXED)
    assert fleet.asked("encode") == [{"Role": "r"}]
    assert told == {
        **asked,
        "conversion": {"request": {"Role": "r"}, "seconds": 60, "run": "x"},
        "converted": {"Job": {"Id": "1", "OutputGroupDetails": [{"OutputDetails": [{}]}]}},
    }
    assert entered(ended) == ["Tasks", "Mixed", "Where", "Convert", "Encode", "Collect", "Where", "Run"]


def test_a_failure_of_mediaconvert_is_asked_of_settle_and_the_task_is_begun_anew(
    fleet: Fleet, machine: str
) -> None:
    def broken_once(event: Event) -> Any:
        if len(fleet.asked("encode")) == 1:
            raise TaskBroke("1010")
        return {"Job": {}}

    fleet.answers["encode"] = broken_once
    fleet.answers["settle"] = lambda event: {"next": "retry", "pause": 0}
    assert mixed(machine, "mediaconvert")["status"] == "SUCCEEDED"
    assert [name for name, _ in fleet.calls] == [
        *("convert", "encode", "settle"),
        *("convert", "encode", "convert"),
    ]
    (told,) = fleet.asked("settle")
    assert (told["executor"], told["error"]["Error"]) == ("mediaconvert", "TaskBroke")
    first, again = [event for event in fleet.asked("convert") if "converted" not in event]
    assert first == again


def test_a_function_that_says_that_the_row_knows_more_is_not_asked_again(fleet: Fleet, machine: str) -> None:
    class RunLost(Exception):
        pass

    def lost(event: Event) -> Any:
        raise RunLost

    fleet.answers["convert"] = lost
    assert mixed(machine, "mediaconvert")["status"] == "FAILED"
    assert [name for name, _ in fleet.calls] == ["convert", "settle"]


def test_mediaconvert_is_waited_for_as_long_as_the_task_may_take() -> None:
    functions = Functions("a", "b", "c", convert="d")
    states = definition(functions)["States"]["Mixed"]["ItemProcessor"]["States"]
    encode = states["Encode"]
    assert encode["Arguments"] == "{% $states.input.conversion.request %}"
    assert encode["TimeoutSeconds"] == "{% $states.input.conversion.seconds %}"
    assert encode["Catch"][0]["Next"] == "Settle"
    for state in ("Convert", "Collect"):
        assert states[state]["Retry"][0] == {"ErrorEquals": ["RunLost", "RunHeld"], "MaxAttempts": 0}
        assert states[state]["Catch"][0]["Next"] == "Settle"
    assert {"Convert", "Encode", "Collect"}.isdisjoint(definition(Functions("a", "b", "c"))["States"])
