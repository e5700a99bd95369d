"""A run as the tool sees it: its directory, the job's files, its log, and whether it may go on."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from mediajobs.errors import RunLost, SourceNotFound
from mediajobs.job import Job
from mediajobs.log import logger
from mediajobs.outage import is_outage
from mediajobs.store.run import write_progress
from mediajobs.tools.tool import File
from mediajobs.worker import workspace
from mediajobs.worker.process import execute, limits_of
from mediajobs.worker.watch import Watch

#: Progress is written in steps of so many percent, so at most 20 times a task, and not faster than this.
STEP_PERCENT = 5
STEP_SECONDS = 2.0


class TaskRun:
    """Implements `mediajobs.tools.tool.Run` over the table, the workspace and the function's log."""

    def __init__(self, job: Job, directory: Path, files: Mapping[str, File], watch: Watch) -> None:
        self.organization = job.organization
        self.job_id = job.id
        self.directory = directory / "run"
        self.files = files
        self._job = job
        self._watch = watch
        self._cache = directory / "files"
        self._percent = 0
        self._written_at = time.monotonic()
        self.directory.mkdir(parents=True)

    def open(self, name: str) -> Path:
        """A local copy of a workspace file, loaded once. Raises SourceNotFound."""
        if name not in self.files:
            raise SourceNotFound(f"the job has no file {name!r}")
        # By number: a caller's names never become paths.
        path = self._cache / f"{list(self.files).index(name)}"
        if not path.exists():
            part = path.with_suffix(".part")
            workspace.load(self.files[name], part, self.check)
            part.rename(path)
        return path

    def save(self, path: Path, name: str) -> File:
        """Put a local file into the workspace under `name`."""
        self.check()
        return workspace.save(path, name, self._job.folder(self._job.place), self.check)

    def execute(self, arguments: Sequence[str], *, on_line: Callable[[str], None] | None = None) -> None:
        """Run a program in the sandbox."""
        limits, on_line = limits_of(self._watch.timeout_seconds), on_line or self.log
        execute(arguments, directory=self.directory, check=self.check, on_line=on_line, limits=limits)

    def log(self, line: str) -> None:
        """One line of the task's log."""
        logger.info(line)

    def progress(self, fraction: float) -> None:
        """Say how far the task is, 0 to 1; written only in steps."""
        self.check()
        percent = min(99, int(fraction * 100) // STEP_PERCENT * STEP_PERCENT)
        if percent > self._percent and time.monotonic() - self._written_at >= STEP_SECONDS:
            self._percent, self._written_at = percent, time.monotonic()
            try:
                write_progress(self._job, percent)
            except RunLost as lost:
                self._watch.lose(lost)
                raise
            except (BotoCoreError, ClientError) as error:
                # Home is away: the next step will tell, and the work itself needs nobody.
                if not is_outage(error):
                    raise
                logger.warning("the progress cannot be told", reason=str(error))

    def check(self) -> None:
        """Raise RunLost or TaskTimeout if this run must stop."""
        self._watch.check()

    @contextmanager
    def interruptible(self, close: Callable[[], None]) -> Iterator[None]:
        """While inside, `close` is called when the run must stop."""
        try:
            self._watch.add(close)
            yield
        finally:
            self._watch.remove(close)
