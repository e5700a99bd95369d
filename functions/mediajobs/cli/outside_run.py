"""A task on a machine outside: its directory, the job's files by links, and the heartbeats that keep it."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import httpx2

from mediajobs import answer
from mediajobs.client import CallRefused, Client, ServiceAway
from mediajobs.client import call as calls
from mediajobs.errors import MediajobsError, RunLost, SourceNotFound, TaskTimeout, TransferFailed
from mediajobs.tools.tool import File
from mediajobs.tools.workspace import type_of
from mediajobs.worker.process import execute, limits_of

#: Seconds between two heartbeats; each may bring the word to stop.
BEAT_SECONDS = 5.0
#: The service gives a task away after 60 seconds of silence; by then this machine has stopped.
SILENCE_SECONDS = 45.0
#: Seconds that a tool has to come to its end once it is told.
PATIENCE_SECONDS = 3.0
#: Lines of the log that one heartbeat brings, and that wait for it at most.
_LINES, _WAITING = 500, 5000
_MAX_LINE = 4096
_CHUNK = 2**20
_TRIES = 3
_SECONDS = httpx2.Timeout(60.0)


class OutsideRun:
    """Implements `mediajobs.tools.tool.Run` over our API; a context, inside which heartbeats go out."""

    def __init__(self, client: Client, work: answer.Work, directory: Path) -> None:
        #: Nothing here needs to know whose it is.
        self.organization = ""
        self.job_id = work["job_id"]
        self.directory = directory / "run"
        self.directory.mkdir(parents=True)
        # The service knows where each file stands.
        self.files: Mapping[str, File] = {
            file["name"]: File(file["name"], "", file["size"], file["content_type"]) for file in work["files"]
        }
        #: Set once the tool has come to its end.
        self.ended = threading.Event()
        self._client = client
        self._work = work["work"]
        self._seconds = work["seconds"]
        self._cache = directory / "files"
        self._ends = time.monotonic() + work["seconds"]
        self._heard = time.monotonic()
        self._percent: int | None = None
        self._lines: deque[str] = deque(maxlen=_WAITING)
        self._verdict: MediajobsError | None = None
        self._closers: list[Callable[[], None]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def open(self, name: str) -> Path:
        """A local copy of one of the job's files, loaded once. Raises SourceNotFound, TransferFailed."""
        if name not in self.files:
            raise SourceNotFound(f"the job has no file {name!r}")
        # By number: a caller's names never become paths.
        path = self._cache / f"{list(self.files).index(name)}"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            self._transfer(name, None, lambda link: self._load(link, part, self.files[name].size))
            part.rename(path)
        return path

    def save(self, path: Path, name: str) -> File:
        """Leave a local file with the job under `name`. Raises TransferFailed."""
        kind = type_of(name)
        self._transfer(name, kind, lambda link: self._leave(link, path))
        return File(name, "", path.stat().st_size, kind)

    def execute(self, arguments: Sequence[str], *, on_line: Callable[[str], None] | None = None) -> None:
        """Run a program in the sandbox, with as much processor time as the task has."""
        limits, on_line = limits_of(self._seconds), on_line or self.log
        execute(arguments, directory=self.directory, check=self.check, on_line=on_line, limits=limits)

    def log(self, line: str) -> None:
        """One line of the task's log."""
        self._lines.append(line[:_MAX_LINE])

    def progress(self, fraction: float) -> None:
        """Say how far the task is, 0 to 1; the next heartbeat brings it."""
        self.check()
        self._percent = max(self._percent or 0, min(99, int(fraction * 100)))

    def check(self) -> None:
        """Raise RunLost or TaskTimeout if this run must stop."""
        if self._verdict is None and time.monotonic() > self._ends:
            self._verdict = TaskTimeout(f"the task took more than {self._seconds:g} s")
        if self._verdict is not None:
            raise self._verdict

    @contextmanager
    def interruptible(self, close: Callable[[], None]) -> Iterator[None]:
        """While inside, `close` is called when the run must stop."""
        self._closers.append(close)
        try:
            self.check()
            yield
        finally:
            with suppress(ValueError):
                self._closers.remove(close)

    def beat(self) -> None:
        """Say once that the task is being worked on, and what its tool has said. Raises RunLost."""
        lines = [self._lines.popleft() for _ in range(min(_LINES, len(self._lines)))]
        try:
            self._client.send(calls.keep_work(self._work, self._percent, lines))
        except CallRefused as error:
            if error.status == 404:
                raise RunLost("the task was taken away") from None
            self._lines.extendleft(reversed(lines))
        except ServiceAway:
            self._lines.extendleft(reversed(lines))
        else:
            self._heard = time.monotonic()
        if time.monotonic() - self._heard > SILENCE_SECONDS:
            raise RunLost("the service did not answer")

    def _live(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            try:
                self.beat()
                self.check()
            except MediajobsError as verdict:
                self._verdict = verdict
                self._break()
                return

    def _break(self) -> None:
        for close in tuple(self._closers):
            with suppress(Exception):
                close()
        if isinstance(self._verdict, RunLost) and not self.ended.wait(PATIENCE_SECONDS):
            # Another may be at work on it soon: nothing here goes on.
            os._exit(1)

    def _transfer(self, name: str, kind: str | None, move: Callable[[answer.WorkLink], None]) -> None:
        for number in range(_TRIES):
            self.check()
            try:
                link = self._client.send(calls.link_work(self._work, name, kind))
                move(link)
            except CallRefused as error:
                if error.status == 404:
                    raise RunLost("the task was taken away") from None
                raise TransferFailed(f"{name}: {error}") from None
            except (ServiceAway, httpx2.HTTPError) as error:
                if number + 1 == _TRIES:
                    raise TransferFailed(f"{name}: {type(error).__name__}") from error
                time.sleep(1)
            else:
                return

    def _load(self, link: answer.WorkLink, path: Path, size: int) -> None:
        with httpx2.stream("GET", link["url"], timeout=_SECONDS) as response, path.open("wb") as target:
            response.raise_for_status()
            for chunk in response.iter_bytes(_CHUNK):
                self.check()
                target.write(chunk)
        if path.stat().st_size != size:
            raise TransferFailed("a file came incomplete")

    def _leave(self, link: answer.WorkLink, path: Path) -> None:
        headers = {**link["headers"], "content-length": str(path.stat().st_size)}
        httpx2.put(
            link["url"], content=self._chunks(path), headers=headers, timeout=_SECONDS
        ).raise_for_status()

    def _chunks(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as body:
            while chunk := body.read(_CHUNK):
                self.check()
                yield chunk
