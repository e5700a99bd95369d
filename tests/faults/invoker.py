"""One handler's invocation at a time: what it leaves behind, and whether every promise still holds."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from mediajobs.store import account
from mediajobs.timestamp import now
from tests import moto_gap
from tests.faults import property as properties
from tests.faults import state as states
from tests.faults.dice import Dice
from tests.faults.injector import Crash, Injector
from tests.faults.state import State
from tests.faults.waiting import Again, Broken, Machine, Outcome, Waiting
from tests.world import World

#: How long FIFO queues know a message again, in milliseconds.
_DEDUPLICATION = 5 * 60_000


class Invoker:
    """One world, and what AWS holds of it between two invocations."""

    def __init__(self, world: World, injector: Injector, clock: Any, dice: Dice) -> None:
        self.world, self.injector, self.clock, self.dice = world, injector, clock, dice
        self.waiting = Waiting()
        self.again = Again.REDELIVERED
        self.at_work: list[tuple[str, int, str]] = []
        #: Whether the indexes show each handler what was before the handler before it.
        self.has_lag = False
        self._earlier = [moto_gap.rows()] * 2
        #: How often the next thing is delivered; 0 loses it.
        self.how_often: Callable[[], int] = lambda: 1
        #: Whether an invocation has failed since this was last set to False.
        self.has_failed = False
        #: By process, the milliseconds that its longest invocation has taken; 0 where no clock goes.
        self.took: dict[str, int] = {}
        self.journal: list[str] = []
        #: What a handler inside another one's call has broken: that one must not swallow it.
        self._broken: Broken | None = None
        self.collect()
        self.waiting.records.clear()
        self._seen = self.look()

    def invoke(self, name: str, function: Callable[[], bool]) -> Outcome:
        """Run one handler in a process of its own; `function` says whether the handler had success."""
        account._cache.clear()  # a process begins with nothing in its memory
        if self.has_lag:
            self._earlier = [self._earlier[1], moto_gap.rows()]
        begun = now()
        lag = moto_gap.stale_indexes(self._earlier[0]) if self.has_lag else nullcontext()
        try:
            with self.injector.process(name), lag:
                outcome = Outcome.DONE if function() else Outcome.FAILED
        except Crash:
            outcome = Outcome.CRASHED
        except Exception as error:
            self.journal.append(f"{name}: {type(error).__name__}")
            outcome = Outcome.FAILED
        self.took[name] = max(self.took.get(name, 0), now() - begun)
        self.has_failed |= outcome is not Outcome.DONE
        self.journal.append(f"{name}: {outcome}")
        self.collect()
        self.check()
        return outcome

    def look(self) -> State:
        """The state now."""
        return states.look(self.waiting.told, self.waiting.received, tuple(self.at_work))

    def check(self, run: str | None = None) -> None:
        """Raise Broken if a promise does not hold; `run` is that of the worker whose call was the last."""
        if self._broken is not None:
            raise self._broken
        seen = self.look()
        broken = [*properties.always(seen), *properties.across(self._seen, seen)]
        if run is not None:
            broken += properties.fenced(self._seen, seen, run)
        self._seen = seen
        self._report(broken)

    def check_rest(self) -> None:
        """The same for the promises that hold once everything has come to rest."""
        self._report(list(properties.at_rest(self.look())))

    def _report(self, broken: list[str]) -> None:
        if broken:
            lines = [*broken, "after:", *(f"  {line}" for line in self.journal)]
            self._broken = Broken("\n".join(lines))
            raise self._broken

    def collect(self) -> None:
        """Take up what the last invocation has left in the stream, the queues, the bus and the machines."""
        waiting = self.waiting
        for item in states.table_rows():
            key = item["pk"]["S"], item["sk"]["S"]
            if key[1].startswith("EVENT#") and key not in waiting.streamed:
                waiting.streamed.add(key)
                waiting.records.append({"eventName": "INSERT", "dynamodb": {"NewImage": item}})
        for number, (dedupe, body) in enumerate(states.take_messages("dispatch.fifo")):
            if dedupe is not None and waiting.sent.get(dedupe, -_DEDUPLICATION) > now() - _DEDUPLICATION:
                continue
            waiting.sent[str(dedupe)] = now()
            waiting.messages.append({"messageId": f"{dedupe}/{number}", "body": body})
        for number, (_, body) in enumerate(states.take_messages("notify")):
            waiting.tries.append({"messageId": str(number), "body": body})
        for _, body in states.take_messages("bus"):
            event = json.loads(body)
            detail = event["detail"]
            waiting.told |= {(detail["job_id"], detail["sequence"], event["detail-type"])}
            if event["detail-type"] == "Job Status Changed" and detail["status"] in _DRIVEN:
                waiting.events.append({"detail-type": event["detail-type"], "detail": detail})
        for name, status in states.executions().items():
            if status == "RUNNING" and name not in waiting.machines:
                waiting.machines[name] = Machine(name)


#: The statuses that `drive` listens to.
_DRIVEN = ("Running", "Cancelled", "Failed")
