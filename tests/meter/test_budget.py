"""The budget of a job, counted from the calls that it makes on the running stack."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import stack
from infra.local.caller import Caller
from infra.meter import bench, price, report, trial
from infra.meter.bill import Bill
from infra.meter.findings import THREE

TASKS = 3


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bill]:
    """A job of three tasks with an Idempotency-Key, on functions that are warm."""
    directory = tmp_path_factory.mktemp("meter")
    record = directory / "record.jsonl"
    local = stack.up(directory, port=0, record=record, say=lambda line: None)
    try:
        yield _bill(local, record)
    finally:
        stack.down(directory)


def _bill(local: stack.Local, record: Path) -> Bill:
    caller, tasks = Caller(local), bench.lay_jobs(local)[THREE]
    trial.run(caller, record, tasks)
    return trial.run(caller, record, tasks, headers={"Idempotency-Key": str(uuid.uuid4())}).bill


pytestmark = pytest.mark.timeout(400)


def test_a_job_takes_at_most_two_transitions_more_than_tasks(bill: Bill) -> None:
    assert TASKS <= bill.transitions <= TASKS + 2


def test_a_job_takes_at_most_one_invocation_more_than_tasks(bill: Bill) -> None:
    assert TASKS <= bill.run.total() <= TASKS + 1


def test_a_job_takes_at_most_60_write_units(bill: Bill) -> None:
    # The job, its spec, its events, its results and its slot cannot take less than half of that.
    assert 30 <= bill.total("write") <= 60, "\n" + report.budget(bill)


def test_no_key_that_jobs_share_takes_more_than_4_write_units_a_job(bill: Bill) -> None:
    assert 1 <= report.hottest(bill) <= 4, "\n" + report.shared(bill)


def test_a_million_jobs_cost_at_most_220_dollars(bill: Bill) -> None:
    assert 50 <= sum(item.dollars for item in price.control_plane(bill)) <= 220


def test_every_call_has_a_caller(bill: Bill) -> None:
    assert {step.caller for step in bill.steps} >= {
        "api-submit-job",
        "reactions-dispatch",
        "reactions-drive",
        "worker-storage",
        "worker-media",
    }
