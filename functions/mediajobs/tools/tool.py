"""What a tool is, and what it may do while it holds its task.

A tool `family:verb` is the module `mediajobs.tools.family.verb` with

    WORKER: Worker                    which worker runs it
    class Parameters(Model)           its JSON Schema is the tool's documentation
    def run(run: Run, parameters: Parameters) -> Result

A tool that brings files into the job may also have

    def input_name(parameters: Parameters) -> str      the first of them, by which jobs are found

One that MediaConvert can do in the place of its worker has

    def executor(parameters: Parameters) -> str | None      the executor that its parameters ask for
    def conversion(parameters: Parameters, source: str, *, place, target)      see `catalog.conversion`

The module is imported at submission too, so what only `run` needs is imported inside it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict


class Worker(StrEnum):
    """The function that runs a task; each has its own permissions."""

    #: Reaches the network, the credentials and the media buckets; never runs ffmpeg.
    STORAGE = "storage"
    #: Runs ffmpeg; reaches nothing but the job's workspace.
    MEDIA = "media"


class Model(BaseModel):
    """What callers send: immutable, nothing unknown is let in, and errors do not repeat the input."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True)
class File:
    """A file of the job's workspace: `name` is how tasks speak of it, `key` its exact S3 object."""

    name: str
    key: str
    size: int
    content_type: str


@dataclass(frozen=True)
class Usage:
    """What a task consumed and made; seconds of picture (or of sound where there is none), bytes."""

    seconds_in: float = 0
    seconds_out: float = 0
    bytes_in: int = 0
    bytes_out: int = 0


@dataclass(frozen=True)
class Result:
    """What a task leaves: files for the tasks after it, figures, and what the tool found (JSON)."""

    files: Sequence[File] = ()
    usage: Usage = Usage()
    data: Mapping[str, Any] = field(default_factory=dict)


class Hold(Protocol):
    """The right to work for a job, which can end. Every method raises RunLost once it is lost."""

    organization: str
    #: The job's id, for what other systems keep about us (session names); never a permission.
    job_id: str

    def log(self, line: str) -> None:
        """Write one line to the task's log."""

    def progress(self, fraction: float) -> None:
        """Say how far the task is, 0 to 1; cheap to call often."""

    def check(self) -> None:
        """Raise RunLost or TaskTimeout if this run must stop; call it in every loop that moves bytes."""

    def interruptible(self, close: Callable[[], None]) -> AbstractContextManager[None]:
        """While inside, `close` is called from another thread when the run is lost, to break a blocking
        read or write."""


class Run(Hold, Protocol):
    """One worker's hold on one task."""

    #: A directory of this run alone, empty at first, removed after it.
    directory: Path

    @property
    def files(self) -> Mapping[str, File]:
        """The files that earlier tasks left, by name; a later task's file replaces one of the same name."""

    def open(self, name: str) -> Path:
        """A local copy of a workspace file, loaded once. Raises SourceNotFound."""

    def save(self, path: Path, name: str) -> File:
        """Put a local file into the workspace under `name` (may contain `/`)."""

    def execute(self, arguments: Sequence[str], *, on_line: Callable[[str], None] | None = None) -> None:
        """Run a program in the sandbox, in `directory`; its output goes line by line to the task's log,
        or to `on_line` instead where given. Raises FfmpegFailed, LimitExceeded, TaskTimeout."""
