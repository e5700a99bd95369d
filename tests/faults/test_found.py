"""What the suites and the reviews have found: each schedule that once broke a promise, kept as it was."""

from collections.abc import Callable
from typing import Any

import pytest

from mediajobs.job import Job, Status
from mediajobs.reactions import settle, sweep
from mediajobs.store import debt, run
from mediajobs.store import job as jobs
from mediajobs.timestamp import now
from tests.faults.delivery import Delivery
from tests.faults.injector import Mode
from tests.faults.life import task
from tests.faults.situation import submit
from tests.moto_account import OTHER_REGION


def _job(delivery: Delivery, name: str) -> Job:
    return delivery.look().jobs[delivery.waiting.ids[name]]


def _run_until_killed(delivery: Delivery) -> None:
    """Deliver all, and kill the worker when it has taken its task."""
    while delivery.waiting.records or delivery.waiting.messages or delivery.waiting.events:
        delivery.step()
    delivery.injector.plan = {len(delivery.injector.calls): Mode.CRASH_AFTER}
    delivery.step()
    delivery.injector.plan = {}


def test_a_tasks_event_that_the_stream_gave_up_is_announced_though_later_ones_were(
    make: Callable[[int], Delivery],
) -> None:
    """Noting the job's end as announced once covered all events before it."""
    delivery = make(1)
    submit(delivery, "a", task("media"), task("media"))
    delivery.collect()
    while _job(delivery, "a").cursor == 0:
        delivery.step()
    delivery.waiting.records.clear()
    delivery.rest()
    delivery.check_rest()


def test_a_restarted_job_whose_old_worker_may_be_alive_does_not_stand_in_the_way(
    make: Callable[[int], Delivery],
) -> None:
    """It was the first in its pool's queue, could not start, and used up the free slot all the same."""
    delivery = make(2)
    submit(delivery, "a", task("media"))
    delivery.collect()
    _run_until_killed(delivery)
    for verb in ("cancel", "restart"):
        delivery.world.call("POST", f"/jobs/{delivery.waiting.ids['a']}/{verb}")
    submit(delivery, "b", task("media"))
    delivery.collect()
    delivery.deliver()
    assert (_job(delivery, "a").status, _job(delivery, "b").status) == (Status.PENDING, Status.SUCCESS)
    delivery.rest()
    assert _job(delivery, "a").status is Status.SUCCESS
    delivery.check_rest()


def test_a_second_question_about_a_dead_worker_does_not_end_the_one_after_it(
    make: Callable[[int], Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine may ask twice at once. The slower one found its decision made, looked again, and took the
    next worker, alive and well, for the dead one."""
    delivery = make(1)
    submit(delivery, "a", task("media", retry={"count": 2, "delay_seconds": 0}))
    delivery.collect()
    _run_until_killed(delivery)
    (machine,) = delivery.waiting.machines.values()
    died = settle.died

    def slow(job: Job, how: str) -> Job:
        """Between its look and its decision, the other question is answered and the next worker begins."""
        monkeypatch.setattr(settle, "died", died)
        died(job, how)
        place = job.organization, job.id, job.attempt, job.cursor
        run.claim(*place, run="next", at=now(), until=now() + 60_000, log="", memory_mb=512)
        return died(job, how)

    monkeypatch.setattr(settle, "died", slow)
    assert delivery.world.settle(delivery.payload(machine))["next"] == "retry"
    assert (_job(delivery, "a").run, _job(delivery, "a").tries) == ("next", 1)


def test_a_region_that_is_away_does_not_hold_up_the_jobs_of_others(
    make: Callable[[int], Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs that could not be looked after came first in every round, until they were all it had time for."""
    monkeypatch.setattr(jobs, "DUE_SHARDS", 1)
    monkeypatch.setattr(debt, "DUE_SHARDS", 1)
    monkeypatch.setattr(sweep, "_ROWS", 2)
    delivery = make(1)
    delivery.world.call("PUT", f"/pools/{OTHER_REGION}", {"capacity": 2})
    for name in ("away 1", "away 2"):
        submit(delivery, name, task("media"), region=OTHER_REGION)
        delivery.collect()
    while not all(_job(delivery, name).status is Status.RUNNING for name in ("away 1", "away 2")):
        delivery.step()
    for name in ("away 1", "away 2"):
        delivery.world.call("POST", f"/jobs/{delivery.waiting.ids[name]}/cancel")
    delivery.pass_time(1000)
    submit(delivery, "here", task("media"))

    def away(operation: str, request: dict[str, Any]) -> None:
        if operation.startswith("stepfunctions") and OTHER_REGION in request["url"]:
            raise ConnectionError(OTHER_REGION)

    delivery.injector.before = away
    for _ in range(3):
        delivery.pass_time(61_000)
        delivery.sweep()
    assert _job(delivery, "here").status is Status.RUNNING
