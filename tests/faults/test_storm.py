"""Services that refuse everything for a while: nobody gives up for good, and nobody works past their time."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from mediajobs.store import job as jobs
from mediajobs.store.read import Unprocessed
from tests import moto_gap
from tests.faults.delivery import Delivery
from tests.faults.extent import IS_LONG, chosen
from tests.faults.injector import Call, Mode
from tests.faults.life import LIVES, go, task
from tests.faults.situation import submit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(24 * 3600)]

#: Milliseconds that each process may take; endpoints have the same time all.
_LIMITS = {
    "announce": 30,
    "dispatch": 10,
    "drive": 30,
    "notify": 30,
    "settle": 30,
    "sweep": 55,
    "worker": 905,
}
_ENDPOINT = 29
_STORMS: dict[str, Callable[[Call], Mode | None]] = {
    service: lambda call, service=service: Mode.REFUSAL if call.operation.startswith(service) else None
    for service in ("dynamodb.", "events.", "sqs.", "stepfunctions.", "s3.")
} | {
    "everything": lambda _call: Mode.REFUSAL,
    "every first sending": lambda _call: Mode.THROTTLE,
    # A client would be told to send its submit again.
    "every write in conflict": lambda call: None if call.process == "submit_job" else Mode.CONFLICT,
}

#: Invocations that storms last, in turn.
_LENGTHS = (1, 3, 8)


@dataclass
class Storm:
    """Blows from one invocation on, for so many of them."""

    blows: Callable[[Call], Mode | None]
    first: int
    count: int
    invocations: int = 0

    def begin(self) -> bool:
        """Before each invocation: whether it is still to come, or blows now."""
        self.invocations += 1
        return self.invocations <= self.first + self.count

    def __call__(self, call: Call) -> Mode | None:
        is_now = self.first < self.invocations <= self.first + self.count
        return self.blows(call) if is_now else None


@pytest.mark.parametrize("life", chosen(LIVES, ("two tasks",)))
@pytest.mark.parametrize("name", chosen(_STORMS, ("dynamodb.", "everything", "every write in conflict")))
def test_a_storm_passes(
    name: str,
    life: str,
    make: Callable[[int], Delivery],
    monkeypatch: pytest.MonkeyPatch,
    total: Callable[[str], None],
) -> None:
    delivery = make(LIVES[life].capacity)
    monkeypatch.setattr(time, "sleep", delivery.clock.shift)
    # A tool's time is told by the clock of the process, which the fake one does not move.
    monkeypatch.setattr(time, "monotonic", time.time)
    start = delivery.keep()
    first = runs = refused = 0
    while True:
        delivery.go_back(start)
        storm = Storm(_STORMS[name], first, _LENGTHS[first % len(_LENGTHS)])
        delivery.injector.storm = storm
        _live(delivery, life, storm)
        refused += len(delivery.injector.fired)
        runs += 1
        if storm.invocations <= first:
            break
        first += 1 if IS_LONG else 2
    longest = {process: taken / 1000 for process, taken in sorted(delivery.took.items())}
    late = {
        process: seconds
        for process, seconds in longest.items()
        if seconds > _LIMITS.get(process.partition(".")[0], _ENDPOINT)
    }
    total(
        f"{name}, {life}: {runs} storms, {refused} refusals, invocations of {max(longest.values())} s at most"
    )
    assert not late


def _live(delivery: Delivery, life: str, storm: Storm) -> None:
    """Live the whole life; what is done in vain comes again a little later."""
    real = delivery.invoke

    def invoke(name: str, function: Callable[[], bool]) -> object:
        storm.begin()
        delivery.has_failed = False
        outcome = real(name, function)
        if delivery.has_failed:
            # AWS waits before it sends again, as clients do.
            delivery.clock.shift(5)
        return outcome

    delivery.invoke = invoke  # type: ignore[method-assign,assignment]
    try:
        while go(delivery, LIVES[life]):
            pass
    finally:
        delivery.invoke = real  # type: ignore[method-assign]
    delivery.check_rest()


def test_a_batch_of_reads_that_is_done_in_part_is_asked_for_again(
    make: Callable[[int], Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = make(1)
    for number in range(5):
        submit(delivery, str(number), task("media"))
    (organization,) = {job.organization for job in delivery.look().jobs.values()}
    ids = sorted(delivery.look().jobs, reverse=True)
    with moto_gap.partly("BatchGetItem", lambda count: max(1, count // 3)):
        assert [detail.job.id for detail in jobs.details(organization, ids)] == ids
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    with moto_gap.partly("BatchGetItem", lambda _count: 0), pytest.raises(Unprocessed):
        jobs.details(organization, ids)
    assert sum(slept) < 10
    with moto_gap.partly("BatchGetItem", lambda _count: 0):
        answer = delivery.world.vendor("castlabs", "GET", "/api/jobs")
    assert answer.status == 503, answer.body


def test_a_batch_of_events_that_is_put_in_part_is_put_again(make: Callable[[int], Delivery]) -> None:
    delivery = make(1)
    submit(delivery, "a", task("media"), task("storage"))
    delivery.collect()
    left = 3

    def share(count: int) -> int:
        nonlocal left
        left -= 1
        return count if left < 0 else count // 2

    with moto_gap.partly("PutEvents", share):
        delivery.rest()
    delivery.check_rest()
