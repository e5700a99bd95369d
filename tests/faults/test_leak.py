"""Slots after many random lives of jobs, of whose invocations one in twenty meets a fault: none leaks."""

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.faults.delivery import Delivery
from tests.faults.extent import many
from tests.faults.injector import Mode
from tests.faults.life import task
from tests.faults.waiting import Again

pytestmark = [pytest.mark.slow, pytest.mark.timeout(24 * 3600)]

#: Lives that share the pool's slots at a time.
_TOGETHER = 10
_TASKS: list[list[dict[str, Any]]] = [
    [task("media")],
    [task("storage"), task("media")],
    [task("media", fail="for good")],
    [task("media", fail="once", retry={"count": 1, "delay_seconds": 7})],
]
_MODES = [Mode.CRASH_BEFORE, Mode.CRASH_AFTER, Mode.CRASH_AFTER, Mode.LOST_REPLY, Mode.NO_REPLY]


def test_no_slot_leaks(make: Callable[[int], Delivery], total: Callable[[str], None]) -> None:
    delivery = make(3)
    start = delivery.keep()
    totals: Counter[str] = Counter()
    for seed in range(many(100, 10_000) // _TOGETHER):
        delivery.go_back(start)
        _live(delivery, random.Random(seed), totals)
        assert all(not pool.holders for pool in delivery.look().pools.values()), f"seed {seed}"
    total(f"lives: {dict(totals)}, 0 slots leaked")


def _live(delivery: Delivery, dice: random.Random, totals: Counter[str]) -> None:
    """Some lives at once, until all is at rest."""
    for number in range(_TOGETHER):
        body = {"tasks": dice.choice(_TASKS), "deadline_seconds": 3600}
        key = {"idempotency_key": str(number)}
        submit = partial(delivery.request, "submit_job", "POST", "/jobs", body, **key)
        _unsafely(delivery, dice, totals, submit)
    for _ in range(400):
        if dice.random() < 0.04:
            job_id = dice.choice(sorted(delivery.look().jobs) or ["none"])
            verb = dice.choice(["cancel", "restart"])
            order = partial(delivery.request, f"{verb}_job", "POST", f"/jobs/{job_id}/{verb}")
            _unsafely(delivery, dice, totals, order)
        elif not _unsafely(delivery, dice, totals, delivery.step):
            break
    delivery.rest()
    delivery.check_rest()
    totals["jobs"] += len(delivery.look().jobs)


def _unsafely(
    delivery: Delivery, dice: random.Random, totals: Counter[str], do: Callable[[], object]
) -> object:
    """Do it; one time in twenty, one of its calls fails."""
    totals["invocations"] += 1
    if dice.random() >= 0.05:
        return do()
    delivery.injector.reset({dice.randrange(8): dice.choice(_MODES)})
    delivery.again = dice.choice([Again.REDELIVERED, Again.REDELIVERED, Again.LOST])
    try:
        return do()
    finally:
        totals["faults"] += len(delivery.injector.fired)
        delivery.injector.reset()
        delivery.again = Again.REDELIVERED
