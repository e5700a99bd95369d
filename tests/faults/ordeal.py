"""What a function leaves behind when its AWS calls fail and it is asked again: what it leaves without faults.

A short run has every line that calls AWS fail in every way once, in whichever function comes first. The long
run has it fail in each function, and when it is asked again, in every way once more.
"""

import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mediajobs.dialects.castlabs import endpoints as castlabs
from mediajobs.routes import DIALECTS, ROUTES
from mediajobs.store import account, signing
from mediajobs.store.pack import unpack
from tests.faults import property as properties
from tests.faults import state
from tests.faults.extent import IS_LONG
from tests.faults.injector import Call, Crash, Injector, Mode
from tests.ledger import meant
from tests.world import World

#: What a process knows when it begins is nothing.
_FORGET = (
    account._cache.clear,
    signing.key.cache_clear,
    *(each.cache_clear for each in (castlabs._organization, castlabs._user, castlabs._bundle)),
)
#: What differs between any two askings: ids and keys, what is sealed or signed, and shards, which follow.
_CHANCE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[\w+/=.-]{22,}|\b\d{12}\b|(?<=DUE#)\d|(?<=DELIVERY#)\d(?=\")"
)
#: What is asked for a job that wants it no more.
_MAY_FAIL = ("convert",)
#: An offer of a task that is done is taken back by the next worker that looks, or by the sweeper.
_TAKEN_BACK = '"sk": {"S": "WORK#'

#: At a time.
_MOST_FAULTS = 2 if IS_LONG else 1

#: What has been tried in this process: a fault, or one after another.
_TRIED: set[Any] = set()

Ask = Callable[[], Any]
#: An HTTP status, or how there came none.
Answer = int | str
DEAD, FAILED = "dead", "failed"


@dataclass(frozen=True)
class Fault:
    """The call that fails, by its number among those of an invocation, and how."""

    number: int
    call: Call
    mode: Mode

    @property
    def place(self) -> tuple[str, str, Mode]:
        """The same wherever it happens."""
        return self.call.operation, self.call.place, self.mode

    def __str__(self) -> str:
        return f"{self.mode} {self.call.operation} at {self.call.place}"


@dataclass
class Expected:
    """What an invocation may answer and leave behind: that of one asking, of two, and so on."""

    answers: list[Answer] = field(default_factory=list)
    left: list[Counter[str]] = field(default_factory=list)


