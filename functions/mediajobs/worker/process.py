"""Runs a program that works on hostile media: in its own process group, limited, watched, killed whole."""

import math
import os
import re
import resource
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, cast

from mediajobs.errors import FfmpegFailed, LimitExceeded

#: Seconds between two looks at `check` while the program is silent, at most.
CHECK_INTERVAL = 0.2
#: Seconds that a program has between the request to end and its death; nobody wants what it still writes.
GRACE = 0.5
#: Characters of a line; what is longer is cut.
MAX_LINE = 4096
#: Bytes that a program may write to its output and error streams together.
MAX_OUTPUT = 64 * 2**20

#: Lines of the program's end that an error quotes.
_QUOTED = 4
_PATH = "/usr/local/bin:/usr/bin:/bin"

# The limits are set by prlimit(2) on a shell that waits for them: a preexec_fn would run Python between
# fork and exec, which is not safe beside the worker's other thread. The second reader of the pipe kills the
# group when the worker itself dies, since the pipe then ends.
_SHELL = """
exec 3<&0 </dev/null
read -r _ <&3 || exit 125
{ read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 &
"$@" 3<&-
code=$?
kill -PIPE $!
wait $!
exit $code
"""

#: A bare `name=value` is a figure, such as ffmpeg's progress; anything else is a message.
_FIGURE = re.compile(r"\w+=\s*\S*")
_ADDRESS = re.compile(r" @ 0x[0-9a-f]+")
_LINE_END = re.compile(rb"[\r\n]")
_NO_MEMORY = re.compile(r"cannot allocate memory|bad_alloc|out of memory|malloc .*failed", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """What a program may take; beyond it, the program ends with LimitExceeded."""

    #: Size of any one file it writes: what fits on a worker's disk beside the input.
    file_bytes: int = 8 * 2**30
    #: Address space, which counts threads' reserves too: more than it really uses.
    memory_bytes: int = 8 * 2**30
    #: Seconds of all its threads together: 15 minutes on six cores.
    cpu_seconds: int = 15 * 60 * 6
    open_files: int = 256


DEFAULT_LIMITS = Limits()


def limits_of(seconds: float) -> Limits:
    """The limits of a program that may run so long: all of the machine's processors all the time."""
    cpu_seconds = math.ceil(seconds) * (os.cpu_count() or 1)
    return replace(DEFAULT_LIMITS, cpu_seconds=max(DEFAULT_LIMITS.cpu_seconds, cpu_seconds))


def execute(
    arguments: Sequence[str],
    *,
    directory: Path,
    check: Callable[[], None],
    on_line: Callable[[str], None],
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Run a program in `directory`, and give its output and error lines to `on_line` as they come.

    Nothing of this process's environment reaches it. Whatever `check` or `on_line` raises ends the whole
    process group and goes on to the caller. Raises FfmpegFailed where the program fails, and LimitExceeded.
    """
    cpu_before = _cpu_of_children()
    process = subprocess.Popen(
        ["/bin/sh", "-c", _SHELL, "sh", *arguments],
        cwd=directory,
        env={"PATH": _PATH, "HOME": str(directory), "LANG": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        bufsize=0,
    )
    output = _Output(arguments[0], directory, on_line)
    try:
        _limit(process.pid, limits)
        cast(IO[bytes], process.stdin).write(b"\n")
        _follow(process, output, check)
    except BaseException:
        _end(process)
        raise
    finally:
        _close(process)
    if process.returncode:
        cpu = _cpu_of_children() - cpu_before
        raise _failure(process.returncode, output, limits, cpu)


class _Output:
    """Cuts bytes into clean lines, hands them on, and remembers the last messages."""

    def __init__(self, program: str, directory: Path, on_line: Callable[[str], None]) -> None:
        self.name = Path(program).name.partition("-")[0]
        self.messages: deque[str] = deque(maxlen=_QUOTED)
        self._on_line = on_line
        # The log's reader has no business with the machine's paths; longest first.
        self._private = sorted(
            {(f"{directory}/", ""), (f"{directory.resolve()}/", ""), (program, self.name)},
            key=lambda pair: -len(pair[0]),
        )
        self._rest = b""
        self._total = 0

    def feed(self, data: bytes) -> None:
        self._total += len(data)
        if self._total > MAX_OUTPUT:
            raise LimitExceeded(f"{self.name} wrote more than {_size(MAX_OUTPUT)} of messages")
        *lines, rest = _LINE_END.split(self._rest + data)
        # A UTF-8 character has four bytes at most.
        self._rest = rest[: MAX_LINE * 4]
        for line in lines:
            self._emit(line)

    def finish(self) -> None:
        self._emit(self._rest)
        self._rest = b""

    def _emit(self, raw: bytes) -> None:
        line = raw[: MAX_LINE * 4].decode(errors="replace")[:MAX_LINE].rstrip()
        if not line:
            return
        for private, public in self._private:
            line = line.replace(private, public)
        line = _ADDRESS.sub("", line)
        if not _FIGURE.fullmatch(line):
            self.messages.append(line)
        self._on_line(line)


def _limit(pid: int, limits: Limits) -> None:
    for kind, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_AS, limits.memory_bytes, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files, limits.open_files),
        # A program may take the first signal for a request to finish; it cannot outlive the second.
        (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 5),
    ):
        _, ceiling = resource.prlimit(pid, kind)
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)  # noqa: PLW2901
        resource.prlimit(pid, kind, (soft, hard))


def _follow(process: "subprocess.Popen[bytes]", output: _Output, check: Callable[[], None]) -> None:
    """Read until the program has ended, and look at `check` in between."""
    descriptor = cast(IO[bytes], process.stdout).fileno()
    checked = 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            if time.monotonic() - checked >= CHECK_INTERVAL:
                check()
                checked = time.monotonic()
            if selector.select(CHECK_INTERVAL):
                data = os.read(descriptor, 65536)
                if not data:
                    break
                output.feed(data)
            elif process.poll() is not None:
                break
    output.finish()
    while True:
        check()
        with suppress(subprocess.TimeoutExpired):
            process.wait(CHECK_INTERVAL)
            return


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask the group to end, and kill what is left of it once it is silent or its grace is over."""
    _signal(process, signal.SIGTERM)
    descriptor = cast(IO[bytes], process.stdout).fileno()
    deadline = time.monotonic() + GRACE
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        # The stream ends when nobody of the group holds it any more: they are all gone.
        while (left := deadline - time.monotonic()) > 0:
            if selector.select(left) and not os.read(descriptor, 65536):
                break
    _signal(process, signal.SIGKILL)
    process.wait()


def _close(process: "subprocess.Popen[bytes]") -> None:
    _signal(process, signal.SIGKILL)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    # The group's id is its first process's.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _failure(code: int, output: _Output, limits: Limits, cpu: float) -> FfmpegFailed | LimitExceeded:
    """The error that an exit code, the last messages and the time used stand for."""
    # A shell reports a program that a signal ended as 128 + signal.
    number = -code if code < 0 else code - 128
    said = "\n".join(output.messages)
    name = output.name
    if number == signal.SIGXFSZ or "File too large" in said:
        return LimitExceeded(f"{name} wrote a file over the limit of {_size(limits.file_bytes)}")
    if number == signal.SIGXCPU or cpu >= limits.cpu_seconds:
        return LimitExceeded(f"{name} used more than {limits.cpu_seconds} seconds of processor time")
    if number == signal.SIGKILL or _NO_MEMORY.search(said):
        return LimitExceeded(f"{name} needs more memory than the limit of {_size(limits.memory_bytes)}")
    if "No space left on device" in said:
        return LimitExceeded(f"{name} filled the worker's disk")
    reason = "; ".join(line.strip() for line in output.messages) or "without a word"
    signals = {entry.value: entry.name for entry in signal.Signals}
    ending = f"was ended by {signals[number]}" if number in signals else f"failed with code {code}"
    return FfmpegFailed(f"{name} {ending}: {reason}")


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _size(count: int) -> str:
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 2**power:
            return f"{count / 2**power:g} {unit}"
    return f"{count} bytes"
