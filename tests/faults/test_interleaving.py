"""Two handlers at one job and one pool, in every order of their AWS calls; three, in orders by chance."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, count

import pytest

from mediajobs.store import account
from tests.faults.delivery import Delivery
from tests.faults.extent import IS_LONG, chosen, many
from tests.faults.scheduler import Actor, Schedule, Scheduler
from tests.faults.situation import HANDLERS, SITUATIONS, Work
from tests.faults.waiting import Moment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(24 * 3600)]

#: How often a schedule may take the baton from a handler that could go on.
_PREEMPTIONS = 1000 if IS_LONG else 2
#: Schedules of a group at the most: those of few preemptions come first.
_MOST = many(1000, 50)
#: What a short run explores: the pairs that decide about the same thing.
_SHORT: dict[str, tuple[tuple[str, ...], ...]] = {
    "pending": (("cancel", "grant"), ("grant", "sweep"), ("close the pool", "grant")),
    "driven": (("cancel", "worker"), ("start", "cancel"), ("worker", "worker")),
    "another waits": (("grant", "worker"), ("grant", "sweep"), ("widen the pool", "grant")),
    "killed, and its time is over": (("settle", "sweep"), ("cancel", "sweep")),
    "failed": (("restart", "restart"), ("restart", "announce")),
    "about to expire": (("expire", "restart"), ("expire", "sweep")),
}


#: Says who goes on, given who has gone so far and all handlers; or None, if what follows is known.
Choose = Callable[[Schedule, list[Actor]], str | None]


@dataclass
class Explorer:
    """Schedules of some handlers from one moment."""

    delivery: Delivery
    moment: Moment
    schedules: int = 0
    #: Groups of which not every schedule was run.
    cut: int = 0
    broken: list[str] = field(default_factory=list)
    _ends: set[str] = field(default_factory=set)

    def explore(self, names: tuple[str, ...], preemptions: int) -> None:
        """Run every schedule; where two lead to the same point, only one goes on from there."""
        open_: list[tuple[int, int, Schedule]] = [(0, 0, ())]
        seen: dict[object, int] = {}
        numbers = count(1)

        def go_on(used: int) -> Choose:
            def choose(past: Schedule, actors: list[Actor]) -> str | None:
                able = _able(actors)
                memories = ((actor.memory, actor.is_done) for actor in actors)
                place = self.delivery.fingerprint(), past[-1:], *memories
                if seen.get(place, used + 1) <= used:
                    return None
                seen[place] = used
                goes_on = bool(past) and past[-1] in able
                first = past[-1] if goes_on else able[0]
                if used + goes_on <= preemptions:
                    for other in able:
                        if other != first:
                            heapq.heappush(open_, (used + goes_on, next(numbers), (*past, other)))
                return first

            return choose

        for _ in range(_MOST):
            if not open_:
                return
            used, _, schedule = heapq.heappop(open_)
            self._run(names, schedule, go_on(used))
        self.cut += bool(open_)

    def wander(self, names: tuple[str, ...], seed: int) -> None:
        """Run one schedule, by chance."""
        dice = random.Random(f"{names}/{seed}")

        def choose(past: Schedule, actors: list[Actor]) -> str:
            able = _able(actors)
            goes_on = past and past[-1] in able and dice.random() < 0.5
            return past[-1] if goes_on else dice.choice(able)

        self._run(names, (), choose)

    def found(self) -> str:
        """The figures of what was run."""
        return f"{self.schedules} schedules, {len(self.broken)} broken"

    def _run(self, names: tuple[str, ...], schedule: Schedule, choose: Choose) -> None:
        """One schedule, of which the first part is given."""
        self.schedules += 1
        delivery = self.delivery
        delivery.go_back(self.moment)
        works = {f"{name} ({number})": HANDLERS[name](delivery) for number, name in enumerate(names, 1)}
        taken: list[str] = []
        is_whole = True

        def watch(past: Schedule, actors: list[Actor]) -> str | None:
            nonlocal is_whole
            name = choose(past, actors)
            is_whole = name is not None
            return name

        def step(name: str) -> None:
            taken.append(name)
            delivery.check(delivery.dice.letters.get(name))

        handlers = {name: _process(delivery, work) for name, work in works.items()}
        try:
            errors = Scheduler(delivery.injector).run(handlers, schedule, on_step=step, choose=watch)
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


def _able(actors: list[Actor]) -> list[str]:
    return [actor.name for actor in actors if not actor.is_done]


def _process(delivery: Delivery, work: Work) -> Callable[[], None]:
    def run() -> None:
        account._cache.clear()
        with delivery.injector.process(work.process):
            work.run()

    return run


@pytest.fixture
def explorer(name: str, make: Callable[[int], Delivery]) -> Explorer:
    """One in the situation of that name."""
    situation = SITUATIONS[name]
    delivery = make(situation.capacity)
    situation.reach(delivery)
    delivery.pass_time(61_000)
    return Explorer(delivery, delivery.keep())


@pytest.mark.parametrize("name", chosen(SITUATIONS, _SHORT))
def test_no_order_of_two_handlers_breaks_a_promise(
    name: str, explorer: Explorer, total: Callable[[str], None]
) -> None:
    pairs = list(combinations_with_replacement(SITUATIONS[name].handlers, 2) if IS_LONG else _SHORT[name])
    for pair in pairs:
        explorer.explore(pair, _PREEMPTIONS)
    total(f"{name}: {len(pairs)} pairs, {explorer.cut} of them not to their end, {explorer.found()}")
    assert not explorer.broken, "\n\n".join(explorer.broken[:5])


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_order_of_three_handlers_breaks_a_promise(
    name: str, explorer: Explorer, total: Callable[[str], None]
) -> None:
    """Each three of the situation in the long run, and two of them in a short one."""
    threes = list(combinations_with_replacement(SITUATIONS[name].handlers, 3))
    if not IS_LONG:
        threes = random.Random(name).sample(threes, 2)
    for three in threes:
        for seed in range(many(1, 3)):
            explorer.wander(three, seed)
    total(f"{name}: {len(threes)} threes, {explorer.found()}")
    assert not explorer.broken, "\n\n".join(explorer.broken[:5])
