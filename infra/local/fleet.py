"""The execution environments of one version of one function: warm ones first, never more than a cap."""

import threading
import time
from collections.abc import Callable

from infra.local.environment import Environment, Outcome

#: Seconds that a caller waits for one that comes back before it starts another: short calls need few.
PATIENCE = 0.05
#: How many may be loading at the same time: more would only make each other slow.
STARTING = 2


class Closed(Exception):
    """The emulator is ending; nothing is invoked any more."""


class Fleet:
    """Starts environments by `start`, at most `limit`; callers beyond that wait for their turn."""

    def __init__(self, start: Callable[[], Environment], limit: int) -> None:
        self._start = start
        self._limit = limit
        self._changed = threading.Condition()
        self._idle: list[Environment] = []
        self._all: set[Environment] = set()
        self._starting = 0
        self._closed = False
        #: Environments that were started before it are not used again.
        self._fresh_since = 0.0
        self._born: dict[Environment, float] = {}

    def invoke(self, request_id: str, arn: str, payload: bytes, seconds: float) -> tuple[Outcome, str]:
        """Run one event in an environment that it has for itself; with the log's tail. Raises Closed."""
        environment = self._take()
        try:
            return environment.invoke(request_id, arn, payload, seconds), environment.tail
        finally:
            self._give_back(environment)

    def _take(self) -> Environment:
        patient_until = time.monotonic() + PATIENCE
        with self._changed:
            while True:
                if self._closed:
                    raise Closed
                while self._idle:
                    environment = self._idle.pop()
                    if environment.alive and self._born[environment] >= self._fresh_since:
                        return environment
                    self._forget(environment)
                size = len(self._all) + self._starting
                patience = patient_until - time.monotonic()
                if size < self._limit and self._starting < STARTING and (patience <= 0 or not size):
                    self._starting += 1
                    break
                self._changed.wait(patience if patience > 0 else PATIENCE)
        began = time.monotonic()
        try:
            environment = self._start()
        except BaseException:
            with self._changed:
                self._starting -= 1
                self._changed.notify_all()
            raise
        with self._changed:
            self._starting -= 1
            self._all.add(environment)
            self._born[environment] = began
            if self._closed:
                self._forget(environment)
                raise Closed
            self._changed.notify_all()
        return environment

    def _give_back(self, environment: Environment) -> None:
        with self._changed:
            if environment.alive and not self._closed:
                environment.idle_since = time.monotonic()
                self._idle.append(environment)
            else:
                self._forget(environment)
            self._changed.notify()

    def _forget(self, environment: Environment) -> None:
        self._all.discard(environment)
        self._born.pop(environment, None)
        environment.kill()

    def reap(self, idle_seconds: float) -> None:
        """End the environments that nobody used for so long."""
        oldest = time.monotonic() - idle_seconds
        with self._changed:
            for environment in [one for one in self._idle if one.idle_since < oldest]:
                self._idle.remove(environment)
                self._forget(environment)

    def refresh(self) -> None:
        """Load the code anew: idle environments end now, busy ones after their event."""
        with self._changed:
            self._fresh_since = time.monotonic()

    def close(self) -> None:
        """End every environment, in the middle of whatever it does."""
        with self._changed:
            self._closed = True
            environments = list(self._all)
            self._changed.notify_all()
        for environment in environments:
            environment.kill()
