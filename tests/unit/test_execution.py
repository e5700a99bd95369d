"""Executions as the service starts and stops them."""

import pytest
from botocore.session import Session
from botocore.stub import Stubber

from mediajobs import execution
from tests.world import World


@pytest.mark.parametrize("code", ["ExecutionDoesNotExist", "ValidationException"])
def test_a_stop_of_what_does_not_run_any_more_is_done_whatever_is_said_of_it(
    acme: World, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    states = Session().create_client("stepfunctions", region_name="eu-central-1")
    monkeypatch.setattr(execution, "client", lambda *_: states)
    with Stubber(states) as stubber:
        stubber.add_client_error("stop_execution", code)
        execution.stop("eu-central-1", "job-1-1")
        stubber.assert_no_pending_responses()
    states.close()
