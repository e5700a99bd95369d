"""Keeps the front door: one process after the other on the same listening socket.

The socket is the porter's own, so that while no door is up clients wait for the next one and none is refused;
what the dead one was passing on is broken off.
"""

import asyncio
import json
import logging
import os
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import IO

from infra import site
from infra.local.door import BACKLOG
from infra.local.emulator import ROOT

#: Seconds from the start of a door to that of the next one, at least.
PAUSE = 0.5

logger = logging.getLogger("mediajobs.local")


class Porter:
    """Listens on a loopback port, by https if there are certificates. Raises OSError if the port is taken."""

    def __init__(self, port: int, *, certificates: Path | None = None, log: IO[bytes] | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
        self._certificates = certificates
        self._log = log
        self._target = b""
        self._door: Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where clients come to, without a slash at its end."""
        scheme = "https" if self._certificates else "http"
        return f"{scheme}://localhost:{self._listener.getsockname()[1]}"

    @property
    def console_url(self) -> str:
        """Where the console is."""
        return self.url + site.PATH

    async def start(self) -> None:
        """Put a door up, and another whenever one has died."""
        await self._put_up()
        self._keeping = asyncio.create_task(self._keep())

    def open(self, port: int, api_id: str) -> None:
        """Have doors forward to an API of the emulator on that loopback port."""
        self._target = json.dumps({"port": port, "api_id": api_id}).encode() + b"\n"
        self._tell()

    async def close(self) -> None:
        """Take the door away, and listen no more."""
        if self._keeping:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        self._let_go()
        if self._door:
            await self._door.wait()
        self._listener.close()

    async def _keep(self) -> None:
        while self._door:
            begin = time.monotonic()
            code = await self._door.wait()
            self._let_go()
            logger.error("the front door ended by itself with code %s", code)
            await asyncio.sleep(max(0.0, PAUSE - (time.monotonic() - begin)))
            await self._put_up()

    async def _put_up(self) -> None:
        number = self._listener.fileno()
        self._door = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "infra.local.door", str(number)),
            *([str(self._certificates)] if self._certificates else []),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'functions'}{os.pathsep}{ROOT}"},
            stdin=PIPE,
            stdout=self._log or DEVNULL,
            stderr=self._log or DEVNULL,
            pass_fds=(number,),
            start_new_session=True,
        )
        self._tell()

    def _let_go(self) -> None:
        """A door whose input ends goes away."""
        if self._door and self._door.stdin:
            self._door.stdin.close()

    def _tell(self) -> None:
        if self._target and self._door and self._door.stdin:
            self._door.stdin.write(self._target)
