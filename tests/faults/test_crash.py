"""The crash matrix: every AWS call of every handler fails in every way; then AWS delivers again or gives up.

The calls are those that the handlers make in the lives of `life.py`, recovery included: a new call is covered
without a new test. Two moments that are alike have the same future, so each is followed once; the figures
count every fault all the same.

A short run has every line that calls AWS fail in every way once, in whichever life or recovery it comes
first; the long run has it fail wherever it comes, and once more in whatever follows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.faults.delivery import Delivery
from tests.faults.extent import IS_LONG
from tests.faults.injector import Call, Mode
from tests.faults.life import LIVES, Life, go
from tests.faults.waiting import Again, Broken, Moment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(24 * 3600)]

#: What a short run has had fail: handler, call, line, and how.
_TRIED: set[tuple[Call, str, Mode, Again]] = set()


@dataclass
class Matrix:
    """One life with one fault, or with two, everywhere."""

    delivery: Delivery
    life: Life
    #: Whether a line fails only once in each way.
    is_short: bool = False
    faults: int = 0
    calls: set[Call] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    _followed: dict[str, int] = field(default_factory=dict)
    _open: list[tuple[Moment, int, tuple[str, ...]]] = field(default_factory=list)

    def run(self, depth: int) -> None:
        """Every way the life can go with so many faults in it."""
        self._follow(self.delivery.keep(), depth, ())
        while self._open:
            self._follow(*self._open.pop())

    def _follow(self, moment: Moment, depth: int, path: tuple[str, ...]) -> None:
        delivery = self.delivery
        delivery.go_back(moment)
        try:
            while self._is_new(depth):
                before = delivery.keep()
                delivery.injector.reset()
                is_over = not go(delivery, self.life)
                calls = list(delivery.injector.calls)
                self.calls.update(calls)
                if depth:
                    after = delivery.keep()
                    for number, call in enumerate(calls):
                        self._fail(before, number, call, depth, path)
                    delivery.go_back(after)
                if is_over:
                    delivery.check_rest()
                    return
        except Broken as broken:
            self.broken.append("\n".join([*path, str(broken)]))

    def _fail(self, before: Moment, number: int, call: Call, depth: int, path: tuple[str, ...]) -> None:
        for mode in Mode:
            if not mode.concerns(call.operation):
                continue
            for again in Again:
                if again is Again.ANEW and not call.process.startswith("worker"):
                    continue
                if self.is_short:
                    what = call, call.place, mode, again
                    if what in _TRIED:
                        continue
                    _TRIED.add(what)
                self.faults += 1
                longer = (*path, f"{call.process}: {mode} {call.operation} (call {number}), {again}")
                delivery = self.delivery
                delivery.go_back(before)
                delivery.injector.reset({number: mode})
                delivery.again, delivery.has_failed = again, False
                try:
                    go(delivery, self.life)
                except Broken as broken:
                    self.broken.append("\n".join([*longer, str(broken)]))
                    continue
                assert delivery.injector.fired, (longer, delivery.journal)
                delivery.again = Again.REDELIVERED
                self._open.append((delivery.keep(), depth - 1, longer))
                if not delivery.has_failed:
                    # Nothing comes again.
                    _TRIED.update((call, call.place, mode, each) for each in Again)
                    break

    def _is_new(self, depth: int) -> bool:
        name = self.delivery.fingerprint()
        if self._followed.get(name, -1) >= depth:
            return False
        self._followed[name] = depth
        return True

    def report(self) -> str:
        """The figures in a line."""
        moments = len(self._followed)
        return (
            f"{self.faults} faults in {len(self.calls)} calls, {moments} moments, {len(self.broken)} broken"
        )


@pytest.mark.skipif(IS_LONG, reason="the long run has all of it")
@pytest.mark.parametrize("name", LIVES)
def test_no_line_that_fails_breaks_a_promise(name: str, make: Callable[[int], Delivery]) -> None:
    matrix = Matrix(make(LIVES[name].capacity), LIVES[name], is_short=True)
    matrix.run(2)
    print(f"\n{name}: {matrix.report()}; {len({what[:2] for what in _TRIED})} lines so far")
    assert not matrix.broken, "\n\n".join(matrix.broken[:5])


@pytest.mark.skipif(not IS_LONG, reason="part of the long run: FAULTS_LONG=1")
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("name", LIVES)
def test_no_fault_breaks_a_promise(name: str, depth: int, make: Callable[[int], Delivery]) -> None:
    """With a second fault, anywhere in what follows on the first."""
    matrix = Matrix(make(LIVES[name].capacity), LIVES[name])
    matrix.run(depth)
    print(f"\n{name}, {depth} at once: {matrix.report()}")
    assert not matrix.broken, "\n\n".join(matrix.broken[:5])
