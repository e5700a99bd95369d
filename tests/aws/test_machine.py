"""What `drive`, `settle` and outside work rely on in Step Functions."""

import time
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.place import Place

#: What is said of a token that nobody waits for.
_REFUSED = r"TaskTimedOut|TaskDoesNotExist|InvalidToken"


@pytest.fixture
def states(aws: Place) -> Any:
    return aws.client("stepfunctions")


def ended(states: Any, execution: str) -> dict[str, Any]:
    """The execution when it runs no more."""
    deadline = time.monotonic() + 20
    while (found := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < deadline, "the execution does not end"
        time.sleep(0.05)
    return dict(found)


def test_starting_twice_under_one_name_with_one_input_is_one_execution(aws: Place, states: Any) -> None:
    machine = aws.machine(Type="Wait", Seconds=30)
    one = states.start_execution(stateMachineArn=machine, name="job-1-1", input='{"a": 1}')
    two = states.start_execution(stateMachineArn=machine, name="job-1-1", input='{"a": 1}')
    assert one["executionArn"] == two["executionArn"]
    assert len(states.list_executions(stateMachineArn=machine)["executions"]) == 1


def test_another_input_under_the_same_name_is_refused(aws: Place, states: Any) -> None:
    machine = aws.machine(Type="Wait", Seconds=30)
    states.start_execution(stateMachineArn=machine, name="job-1-1", input='{"a": 1}')
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        states.start_execution(stateMachineArn=machine, name="job-1-1", input='{"a": 2}')


def test_the_name_of_an_execution_that_has_ended_is_taken(aws: Place, states: Any) -> None:
    machine = aws.machine(Type="Pass")
    execution = states.start_execution(stateMachineArn=machine, name="job-1-1", input="{}")["executionArn"]
    assert ended(states, execution)["status"] == "SUCCEEDED"
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        states.start_execution(stateMachineArn=machine, name="job-1-1", input="{}")


def test_a_stopped_execution_is_aborted_at_once_with_the_reason(aws: Place, states: Any) -> None:
    machine = aws.machine(Type="Wait", Seconds=30)
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    states.stop_execution(executionArn=execution, error="Cancelled", cause="by the client")
    found = ended(states, execution)
    assert found["status"] == "ABORTED"
    assert (found["error"], found["cause"]) == ("Cancelled", "by the client")


def test_stopping_what_has_ended_changes_nothing(aws: Place, states: Any) -> None:
    machine = aws.machine(Type="Pass")
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    assert ended(states, execution)["status"] == "SUCCEEDED"
    # Whether that is an answer or an error, `mediajobs.execution` takes it for done.
    with suppress(states.exceptions.ClientError):
        states.stop_execution(executionArn=execution)
    assert ended(states, execution)["status"] == "SUCCEEDED"


def test_what_is_not_there_is_neither_stopped_nor_described(aws: Place, states: Any) -> None:
    machine = aws.machine(Type="Pass")
    execution = machine.replace(":stateMachine:", ":execution:") + ":none"
    for call in (states.stop_execution, states.describe_execution):
        with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
            call(executionArn=execution)


def test_a_token_ends_its_task(aws: Place, states: Any) -> None:
    _, execution, token = aws.waiting()
    states.send_task_heartbeat(taskToken=token)
    states.send_task_success(taskToken=token, output='{"done": true}')
    assert ended(states, execution)["output"].replace(" ", "") == '{"done":true}'


def test_a_token_fails_its_task_with_the_word_that_is_given(aws: Place, states: Any) -> None:
    _, execution, token = aws.waiting()
    states.send_task_failure(taskToken=token, error="TaskFailed", cause="c")
    found = ended(states, execution)
    assert (found["status"], found["error"]) == ("FAILED", "TaskFailed")


def test_a_token_is_good_once(aws: Place, states: Any) -> None:
    _, execution, token = aws.waiting()
    states.send_task_success(taskToken=token, output="{}")
    ended(states, execution)
    with pytest.raises(ClientError, match=_REFUSED):
        states.send_task_success(taskToken=token, output="{}")
    with pytest.raises(ClientError, match=_REFUSED):
        states.send_task_heartbeat(taskToken=token)


def test_a_token_of_nobody_is_refused(states: Any) -> None:
    with pytest.raises(ClientError, match=_REFUSED):
        states.send_task_success(taskToken="none", output="{}")


def test_the_token_of_a_stopped_execution_is_soon_refused(aws: Place, states: Any) -> None:
    _, execution, token = aws.waiting()
    states.stop_execution(executionArn=execution)
    assert ended(states, execution)["status"] == "ABORTED"

    def insist() -> None:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            states.send_task_heartbeat(taskToken=token)
            time.sleep(0.1)

    with pytest.raises(ClientError, match=_REFUSED):
        insist()
