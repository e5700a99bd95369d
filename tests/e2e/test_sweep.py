"""Jobs that only the sweeper looks after."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.clip import clip
from tests.e2e import task
from tests.e2e.bucket import Bucket
from tests.e2e.clock import bring_look, row, sweep
from tests.e2e.process import ffmpegs
from tests.stack import RunningStack

DRIVE = {"Name": "mediajobs-local-drive", "EventBusName": "mediajobs-local"}


@pytest.fixture
def _no_reaction(stack: RunningStack) -> Iterator[None]:
    """Nothing is woken any more by the table's stream, the queue or the bus."""
    functions, events = stack.client("lambda"), stack.client("events")
    mappings = [each["UUID"] for each in functions.list_event_source_mappings()["EventSourceMappings"]]
    assert len(mappings) == 4
    for mapping in mappings:
        functions.update_event_source_mapping(UUID=mapping, Enabled=False)
    events.disable_rule(**DRIVE)
    yield
    events.enable_rule(**DRIVE)
    for mapping in mappings:
        functions.update_event_source_mapping(UUID=mapping, Enabled=True)


@pytest.mark.slow
@pytest.mark.usefixtures("_no_reaction")
def test_jobs_end_though_no_event_wakes_anything(stack: RunningStack, media: Bucket) -> None:
    source = media.put("sweep/clip.mp4", clip("clip.mp4"))
    good = stack.submit(task.get(source), {"tool": "media:probe"})
    bad = stack.submit(task.get(media.url("sweep/absent")), {"tool": "media:probe"})
    endless = stack.submit(task.endless())
    jobs = (good, bad, endless)
    time.sleep(4)
    assert {stack.job(job["id"])["status"] for job in jobs} == {"Pending"}, "nothing else moves them"

    def round_until(*wanted: str) -> None:
        deadline = time.monotonic() + 40
        while (found := tuple(stack.job(job["id"])["status"] for job in jobs)) != wanted:
            assert time.monotonic() < deadline, found
            for job in jobs:
                bring_look(stack, job)
            assert sweep(stack)["failed"] == 0
            time.sleep(0.5)

    round_until("Success", "Failed", "Running")
    while not ffmpegs(stack):
        time.sleep(0.1)
    stack.call("POST", f"/jobs/{endless['id']}/cancel")
    deadline = time.monotonic() + 30
    while any("due" in row(stack, job) for job in jobs):
        assert time.monotonic() < deadline
        for job in jobs:
            bring_look(stack, job)
        sweep(stack)
        time.sleep(0.5)

    assert [stack.job(job["id"])["status"] for job in jobs] == ["Success", "Failed", "Cancelled"]
    assert stack.job(bad["id"])["error"]["code"] == "SourceNotFound"
    for job in jobs:
        assert row(stack, job)["announced"] == row(stack, job)["sequence"], "everything has been announced"
    machines = stack.client("stepfunctions")
    machine = machines.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{endless['id']}-1-1"
    assert machines.describe_execution(executionArn=execution)["status"] == "ABORTED"


def test_a_waiting_job_fails_at_its_deadline(stack: RunningStack, capacity: Callable[[int], Any]) -> None:
    capacity(0)
    job = stack.submit(task.encode(seconds=1), deadline_seconds=1)
    time.sleep(1.5)
    bring_look(stack, job)
    sweep(stack)
    job = stack.job(job["id"])
    assert (job["status"], job["error"]["code"], job["started"]) == ("Failed", "DeadlineExceeded", None)
    assert job["tasks"][0]["status"] == "Skipped"
