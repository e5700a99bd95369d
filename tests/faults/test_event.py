"""Events that come in another order, twice or never: the row decides, so none of it matters."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest

from mediajobs.job import Job, Status
from tests.faults.delivery import Delivery
from tests.faults.extent import chosen
from tests.faults.life import LIVES, Life, go, task
from tests.faults.situation import submit
from tests.faults.state import State

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

#: Rounds of the sweeper that make good what was lost.
_ROUNDS = 2
_NAMES = chosen(LIVES, ("two tasks", "cancelled at work"))
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
def test_the_events_of_a_job_may_come_in_any_order(name: str, make: Callable[[int], Delivery]) -> None:
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
    print(f"\n{name}: {len(records)} events, {orders} orders, healed in {worst} rounds")
    assert worst <= _ROUNDS


@pytest.mark.parametrize("name", _NAMES)
def test_any_one_delivery_may_be_lost(name: str, make: Callable[[int], Delivery]) -> None:
    delivery = make(LIVES[name].capacity)
    rounds = _with_each_delivery(delivery, LIVES[name], 0)
    print(f"\n{name}: {len(rounds)} deliveries, each lost once, healed in {max(rounds)} rounds")
    assert max(rounds) <= _ROUNDS


@pytest.mark.parametrize("name", _NAMES)
def test_any_one_delivery_may_come_three_times(name: str, make: Callable[[int], Delivery]) -> None:
    delivery = make(LIVES[name].capacity)
    start = delivery.keep()
    expected = _live(delivery, LIVES[name]), _outcome(delivery.look())
    delivery.go_back(start)
    rounds = _with_each_delivery(
        delivery, LIVES[name], 3, lambda: _assert_same(_outcome(delivery.look()), expected[1])
    )
    print(f"\n{name}: {len(rounds)} deliveries, each three times, healed in {max(rounds)} rounds")
    assert max(rounds) == expected[0]


def test_the_sweeper_alone_brings_a_job_to_its_end(make: Callable[[int], Delivery]) -> None:
    delivery = make(1)
    rounds = _live(delivery, Life(LIVES["two tasks"].actions, is_deaf=True))
    (job,) = delivery.look().jobs.values()
    print(f"\nall events lost: {rounds} rounds")
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
