"""The front door: one stable URL, behind it the console and the emulated HTTP API of the home region, the API
byte for byte.

One request a connection: the request's head gets the API's path in front and `Connection: close`, and from
then on bytes pass in both directions until the API has answered.

A process of its own (`python -m infra.local.door SOCKET [CERTIFICATES]`), put up by `infra.local.porter`.
"""

import asyncio
import json
import socket
import ssl
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from infra.local import page

#: Bytes of a request's head; the API itself allows 10 KB of headers.
HEAD_LIMIT = 64 * 1024
#: Seconds for a client to send the head.
HEAD_SECONDS = 30
#: Bytes that pass at a time.
CHUNK = 64 * 1024
#: Clients that may wait to be taken in.
BACKLOG = 1024


class Door:
    """Serves a listening socket; forwards nothing until `open` says whereto."""

    def __init__(self, listener: socket.socket, *, tls: ssl.SSLContext | None = None) -> None:
        self._listener = listener
        self._tls = tls
        self._server: asyncio.Server
        self._target: tuple[str, int] | None = None
        self._prefix = b""

    async def start(self) -> None:
        """Take in who comes."""
        self._server = await asyncio.start_server(
            self._serve, sock=self._listener, limit=HEAD_LIMIT, ssl=self._tls, backlog=BACKLOG
        )

    def open(self, port: int, api_id: str) -> None:
        """Forward to an API of the emulator on that loopback port."""
        self._target = "127.0.0.1", port
        # By path and not by host name, so that the client's Host header stays and no slash is lost.
        self._prefix = f"/_aws/execute-api/{api_id}/$default".encode()

    async def close(self) -> None:
        """Stop listening."""
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._forward(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, ssl.SSLError):
            # The client left, or never said what it wants.
            pass
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
        except asyncio.LimitOverrunError:
            await _problem(writer, 431, "The request's head is too large")
            return
        rewritten = _rewritten(head, self._prefix, b"https" if self._tls else b"http")
        if rewritten is None:
            await _problem(writer, 400, "The request cannot be read")
            return
        if self._target is None:
            await _problem(writer, 503, "The local stack is starting")
            return
        if (asked := page.asked(head)) is not None:
            writer.write(page.answer(*asked, storage="http://{}:{}".format(*self._target)))
            await writer.drain()
            return
        try:
            back, there = await asyncio.open_connection(*self._target, limit=CHUNK)
        except OSError:
            await _problem(writer, 503, "The emulator does not answer: see `make status`")
            return
        there.write(rewritten)
        upward = asyncio.create_task(_pass(reader, there))
        try:
            await _pass(back, writer)
        finally:
            upward.cancel()
            there.close()


async def _pass(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(CHUNK):
            sink.write(chunk)
            await sink.drain()


def _rewritten(head: bytes, prefix: bytes, scheme: bytes) -> bytes | None:
    """The head as the emulator gets it; None if it is no HTTP/1 request for a path.

    As API Gateway does, it says by which scheme the client came. A signed link is one to S3, which in AWS has
    an address of its own.
    """
    request, *lines = head[:-4].split(b"\r\n")
    try:
        method, target, version = request.split(b" ")
    except ValueError:
        return None
    if target.startswith((b"http://", b"https://")):
        parts = urlsplit(target)
        target = (parts.path or b"/") + (b"?" + parts.query if parts.query else b"")
    if not version.startswith(b"HTTP/1.") or not target.startswith(b"/"):
        return None
    ours = (b"connection:", b"x-forwarded-proto:")
    kept: Sequence[bytes] = [line for line in lines if not line.lower().startswith(ours)]
    is_signed = b"X-Amz-Signature=" in target.partition(b"?")[2]
    request = b" ".join((method, target if is_signed else prefix + target, version))
    return b"\r\n".join((request, *kept, b"X-Forwarded-Proto: " + scheme, b"Connection: close", b"", b""))


async def _problem(writer: asyncio.StreamWriter, status: int, title: str) -> None:
    body = json.dumps({"type": "about:blank", "title": title, "status": status}).encode()
    head = f"HTTP/1.1 {status} Local\r\nContent-Type: application/problem+json\r\nConnection: close\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    await writer.drain()


async def _keep_open(listener: socket.socket, tls: ssl.SSLContext | None) -> None:
    """Serve until the standard input ends; each of its lines says whereto."""
    told = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(told), sys.stdin.buffer
    )
    door = Door(listener, tls=tls)
    await door.start()
    while line := await told.readline():
        door.open(**json.loads(line))
    await door.close()


def _context(certificates: list[str]) -> ssl.SSLContext | None:
    if not certificates:
        return None
    # Not above: most doors have none, and it takes longer to load than all the rest.
    from infra.local.certificate import context

    return context(Path(certificates[0]))


if __name__ == "__main__":
    number, *rest = sys.argv[1:]
    asyncio.run(_keep_open(socket.socket(fileno=int(number)), _context(rest)))
