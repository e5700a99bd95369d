"""The whole local stack for tests: started once a session, in a directory of its own and on free ports.

A test module, or its conftest.py, that wants it says `from tests.stack import stack`.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from infra.local import stack as local_stack
from infra.local.caller import Caller
from infra.local.emulator import client
from infra.local.fix import Choice
from infra.local.sandbox import descendants


class RunningStack:
    """A started stack that keeps its data over a restart."""

    def __init__(self, directory: Path, *, fixes: Choice = Choice.ALL, tls: bool = False) -> None:
        self.directory = directory
        self._fixes = fixes
        self._tls = tls
        self._port = 0
        self._clients: dict[tuple[str, str], Any] = {}
        self.local = self._up()

    def _up(self) -> local_stack.Local:
        lines: list[str] = []
        local = local_stack.up(
            self.directory,
            data=self.directory / "data",
            port=self._port,
            tls=self._tls,
            fixes=self._fixes,
            say=lines.append,
        )
        # The same URL after a restart.
        self._port = int(local.url.rpartition(":")[2])
        return local

    @property
    def url(self) -> str:
        return self.local.url

    @property
    def api_key(self) -> str:
        return self.local.api_key

    @property
    def organization_id(self) -> str:
        return self.local.organization_id

    @property
    def endpoint_url(self) -> str:
        return self.local.endpoint_url

    @property
    def ca_file(self) -> str | None:
        """What clients have to trust, if it is reached by https."""
        return self.local.ca_file

    @property
    def home_region(self) -> str:
        return self.local.home_region

    @property
    def log(self) -> str:
        """What the stack's processes have said."""
        return (self.directory / "local.log").read_text()

    def media_bucket(self, region: str | None = None) -> str:
        """The bucket for the organizations' media in a region, home by default."""
        return self.local.media_buckets[region or self.home_region]

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of an emulated AWS service, in the home region by default."""
        key = service, region or self.home_region
        if key not in self._clients:
            self._clients[key] = client(self.endpoint_url, *key)
        return self._clients[key]

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """What the HTTP API answers to the admin key. Raises infra.local.caller.CallFailed."""
        return Caller(self.local).call(method, path, body, headers)

    def submit(self, *tasks: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Submit a job of these tasks."""
        job: dict[str, Any] = self.call("POST", "/jobs", {"tasks": list(tasks), **fields})
        return job

    def job(self, job_id: str) -> dict[str, Any]:
        """A job as it is now."""
        job: dict[str, Any] = self.call("GET", f"/jobs/{job_id}")
        return job

    def wait(self, job_id: str, *statuses: str, seconds: float = 60) -> dict[str, Any]:
        """The job as soon as it has one of the statuses: by default, when it has ended."""
        wanted = statuses or ("Success", "Failed", "Cancelled")
        deadline = time.monotonic() + seconds
        while (job := self.job(job_id))["status"] not in wanted:
            assert time.monotonic() < deadline, f"not {wanted} after {seconds} s: {job}"
            time.sleep(0.1)
        return job

    def restart(self) -> None:
        """Stop gracefully and start again: the data, the key and the URL stay."""
        self.stop()
        self.start()

    def start(self) -> None:
        """Start again after `stop` or `kill`."""
        self.local = self._up()

    def stop(self) -> None:
        """Stop gracefully."""
        self._close()
        local_stack.down(self.directory)

    def save(self) -> None:
        """Have all data saved soon: of what was made since the last time, a `kill` leaves only the table."""
        os.kill(self.local.emulator_pid, signal.SIGUSR1)

    def kill(self) -> None:
        """End everything at once, without a word to anybody."""
        self._close()
        pid = local_stack.running(self.directory)
        assert pid is not None
        # The host first, or it would put up another door.
        family = [pid, *descendants(pid)]
        for each in family:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        while local_stack.running(self.directory) or any(_is_alive(each) for each in family):
            time.sleep(0.02)

    def _close(self) -> None:
        for each in self._clients.values():
            each.close()
        self._clients.clear()


def _is_alive(pid: int) -> bool:
    """Whether it still holds what it had open; a zombie does not."""
    try:
        state = (Path("/proc") / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The session's stack."""
    running = RunningStack(tmp_path_factory.mktemp("stack"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def secure_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """Another one, for clients that insist on https."""
    running = RunningStack(tmp_path_factory.mktemp("secure"), tls=True)
    yield running
    running.stop()
