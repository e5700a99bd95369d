"""A run for tests of tools: a plain directory as workspace, no AWS, and a hold that a test can take away."""

import mimetypes
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mediajobs.errors import RunLost, SourceNotFound
from mediajobs.tools.tool import File


@dataclass
class LocalRun:
    """A `mediajobs.tools.tool.Run` under `root`; `LocalRun(tmp_path)` is ready to use.

    What the tool said stands in `lines` and `fractions`; `add` lays a file that an earlier task left;
    `lose` takes the hold away, as a cancel does, and may be called from any thread.
    """

    root: Path
    organization: str = "acme"
    job_id: str = "0190b5a2-1f4e-7c3b-9a58-3d2f4c5b6a79"
    files: dict[str, File] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    fractions: list[float] = field(default_factory=list)
    lost: bool = False
    directory: Path = field(init=False)
    _workspace: Path = field(init=False)
    _closers: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.directory = self.root / "run"
        self._workspace = self.root / "workspace"
        self.directory.mkdir(parents=True)
        self._workspace.mkdir()

    @property
    def text(self) -> str:
        """The task's log as one text."""
        return "\n".join(self.lines)

    def add(self, path: Path, name: str | None = None) -> File:
        """Lay a file into the workspace as an earlier task would have."""
        file = self._put(path, name or path.name)
        self.files[file.name] = file
        return file

    def stored(self, name: str) -> Path:
        """Where the workspace keeps a file, saved or added."""
        return self._workspace / name

    def lose(self) -> None:
        """Take the hold away and break what blocks."""
        self.lost = True
        for close in tuple(self._closers):
            close()

    def open(self, name: str) -> Path:
        self.check()
        if name not in self.files:
            raise SourceNotFound(f"the job has no file {name!r}")
        return self.stored(name)

    def save(self, path: Path, name: str) -> File:
        self.check()
        return self._put(path, name)

    def execute(self, arguments: Sequence[str], *, on_line: Callable[[str], None] | None = None) -> None:
        from mediajobs.worker import process

        process.execute(arguments, directory=self.directory, check=self.check, on_line=on_line or self.log)

    def log(self, line: str) -> None:
        self.check()
        self.lines.append(line)

    def progress(self, fraction: float) -> None:
        self.check()
        assert 0 <= fraction <= 1
        self.fractions.append(fraction)

    def check(self) -> None:
        if self.lost:
            raise RunLost("the test took the hold away")

    @contextmanager
    def interruptible(self, close: Callable[[], None]) -> Iterator[None]:
        self.check()
        self._closers.append(close)
        try:
            yield
        finally:
            self._closers.remove(close)

    def _put(self, path: Path, name: str) -> File:
        target = self.stored(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return File(name=name, key=f"local/{name}", size=target.stat().st_size, content_type=content_type)
