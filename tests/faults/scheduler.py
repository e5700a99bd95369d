"""Runs several handlers in every order their AWS calls can come in.

Each handler has a thread, but only the one with the baton runs; it hands it back before every call to a row
that others may touch. A schedule is the list of who runs at each such point, so it can be run again. Handlers
know nothing but the answers they have had: where the table, the answers and the places of all handlers are as
they were before, the rest has been seen and is not run again.
"""

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.injector import Injector

Schedule = tuple[str, ...]
#: Parts of an answer that differ each time, or say nothing to a handler.
_UNSTEADY = ("ResponseMetadata", "Body")


class Abandoned(BaseException):
    """The rest of this schedule is known."""


@dataclass
class Actor:
    """A handler on its way."""

    name: str
    thread: threading.Thread
    #: Sums up every answer it has had.
    memory: str = ""
    is_done: bool = False
    error: BaseException | None = None
    go: threading.Event = field(default_factory=threading.Event)


class Scheduler:
    """Owns the baton."""

    def __init__(self, injector: Injector) -> None:
        self._injector = injector
        self._actors: dict[str, Actor] = {}
        self._arrived = threading.Event()
        self._is_abandoned = False

    def run(
        self,
        handlers: dict[str, Callable[[], None]],
        schedule: Schedule,
        *,
        on_step: Callable[[str], None],
        choose: Callable[[Schedule, list[Actor]], str | None],
    ) -> dict[str, BaseException | None]:
        """Run the handlers by the schedule and then as `choose` says, which may give up with None. `on_step`
        is told after each step who has made it. Returns the error each handler ended with."""
        self._is_abandoned = False
        self._injector.before, self._injector.after = self._pause, self._remember
        try:
            for name, handler in handlers.items():
                thread = threading.Thread(target=self._act, args=(name, handler), name=name, daemon=True)
                self._actors[name] = Actor(name, thread)
            for name in handlers:
                self._actors[name].thread.start()
                self._arrived.wait()
                self._arrived.clear()
            self._play(schedule, on_step, choose)
        finally:
            self._abandon()
            self._injector.before = lambda _operation, _request: None
            self._injector.after = lambda _answer: None
        errors = {name: actor.error for name, actor in self._actors.items()}
        self._actors = {}
        return errors

    def _play(
        self,
        schedule: Schedule,
        on_step: Callable[[str], None],
        choose: Callable[[Schedule, list[Actor]], str | None],
    ) -> None:
        taken: list[str] = []
        while any(not actor.is_done for actor in self._actors.values()):
            if len(taken) < len(schedule):
                name: str | None = schedule[len(taken)]
            else:
                name = choose(tuple(taken), list(self._actors.values()))
            if name is None:
                return
            taken.append(name)
            self._resume(self._actors[name])
            on_step(name)

    def _resume(self, actor: Actor) -> None:
        actor.go.set()
        self._arrived.wait()
        self._arrived.clear()

    def _abandon(self) -> None:
        self._is_abandoned = True
        for actor in self._actors.values():
            while not actor.is_done:
                self._resume(actor)
            actor.thread.join()

    def _act(self, name: str, handler: Callable[[], None]) -> None:
        actor = self._actors[name]
        try:
            self._wait(actor)
            handler()
        except BaseException as error:
            actor.error = error
        actor.is_done = True
        self._arrived.set()

    def _wait(self, actor: Actor) -> None:
        self._arrived.set()
        actor.go.wait()
        actor.go.clear()
        if self._is_abandoned:
            raise Abandoned

    def _pause(self, operation: str, request: dict[str, Any]) -> None:
        actor = self._actors.get(threading.current_thread().name)
        if actor is None:
            return
        if self._is_abandoned:
            raise Abandoned
        if _is_shared(operation, request):
            self._wait(actor)

    def _remember(self, answer: Any) -> None:
        actor = self._actors.get(threading.current_thread().name)
        if actor is not None:
            known = {name: value for name, value in answer.items() if name not in _UNSTEADY}
            text = actor.memory + json.dumps(known, sort_keys=True, default=str)
            actor.memory = hashlib.sha256(text.encode()).hexdigest()


def _is_shared(operation: str, request: dict[str, Any]) -> bool:
    """Whether others may read or write what the call is about. Nobody writes a key or a spec, and single
    writes beside the hot rows only let a row live longer."""
    if operation not in ("dynamodb.GetItem", "dynamodb.UpdateItem"):
        return True
    key = json.loads(request["body"])["Key"]
    kind, sort = key["pk"]["S"].split("#")[2:3], key["sk"]["S"]
    return sort in ("JOB", "POOL") or (operation == "dynamodb.GetItem" and kind == ["JOB"] and sort != "SPEC")
