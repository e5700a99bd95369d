"""One execution environment: a process that runs one function's handler, one event at a time."""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import IO, Protocol, cast

from infra.local import sandbox
from infra.local.runtime import Answered, Exited, InitFailed, Invocation, Ready, RuntimeApi

#: Seconds a handler may take to load; AWS allows 10, on a machine that does nothing else.
INIT_SECONDS = 60
#: Lines of an invocation that its caller may see.
TAIL = 50

# One thread starts them all and looks for their orphans, so that it never takes a new one for an orphan.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="environment-starter")
_running: set[int] = set()


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to: the handler's JSON, or an error as Lambda words it."""

    body: bytes
    failed: bool


class Log(Protocol):
    """Where an environment's lines go."""

    def write(self, line: str) -> None:
        """Append a line."""

    def started(self, request_id: str) -> None:
        """Note the start of an invocation."""

    def ended(self, request_id: str, seconds: float, memory: int) -> None:
        """Note the end of an invocation."""


def _error(kind: str, message: str) -> Outcome:
    return Outcome(json.dumps({"errorType": kind, "errorMessage": message}).encode(), failed=True)


def _bury(pid: int) -> None:
    _running.discard(pid)
    sandbox.kill_orphans(_running)


class Environment:
    """A started process; `log` gets each line that it prints, as it comes."""

    def __init__(
        self, handler: str, *, root: Path, variables: Mapping[str, str], memory: int, log: Log
    ) -> None:
        self._api = RuntimeApi()
        self._log = log
        self._memory = memory
        self._tail: deque[str] = deque(maxlen=TAIL)
        self._loaded = False
        #: When it was last given back, by the monotonic clock.
        self.idle_since = time.monotonic()
        #: As in Lambda, no environment sees the temporary files of another.
        self._disk = Path(tempfile.mkdtemp(prefix="environment-"))
        self._process = _starter.submit(self._start, handler, root, variables).result()
        self._output = cast(IO[bytes], self._process.stdout)
        self._reading = threading.Lock()
        self._partial = b""
        threading.Thread(target=self._read, daemon=True, name="environment-output").start()
        threading.Thread(target=self._wait, daemon=True, name="environment-exit").start()

    @property
    def alive(self) -> bool:
        """Whether it can take another event."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process, which leads a session of its own."""
        return self._process.pid

    def _start(self, handler: str, root: Path, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-P", str(Path(sandbox.__file__)), handler],
            cwd=root,
            env={
                **variables,
                "TMPDIR": str(self._disk),
                "AWS_LAMBDA_RUNTIME_API": self._api.address,
                "_HANDLER": handler,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        _running.add(process.pid)
        return process

    def _read(self) -> None:
        """Write lines as they come, to the end of the output."""
        ready = select.poll()
        ready.register(self._output, select.POLLIN)
        while True:
            ready.poll()
            if not self._drain():
                return

    def _drain(self) -> bool:
        """Write what has come so far; False at the end of the output."""
        ready = select.poll()
        ready.register(self._output, select.POLLIN)
        with self._reading:
            while ready.poll(0):
                chunk = os.read(self._output.fileno(), 65536)
                *lines, self._partial = (self._partial + chunk).split(b"\n")
                if not chunk and self._partial:
                    lines.append(self._partial)
                for line in lines:
                    self._write(line.decode(errors="replace"))
                if not chunk:
                    return False
        return True

    def _write(self, line: str) -> None:
        self._tail.append(line)
        self._log.write(line)

    def _wait(self) -> None:
        code = self._process.wait()
        self._api.news.put(Exited(code))
        # What it started goes with it, as a sandbox does as a whole.
        sandbox.kill_tree(self._process.pid)
        _starter.submit(_bury, self._process.pid)
        shutil.rmtree(self._disk, ignore_errors=True)

    def invoke(self, request_id: str, arn: str, payload: bytes, seconds: float) -> Outcome:
        """Run the handler on one event; after a failure other than the handler's own it is not `alive`."""
        self._tail.clear()
        self._log.started(request_id)
        begin = time.monotonic()
        try:
            return self._run(request_id, arn, payload, seconds)
        finally:
            self._log.ended(request_id, time.monotonic() - begin, self._memory)

    @property
    def tail(self) -> str:
        """The last lines of the last invocation."""
        return "\n".join(self._tail)

    def _run(self, request_id: str, arn: str, payload: bytes, seconds: float) -> Outcome:
        prefix = f"RequestId: {request_id} Error: "
        if not self._loaded and (failure := self._load(prefix)):
            return failure
        deadline = time.time() + seconds
        self._api.deliver(Invocation(request_id, arn, payload, int(deadline * 1000)))
        while True:
            try:
                news = self._api.news.get(timeout=max(0.0, deadline - time.time()))
            except Empty:
                self.kill()
                message = f"{prefix}Task timed out after {seconds:.2f} seconds"
                self._write(message)
                return _error("Sandbox.Timedout", message)
            match news:
                case Answered(answered, body, failed) if answered == request_id:
                    # Its last lines are in the pipe, and belong before its end.
                    self._drain()
                    return Outcome(body, failed)
                case Exited(code):
                    return self._exited(prefix, code)

    def _load(self, prefix: str) -> Outcome | None:
        """Wait until the handler is loaded; a failure otherwise."""
        try:
            news = self._api.news.get(timeout=INIT_SECONDS)
        except Empty:
            self.kill()
            return _error("Sandbox.Timedout", f"{prefix}Init timed out after {INIT_SECONDS:.2f} seconds")
        match news:
            case Ready():
                self._loaded = True
                return None
            case InitFailed(error):
                self.kill()
                return Outcome(error, failed=True)
            case Exited(code):
                return self._exited(prefix, code)
        raise AssertionError(news)

    def _exited(self, prefix: str, code: int) -> Outcome:
        how = f"signal: {-code}" if code < 0 else f"exit status {code}"
        message = f"{prefix}Runtime exited with error: {how}"
        self._write(message)
        return _error("Runtime.ExitError", message)

    def kill(self) -> None:
        """End it and all it started, at once."""
        if self.alive:
            sandbox.kill_tree(self._process.pid)
        self._process.wait()
        self._api.close()
