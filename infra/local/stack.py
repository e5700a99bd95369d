"""The local stack from outside: start it, stop it, look at it."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from infra.local.emulator import ENVIRONMENTS, ROOT, free_port
from infra.local.fix import Choice
from infra.local.options import FAILED, READY, Options

DIRECTORY = ROOT / ".mediajobs"
PORT = 8080


class StackFailed(Exception):
    """The stack does not start or stop; the message says why."""


@dataclass(frozen=True)
class Local:
    """A running stack, as its local.json says."""

    url: str
    console_url: str
    api_key: str
    organization_id: str
    home_region: str
    regions: tuple[str, ...]
    media_buckets: dict[str, str]
    endpoint_url: str
    pid: int
    emulator_pid: int
    data: str | None
    ca_file: str | None

    @classmethod
    def read(cls, directory: Path) -> "Local":
        """Raises FileNotFoundError where no stack is up."""
        values: dict[str, Any] = json.loads((directory / "local.json").read_text())
        return cls(**{**values, "regions": tuple(values["regions"])})


def running(directory: Path = DIRECTORY) -> int | None:
    """The process that holds the directory, if there is one; a stale pid file alone is none."""
    while True:
        try:
            with (directory / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return None
        except FileNotFoundError:
            return None
        except BlockingIOError:
            # While it starts and while it ends it holds the lock without a pid file.
            with suppress(FileNotFoundError, ValueError):
                return int((directory / "local.pid").read_text())
            time.sleep(0.01)


def up(
    directory: Path = DIRECTORY,
    *,
    data: Path | None = None,
    port: int | None = None,
    tls: bool = False,
    fixes: Choice = Choice.ALL,
    environments: int = ENVIRONMENTS,
    record: Path | None = None,
    say: Callable[[str], None] = print,
) -> Local:
    """Start a stack in the background and wait until it is up; an already running one is left as it is.

    Without a port it is 8080, or another if that is taken. `record` is a file for every call that reaches
    the emulator. Raises StackFailed.
    """
    if pid := running(directory):
        say(f"already up (process {pid})")
        return _await(directory)
    if port is None:
        port = free_port(PORT)
        if port != PORT:
            say(f"port {PORT} is taken, so {port} it is")
    elif port and free_port(port) != port:
        raise StackFailed(f"port {port} is taken")
    directory.mkdir(parents=True, exist_ok=True)
    options = Options(
        directory.resolve(),
        data.resolve() if data else None,
        port,
        tls,
        fixes,
        environments,
        record.resolve() if record else None,
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.local.host", *options.arguments()],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'functions'}{os.pathsep}{ROOT}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    failure = ""
    with cast(IO[str], process.stdout) as report:
        for line in report:
            if line == f"{READY}\n":
                # It stays; its exit code is nobody's.
                process.returncode = 0
                return Local.read(directory)
            if failure or line.startswith(FAILED):
                failure += line
            else:
                say(line.rstrip("\n"))
    process.wait()
    raise StackFailed(failure.rstrip() or f"the stack did not start: see {directory}/local.log")


def _await(directory: Path, seconds: float = 120) -> Local:
    """Wait for a stack that another process is starting."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            return Local.read(directory)
        except FileNotFoundError:
            time.sleep(0.2)
        if not running(directory):
            break
    raise StackFailed(f"the stack does not come up: see {directory}/local.log")


def down(directory: Path = DIRECTORY, *, seconds: float = 60) -> bool:
    """Stop the stack; its data is saved where it keeps any. False if none runs. Raises StackFailed."""
    pid = running(directory)
    if pid is None:
        for name in ("local.json", "local.pid"):
            (directory / name).unlink(missing_ok=True)
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while running(directory):
        if time.monotonic() > deadline:
            raise StackFailed(f"process {pid} does not end: see {directory}/local.log")
        time.sleep(0.05)
    return True


def trouble(directory: Path = DIRECTORY) -> str | None:
    """What is wrong with the stack; None if it is up and well."""
    if running(directory) is None:
        return "not running"
    try:
        local = Local.read(directory)
    except FileNotFoundError:
        return "starting"
    try:
        os.kill(local.emulator_pid, 0)
    except ProcessLookupError:
        return f"the emulator has died: see {directory}/local.log, then down and up"
    return None
