"""Watches over a run from a thread of its own, whatever the tool is doing.

Every few seconds it looks at the job's row. Once the run is lost or its time is over it says so to the tool,
breaks what the tool may be blocked in, and, if the tool still does not come to its end, ends the process.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from mediajobs.errors import MediajobsError, RunLost, TaskTimeout
from mediajobs.job import Job
from mediajobs.log import logger
from mediajobs.store.run import is_lost

#: Seconds between two looks at the row.
LOOK_SECONDS = 5.0
#: Seconds that a tool has to come to its end once it is told.
PATIENCE_SECONDS = 3.0


class Watch:
    """A context: inside it the run is watched. Times are seconds of the monotonic clock."""

    def __init__(self, job: Job, *, ends: float, timeout_seconds: int) -> None:
        self._job = job
        self._ends = ends
        self.timeout_seconds = timeout_seconds
        self._verdict: MediajobsError | None = None
        self._closers: list[Callable[[], None]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        #: What is done before the process ends itself, because the tool did not.
        self.last_words: Callable[[MediajobsError], None] = lambda _: None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Raise RunLost or TaskTimeout once the run has to stop."""
        if self._verdict is None and time.monotonic() > self._ends:
            self._verdict = self._timeout()
        if self._verdict is not None:
            raise self._verdict

    def lose(self, lost: RunLost) -> None:
        """The tool's own thread has seen that the run is lost."""
        self._verdict = lost

    def add(self, close: Callable[[], None]) -> None:
        """Call `close` when the run has to stop. Raises like `check` if it has to already."""
        self._closers.append(close)
        # Looked at after: whoever sets the verdict calls the closers that are there by then.
        self.check()

    def remove(self, close: Callable[[], None]) -> None:
        """Do not call it any more."""
        with suppress(ValueError):
            self._closers.remove(close)

    def _watch(self) -> None:
        while not self._over.wait(min(LOOK_SECONDS, max(0.0, self._ends - time.monotonic()))):
            if time.monotonic() >= self._ends:
                self._verdict = self._timeout()
            elif self._is_lost():
                self._verdict = RunLost("the run was taken away")
            if self._verdict is not None:
                self._break()
                return

    def _is_lost(self) -> bool:
        try:
            return is_lost(self._job)
        except Exception:  # a look that fails says nothing: the next one will
            logger.warning("the job's row cannot be read", exc_info=True)
            return False

    def _break(self) -> None:
        for close in tuple(self._closers):
            with suppress(Exception):
                close()
        if not self._over.wait(PATIENCE_SECONDS):
            logger.error("the tool does not stop; the worker ends itself")
            try:
                self.last_words(self._verdict or self._timeout())
            finally:
                os._exit(1)

    def _timeout(self) -> TaskTimeout:
        return TaskTimeout(f"the task took more than {self.timeout_seconds} s")
