"""The crash matrix: every AWS call of every handler fails in every way; then AWS delivers again or gives up.

The calls are those that the handlers make in the lives of `life.py`, recovery included: a new call is covered
without a new test. Two moments that are alike have the same future, so each is followed once; the figures
count every fault all the same.

A short run has every line that calls AWS fail in every way once, in whichever life or recovery it comes
first. The long run has it fail wherever it comes; in what follows, every line fails in every way once more,
for each line that failed first and each way it did.
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


@dataclass(frozen=True)
class Fault:
    """A call that fails, in one way."""

    call: Call
    line: str
    mode: Mode
    again: Again
    #: Which of the process's calls it was, from 0.
    number: int = field(compare=False)

    def __str__(self) -> str:
        return f"{self.call.process}: {self.mode} {self.call.operation} (call {self.number}), {self.again}"


#: What has been tried: a fault, or one after another.
_TRIED: set[tuple[Fault, ...]] = set()


@dataclass
class Matrix:
    """One life with one fault, or with two, everywhere."""

    delivery: Delivery
    life: Life
    #: Whether a line fails only once in each way.
    is_short: bool = False
    faults: int = 0
    #: How many of them came second.
    seconds: int = 0
    calls: set[Call] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    _followed: dict[str, int] = field(default_factory=dict)
    _open: list[tuple[Moment, int, tuple[Fault, ...]]] = field(default_factory=list)

    def run(self, depth: int) -> None:
        """Every way the life can go with so many faults in it."""
        self._open.append((self.delivery.keep(), depth, ()))
        while self._open:
            self._follow(*self._open.pop())

    def _follow(self, moment: Moment, depth: int, path: tuple[Fault, ...]) -> None:
        delivery = self.delivery
        delivery.go_back(moment)
        try:
            is_over, way = False, set[str]()
            while not is_over and self._is_new(depth, way):
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
        except Broken as broken:
            self._report(path, broken)

    def _fail(self, before: Moment, number: int, call: Call, depth: int, path: tuple[Fault, ...]) -> None:
        delivery = self.delivery
        for mode in Mode:
            if not mode.concerns(call.operation):
                continue
            for again in Again:
                if again is Again.ANEW and not call.process.startswith("worker"):
                    continue
                longer = (*path, Fault(call, call.place, mode, again, number))
                if not self._is_wanted(longer):
                    continue
                self.faults += 1
                self.seconds += bool(path)
                delivery.go_back(before)
                delivery.injector.reset({number: mode})
                delivery.again, delivery.has_failed = again, False
                try:
                    go(delivery, self.life)
                except Broken as broken:
                    self._report(longer, broken)
                    continue
                assert delivery.injector.fired, (longer, delivery.journal)
                delivery.again = Again.REDELIVERED
                if self._followed.get(delivery.fingerprint(), -1) < depth - 1:
                    self._open.append((delivery.keep(), depth - 1, longer))
                if not delivery.has_failed:
                    # Nothing comes again.
                    others = (Fault(call, call.place, mode, each, number) for each in Again)
                    _TRIED.update(self._what((*path, other)) for other in others)
                    break

    def _is_wanted(self, path: tuple[Fault, ...]) -> bool:
        """Whether these faults are to be tried; from then on they have been."""
        what = self._what(path)
        is_known = what in _TRIED
        _TRIED.add(what)
        return not is_known or (len(path) == 1 and not self.is_short)

    def _what(self, path: tuple[Fault, ...]) -> tuple[Fault, ...]:
        return path[-1:] if self.is_short else path

    def _report(self, path: tuple[Fault, ...], broken: Broken) -> None:
        self.broken.append("\n".join([*map(str, path), str(broken)]))

    def _is_new(self, depth: int, way: set[str]) -> bool:
        name = self.delivery.fingerprint()
        if name in way:
            raise Broken("it goes round and round")
        way.add(name)
        if self._followed.get(name, -1) >= depth:
            return False
        self._followed[name] = depth
        return True

    def report(self) -> str:
        """The figures in a line."""
        moments = len(self._followed)
        return (
            f"{self.faults} faults ({self.seconds} of them second ones) in {len(self.calls)} calls, "
            f"{moments} moments, {len(self.broken)} broken"
        )


def _lines() -> int:
    return len({(fault.call, fault.line) for path in _TRIED for fault in path})


@pytest.mark.skipif(IS_LONG, reason="the long run has all of it")
@pytest.mark.parametrize("name", LIVES)
def test_no_line_that_fails_breaks_a_promise(
    name: str, make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    _run(Matrix(make(LIVES[name].capacity), LIVES[name], is_short=True), name, total)


@pytest.mark.skipif(not IS_LONG, reason="part of the long run: FAULTS_LONG=1")
@pytest.mark.parametrize("name", LIVES)
def test_no_fault_breaks_a_promise(
    name: str, make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    """Nor a second one in what follows."""
    _run(Matrix(make(LIVES[name].capacity), LIVES[name]), name, total)


def _run(matrix: Matrix, name: str, total: Callable[[str], None]) -> None:
    matrix.run(2)
    total(f"{name}: {matrix.report()}; {_lines()} lines so far")
    assert not matrix.broken, "\n\n".join(matrix.broken[:5])
