"""Pairs of handlers at one job and one pool, in every order of their AWS calls; in the long run, three."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

import pytest

from mediajobs.store import account
from tests.faults.delivery import Delivery
from tests.faults.extent import IS_LONG, chosen
from tests.faults.scheduler import Actor, Schedule, Scheduler
from tests.faults.situation import HANDLERS, SITUATIONS, Work
from tests.faults.waiting import Moment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(24 * 3600)]

#: How often a schedule may take the baton from a handler that could go on; without a limit in the long run.
_PREEMPTIONS = 1000 if IS_LONG else 2
#: What a short run explores: the pairs that decide about the same thing.
_SHORT: dict[str, tuple[tuple[str, ...], ...]] = {
    "pending": (("cancel", "grant"), ("grant", "sweep"), ("close the pool", "grant")),
    "driven": (("cancel", "worker"), ("start", "cancel"), ("worker", "worker")),
    "another waits": (("grant", "worker"), ("grant", "sweep"), ("widen the pool", "grant")),
    "killed, and its time is over": (("settle", "sweep"), ("cancel", "sweep")),
    "failed": (("restart", "restart"), ("restart", "announce")),
    "about to expire": (("expire", "restart"), ("expire", "sweep")),
}


@dataclass
class Explorer:
    """All schedules of some handlers from one moment."""

    delivery: Delivery
    preemptions: int
    schedules: int = 0
    broken: list[str] = field(default_factory=list)
    _seen: dict[object, int] = field(default_factory=dict)
    _ends: set[str] = field(default_factory=set)

    def explore(self, moment: Moment, names: tuple[str, ...]) -> None:
        """Run every schedule; where two lead to the same point, only one goes on from there."""
        self._seen.clear()
        open_: list[tuple[Schedule, int]] = [((), 0)]
        while open_:
            self.schedules += 1
            schedule, used = open_.pop()
            self._run(moment, names, schedule, used, open_)

    def _run(
        self,
        moment: Moment,
        names: tuple[str, ...],
        schedule: Schedule,
        used: int,
        open_: list[tuple[Schedule, int]],
    ) -> None:
        """One schedule, of which the first part is given and has used up so many preemptions."""
        delivery = self.delivery
        delivery.go_back(moment)
        works = {f"{name} ({number})": HANDLERS[name](delivery) for number, name in enumerate(names, 1)}
        taken: list[str] = []
        is_whole = True

        def choose(past: Schedule, actors: list[Actor]) -> str | None:
            nonlocal is_whole
            able = [actor.name for actor in actors if not actor.is_done]
            place = delivery.fingerprint(), past[-1:], *((actor.memory, actor.is_done) for actor in actors)
            if self._seen.get(place, used + 1) <= used:
                is_whole = False
                return None
            self._seen[place] = used
            goes_on = bool(past) and past[-1] in able
            first = past[-1] if goes_on else able[0]
            if used + goes_on <= self.preemptions:
                open_.extend(((*past, other), used + goes_on) for other in able if other != first)
            return first

        def step(name: str) -> None:
            taken.append(name)
            delivery.check(delivery.dice.letters.get(name))

        handlers = {name: _process(delivery, work) for name, work in works.items()}
        try:
            errors = Scheduler(delivery.injector).run(handlers, schedule, on_step=step, choose=choose)
            if is_whole:
                delivery.journal = [f"{name}: {error!r}" for name, error in errors.items()]
                self._end(works)
                assert not any(errors.values()), errors
        except AssertionError as broken:
            self.broken.append(f"{taken}\n{broken}")

    def _end(self, works: dict[str, Work]) -> None:
        """All handlers have ended: from here on, everything must come right."""
        delivery = self.delivery
        for work in works.values():
            work.conclude()
        delivery.collect()
        end = delivery.fingerprint()
        if end in self._ends:
            return
        self._ends.add(end)
        delivery.world.call("PUT", "/pools/eu-central-1", {"capacity": 2})
        delivery.collect()
        delivery.rest()
        delivery.check_rest()


def _process(delivery: Delivery, work: Work) -> Callable[[], None]:
    def run() -> None:
        account._cache.clear()
        with delivery.injector.process(work.process):
            work.run()

    return run


@pytest.mark.parametrize("name", chosen(SITUATIONS, _SHORT))
def test_no_order_of_two_handlers_breaks_a_promise(name: str, make: Callable[[int], Delivery]) -> None:
    pairs = combinations_with_replacement(SITUATIONS[name].handlers, 2)
    _explore(name, list(pairs if IS_LONG else _SHORT[name]), make)


@pytest.mark.skipif(not IS_LONG, reason="part of the long run: FAULTS_LONG=1")
@pytest.mark.parametrize("name", SITUATIONS)
def test_no_order_of_three_handlers_breaks_a_promise(name: str, make: Callable[[int], Delivery]) -> None:
    triples = combinations_with_replacement(SITUATIONS[name].handlers, 3)
    _explore(name, list(triples), make, preemptions=2)


def _explore(
    name: str,
    groups: list[tuple[str, ...]],
    make: Callable[[int], Delivery],
    *,
    preemptions: int = _PREEMPTIONS,
) -> None:
    situation = SITUATIONS[name]
    delivery = make(situation.capacity)
    situation.reach(delivery)
    delivery.pass_time(61_000)
    moment = delivery.keep()
    explorer = Explorer(delivery, preemptions)
    for group in groups:
        explorer.explore(moment, group)
    found = len(explorer.broken)
    print(f"\n{name}: {len(groups)} groups, {explorer.schedules} schedules, {found} broken")
    assert not explorer.broken, "\n\n".join(explorer.broken[:5])
