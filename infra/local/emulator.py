"""The emulator of AWS, in a child process of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.error import URLError
from urllib.request import urlopen

from botocore.config import Config
from botocore.session import Session

from infra.local.fix import Choice

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "000000000000"
#: What any client of the emulator needs beside its URL; the key names the account.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "local"}
#: Execution environments of one function at the same time.
ENVIRONMENTS = 20
#: It starts in two or three, on a machine that does nothing else.
START_SECONDS = 180


class EmulatorFailed(Exception):
    """The emulator does not start, or ended by itself."""


def free_port(wanted: int = 0) -> int:
    """A free loopback port: the wanted one if it is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EmulatorFailed("no free port")


def _kept_port(state: Path) -> int:
    """The port of last time, because the data is full of it; if that is taken, the data moves to another."""
    state.mkdir(parents=True, exist_ok=True)
    note = state / "port"
    before = int(note.read_text()) if note.exists() else 0
    port = free_port(before)
    if before and port != before:
        for file in (state / "state").glob("*.json"):
            file.write_text(file.read_text().replace(f"localhost:{before}", f"localhost:{port}"))
    note.write_text(str(port))
    return port


@dataclass
class Emulator:
    """A started emulator; `state` keeps its data over a graceful stop."""

    port: int
    process: subprocess.Popen[bytes]
    #: Where it and its functions put temporary files; gone with it.
    scratch: Path

    @classmethod
    def start(
        cls,
        *,
        state: Path | None = None,
        source: Path = ROOT / "functions",
        environments: int = ENVIRONMENTS,
        fixes: Choice = Choice.ALL,
        record: Path | None = None,
        scratch: Path | None = None,
        output: IO[bytes] | int | None = None,
    ) -> "Emulator":
        """Start one on a free port; `output` gets its log, `record` what `infra.meter` counts, and `scratch`
        is for temporary files, emptied first.

        Raises EmulatorFailed.
        """
        port = _kept_port(state) if state else free_port()
        command = [sys.executable, "-m", "infra.local.server", "--port", str(port), "--source", str(source)]
        command += ["--environments", str(environments), "--fixes", fixes]
        if state:
            command += ["--state", str(state)]
        if record:
            command += ["--record", str(record)]
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir(parents=True)
        else:
            scratch = Path(tempfile.mkdtemp(prefix="mediajobs-emulator-"))
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**_environment(), "TMPDIR": str(scratch)},
            # The end of this pipe tells it that we are gone.
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        emulator = cls(port, process, scratch)
        emulator._await_health()
        return emulator

    @property
    def endpoint_url(self) -> str:
        """Where every AWS service is."""
        return f"http://127.0.0.1:{self.port}"

    def _await_health(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self._close()
                raise EmulatorFailed(f"the emulator ended with code {self.process.returncode}")
            try:
                with urlopen(f"{self.endpoint_url}/_ministack/health", timeout=1):  # noqa: S310
                    return
            except (URLError, OSError):
                time.sleep(0.05)
        self.kill()
        raise EmulatorFailed("the emulator does not answer")

    def client(self, service: str, region: str) -> Any:
        """A client of one service in one region."""
        return client(self.endpoint_url, service, region)

    def save(self) -> None:
        """Have it save its data soon, as it does at a graceful stop."""
        self.process.send_signal(signal.SIGUSR1)

    def stop(self) -> None:
        """End it; its data is saved if it keeps any."""
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close()

    def kill(self) -> None:
        """End it as a power cut would; its functions go with it."""
        self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        shutil.rmtree(self.scratch, ignore_errors=True)


def client(endpoint_url: str, service: str, region: str) -> Any:
    """A client of one service of an emulator in one region."""
    return Session().create_client(
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(
            inject_host_prefix=False,
            retries={"total_max_attempts": 1},
            read_timeout=120,
            max_pool_connections=50,
        ),
    )


def _environment() -> dict[str, str]:
    """This process's environment without what would lead an AWS client elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, **CREDENTIALS, "PYTHONPATH": f"{ROOT / 'functions'}{os.pathsep}{ROOT}"}
