"""Events that come in another order, twice or never: the row decides, so none of it matters."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest

from mediajobs.job import Job, Status
from tests.faults.delivery import Delivery
from tests.faults.extent import IS_LONG, chosen
from tests.faults.life import LIVES, Life, go, task
from tests.faults.situation import submit
from tests.faults.state import State

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

#: Rounds of the sweeper that make good what was lost, beside those that a life takes anyway.
_ROUNDS = 2
#: Lives with something to deliver.
_NAMES = chosen([name for name in LIVES if not LIVES[name].is_deaf], ("two tasks", "cancelled at work"))
#: Lives in which no job comes to have an execution.
_NEVER_DRIVEN = {"cancelled while waiting", "cancelled before its start", "late"}
#: Four or five events each.
_TASKS: dict[str, list[dict[str, Any]]] = {
    "success": [task("media"), task("storage")],
    "failure": [task("media"), task("media", fail="for good")],
    "cancel at work": [task("media", say="cancel", fail="lost")],
}


def _live(delivery: Delivery, life: Life) -> int:
    """Live the whole life; how many rounds of the sweeper it took."""
    while go(delivery, life):
        pass
    delivery.check_rest()
    return delivery.waiting.sweeps


@pytest.mark.parametrize("name", _TASKS)
def test_the_events_of_a_job_may_come_in_any_order(
    name: str, make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    delivery = make(1)
    submit(delivery, "a", *_TASKS[name])
    delivery.collect()
    _run_unannounced(delivery)
    moment, records = delivery.keep(), delivery.waiting.records
    worst = orders = 0
    for order in permutations(records):
        delivery.go_back(moment)
        for record in order:
            delivery.announce([record])
        worst = max(worst, delivery.rest())
        delivery.check_rest()
        orders += 1
    total(f"{name}: {len(records)} events, {orders} orders, healed in {worst} rounds")
    assert worst <= _ROUNDS


@pytest.mark.parametrize("name", chosen(_TASKS, ("success",)))
def test_in_any_order_each_event_may_be_lost_or_come_twice(
    name: str, make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    delivery = make(1)
    submit(delivery, "a", *_TASKS[name])
    delivery.collect()
    _run_unannounced(delivery)
    moment, records = delivery.keep(), delivery.waiting.records
    numbers = range(len(records))
    orders = {
        order
        for number in numbers
        for changed in ([*numbers, number], [each for each in numbers if each != number])
        for order in permutations(changed)
    }
    tried = sorted(orders) if IS_LONG else random.Random(1).sample(sorted(orders), 25)
    worst = 0
    for order in tried:
        delivery.go_back(moment)
        for number in order:
            delivery.announce([records[number]])
        delivery.waiting.records.clear()
        worst = max(worst, delivery.rest())
        delivery.check_rest()
    total(f"{name}: {len(tried)} of {len(orders)} orders with one lost or twice, healed in {worst} rounds")
    assert worst <= _ROUNDS


@pytest.mark.parametrize("name", chosen(LIVES, ("two tasks",)))
def test_an_execution_may_end_at_any_moment_without_a_word(
    name: str, make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    """Whatever Step Functions has to say of it is lost, for one execution after the other."""
    delivery = make(LIVES[name].capacity)
    start, moments, worst = delivery.keep(), 0, 0
    usual = _live(delivery, LIVES[name])
    while True:
        delivery.go_back(start)
        steps = 0
        while go(delivery, LIVES[name]):
            if delivery.waiting.machines and steps == moments:
                for machine in list(delivery.waiting.machines.values()):
                    delivery._end(machine, "FAILED")
                before = delivery.waiting.sweeps
            steps += bool(delivery.waiting.machines) or steps > moments
        delivery.check_rest()
        if steps <= moments:
            break
        worst = max(worst, delivery.waiting.sweeps - before)
        moments += 1
    total(f"{name}: executions gone at {moments} moments, healed in {worst} rounds")
    assert bool(moments) == (name not in _NEVER_DRIVEN)
    assert worst <= usual + _ROUNDS


@pytest.mark.parametrize("name", _NAMES)
def test_any_one_delivery_may_be_lost(
    name: str, make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    delivery = make(LIVES[name].capacity)
    start = delivery.keep()
    usual = _live(delivery, LIVES[name])
    delivery.go_back(start)
    rounds = _with_each_delivery(delivery, LIVES[name], 0)
    total(f"{name}: {len(rounds)} deliveries, each lost once, healed in {max(rounds)} rounds")
    assert max(rounds) <= usual + _ROUNDS


@pytest.mark.parametrize("name", _NAMES)
def test_any_one_delivery_may_come_three_times(
    name: str, make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    delivery = make(LIVES[name].capacity)
    start = delivery.keep()
    expected = _live(delivery, LIVES[name]), _outcome(delivery.look())
    delivery.go_back(start)
    rounds = _with_each_delivery(
        delivery, LIVES[name], 3, lambda: _assert_same(_outcome(delivery.look()), expected[1])
    )
    total(f"{name}: {len(rounds)} deliveries, each three times, healed in {max(rounds)} rounds")
    assert max(rounds) == expected[0]


def test_the_sweeper_alone_brings_a_job_to_its_end(
    make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    delivery = make(1)
    rounds = _live(delivery, Life(LIVES["two tasks"].actions, is_deaf=True))
    (job,) = delivery.look().jobs.values()
    total(f"all events lost: {rounds} rounds")
    assert (job.status, rounds) == (Status.SUCCESS, _ROUNDS)


def _with_each_delivery(
    delivery: Delivery, life: Life, times: int, check: Callable[[], None] = lambda: None
) -> list[int]:
    """Live the life with each delivery in turn coming so many times; the rounds each took."""
    start = delivery.keep()
    rounds: list[int] = []
    while True:
        delivery.go_back(start)
        turn = _Turn(len(rounds), times)
        delivery.how_often = turn
        taken = _live(delivery, life)
        if turn.made <= turn.chosen:
            return rounds
        rounds.append(taken)
        check()


@dataclass
class _Turn:
    """Says how often each delivery comes: once, but the chosen one `times` times."""

    chosen: int
    times: int
    made: int = 0

    def __call__(self) -> int:
        self.made += 1
        return self.times if self.made == self.chosen + 1 else 1


def _run_unannounced(delivery: Delivery) -> None:
    """Bring the job to its end while the stream is held up: what it wakes is woken by hand."""
    job = _job(delivery)
    body = f'{{"organization": "{job.organization}", "region": "{job.region}", "job": "{job.id}"}}'
    delivery.dispatch([{"messageId": "1", "body": body}])
    detail = {"organization_id": job.organization, "job_id": job.id}
    delivery.drive([{"detail-type": "Job Status Changed", "detail": detail}])
    while not _job(delivery).status.is_terminal:
        (machine,) = delivery.waiting.machines.values()
        delivery.advance(machine)


def _job(delivery: Delivery) -> Job:
    (job,) = delivery.look().jobs.values()
    return job


def _outcome(state: State) -> Any:
    return state.rows, state.pools, state.executions, state.objects


def _assert_same(found: Any, expected: Any) -> None:
    assert found == expected