@dataclass
class Ordeal:
    """Stands before each invocation: has it fail wherever it can, undoes that, and lets it pass."""

    injector: Injector
    functions: set[str] = field(default_factory=set)
    faults: int = 0
    #: How many of them came second.
    seconds: int = 0
    broken: list[str] = field(default_factory=list)
    _is_within: bool = False

    def before(self, real: Callable[..., Any], method: str) -> Callable[..., Any]:
        """The method of a world, with its ordeal before it."""

        def asked(world: World, *given: Any, **named: Any) -> Any:
            def ask() -> Any:
                return real(world, *given, **named)

            if self._is_within:
                return self._inside(method, ask)
            self._is_within = True
            try:
                self._try(_name(method, given), ask)
            finally:
                self._is_within = False
            return ask()

        return asked

    def _inside(self, method: str, ask: Ask) -> Any:
        """A function that another one calls: that it dies is an error there."""
        try:
            with self.injector.process(method):
                return ask()
        except Crash as crash:
            raise RuntimeError(str(crash)) from None

    def _try(self, name: str, ask: Ask) -> None:
        self.functions.add(name)
        start = state.keep()
        once, calls = self._ask(name, ask)
        if _is_asked_again(once) and name not in _MAY_FAIL:
            self._report(name, (), f"answered {once} without a fault")
        faults = list(self._faults(name, calls, ()))
        if faults:
            expected = Expected([once], [_left()])
            for _ in range(_MOST_FAULTS):
                expected.answers.append(self._ask(name, ask)[0])
                expected.left.append(_left())
        for fault in faults:
            state.put_back(start)
            self._fail(name, ask, expected, fault)
        state.put_back(start)
        _forget()

    def _fail(self, name: str, ask: Ask, expected: Expected, fault: Fault) -> None:
        self.faults += 1
        answer = self._ask_with(name, ask, fault)
        self._judge_fault(name, expected, (fault,), answer)
        if not _is_asked_again(answer):
            self._judge_end(name, expected, (fault,), answer)
            return
        middle = state.keep()
        again, calls = self._ask(name, ask)
        self._judge_end(name, expected, (fault,), again)
        for second in self._faults(name, calls, (fault,)) if IS_LONG else ():
            state.put_back(middle)
            self.seconds += 1
            answer = self._ask_with(name, ask, second)
            self._judge_fault(name, expected, (fault, second), answer)
            if _is_asked_again(answer):
                answer, _ = self._ask(name, ask)
            self._judge_end(name, expected, (fault, second), answer)

    def _faults(self, name: str, calls: list[Call], before: tuple[Fault, ...]) -> Iterator[Fault]:
        """Those that have not been tried yet, after others."""
        for number, call in enumerate(calls):
            for mode in Mode:
                fault = Fault(number, call, mode)
                where = name if IS_LONG and not before else ""
                tried = where, *(each.place for each in (*before, fault))
                if mode.concerns(call.operation) and tried not in _TRIED:
                    _TRIED.add(tried)
                    yield fault

    def _ask(self, name: str, ask: Ask) -> tuple[Answer, list[Call]]:
        """The answer, and the calls that it took."""
        _forget()
        self.injector.calls = []
        answer: Answer
        try:
            with self.injector.process(name):
                said = ask()
            is_handed_back = isinstance(said, dict) and said.get("batchItemFailures")
            answer = FAILED if is_handed_back else getattr(said, "status", 200)
        except Crash:
            answer = DEAD
        except AssertionError:
            raise
        except Exception:
            answer = FAILED
        return answer, list(self.injector.calls)

    def _ask_with(self, name: str, ask: Ask, fault: Fault) -> Answer:
        self.injector.reset({fault.number: fault.mode})
        answer, _ = self._ask(name, ask)
        assert self.injector.fired, (name, fault)
        self.injector.reset()
        return answer

    def _judge_fault(self, name: str, expected: Expected, faults: tuple[Fault, ...], answer: Answer) -> None:
        """It does what it does without, or fails as a whole; a client is told to come again."""
        allowed = expected.answers[: len(faults)]
        if faults[-1].mode.is_heard:
            allowed += [DEAD, 503 if "." in name else FAILED]
        if answer not in allowed:
            self._report(name, faults, f"answered {answer}, expected were {allowed}")
        broken = list(properties.always(state.look(frozenset(), frozenset(), ())))
        if broken:
            self._report(name, faults, "\n".join(broken))

    def _judge_end(self, name: str, expected: Expected, faults: tuple[Fault, ...], answer: Answer) -> None:
        """After each fault that was heard of, it was asked once more."""
        askings = 1 + sum(fault.mode.is_heard for fault in faults)
        if answer not in expected.answers[:askings]:
            self._report(name, faults, f"answered {answer} in the end, not one of {expected.answers}")
        left = _left()
        if left not in expected.left[:askings]:
            nearest = min(expected.left, key=lambda each: len(list(_difference(each, left))))
            difference = (f"{sign} {row}" for sign, row in _difference(nearest, left))
            self._report(
                name, faults, "\n".join(("it left something else than without faults:", *difference))
            )

    def _report(self, name: str, faults: tuple[Fault, ...], what: str) -> None:
        self.broken.append("\n".join([name, *map(str, faults), what]))


def _name(method: str, given: tuple[Any, ...]) -> str:
    """Of the function that is asked."""
    if method == "call":
        return meant(ROUTES, *given[:2])
    return meant(DIALECTS[given[0]], *given[1:3]) if method == "vendor" else method


def _is_asked_again(answer: Answer) -> bool:
    return isinstance(answer, str) or answer >= 500


def _forget() -> None:
    for forget in _FORGET:
        forget()


def _left() -> Counter[str]:
    """What lasts, without what is left to chance."""
    rows = (json.dumps(row, sort_keys=True, default=_opened) for row in state.table_rows())
    left = Counter(_CHANCE.sub("·", row) for row in rows if _TAKEN_BACK not in row)
    left.update(state.executions().values())
    left.update(_CHANCE.sub("·", key) for key in state.objects())
    return left


def _opened(content: bytes) -> Any:
    """What is packed; what is sealed differs each time."""
    try:
        return unpack(content)
    except zlib.error:
        return "·"


def _difference(one: Counter[str], other: Counter[str]) -> Iterator[tuple[str, str]]:
    yield from (("+", row) for row in other - one)
    yield from (("-", row) for row in one - other)
