"""The front door passes every byte of a request and of its answer."""

import asyncio
import json
import socket
import ssl
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.local.certificate import certify, context
from infra.local.door import Door

PREFIX = b"/_aws/execute-api/abc/$default"


class Upstream:
    """A server that remembers what it got, and answers what it is told to, by raw bytes."""

    def __init__(self, answer: bytes, *, after: float = 0.0) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._answer, self._after = answer, after
        self.got: list[tuple[bytes, bytes]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            data = b""
            while b"\r\n\r\n" not in data:
                data += connection.recv(65536)
            head, _, body = data.partition(b"\r\n\r\n")
            length = next(
                (int(one[15:]) for one in head.split(b"\r\n") if one.startswith(b"Content-Length")), 0
            )
            while len(body) < length:
                body += connection.recv(65536)
            self.got.append((head, body))
            time.sleep(self._after)
            connection.sendall(self._answer)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class OpenDoor:
    """A door that serves on a thread of its own."""

    def __init__(
        self, upstream_port: int, *, tls: ssl.SSLContext | None = None, open_it: bool = True
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = listener.getsockname()[1]
        self.door = Door(listener, tls=tls)
        self._do(self.door.start())
        if open_it:
            self.door.open(upstream_port, "abc")

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def send(self, data: bytes) -> bytes:
        """The answer to raw bytes, up to the end of the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(data)
            answer = b""
            while part := connection.recv(65536):
                answer += part
            return answer

    def close(self) -> None:
        async def drain() -> None:
            await self.door.close()
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self._do(drain())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


ANSWER = b"HTTP/1.1 299 Odd\r\nX-One: a\r\nx-one: B\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n\x00\xff end"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream(ANSWER)
    yield server
    server.close()


@pytest.fixture
def door(upstream: Upstream) -> Iterator[OpenDoor]:
    opened = OpenDoor(upstream.port)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "target",
    [
        b"/jobs",
        b"/",
        b"//jobs//x/",
        b"/a%2Fb/%20/%e4%BD%A0?x=%26&y&&z=a+b%20c&x=2",
        b"/./a/../b;c=d?",
        b"/v1/media/1/jobs?filter[status]=a,b",
    ],
)
def test_path_and_query_pass_as_they_are(door: OpenDoor, upstream: Upstream, target: bytes) -> None:
    door.send(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head, _ = upstream.got[0]
    assert head.split(b"\r\n")[0] == b"GET " + PREFIX + target + b" HTTP/1.1"


def test_a_signed_link_is_one_to_s3_and_not_to_the_api(door: OpenDoor, upstream: Upstream) -> None:
    target = b"/bucket/key?X-Amz-Date=1&X-Amz-Signature=ab"
    door.send(b"PUT " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    door.send(b"GET /output?url=X-Amz-Signature%3D HTTP/1.1\r\nHost: localhost\r\n\r\n")
    (link, _), (call, _) = upstream.got
    assert link.startswith(b"PUT " + target + b" HTTP/1.1")
    assert call.startswith(b"GET " + PREFIX + b"/output")


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS", b"PUT", b"PATCH", b"DELETE", b"PURGE"])
def test_every_method_passes(door: OpenDoor, upstream: Upstream, method: bytes) -> None:
    door.send(method + b" /x HTTP/1.1\r\nHost: h\r\n\r\n")
    assert upstream.got[0][0].startswith(method + b" " + PREFIX + b"/x ")


def test_headers_pass_in_their_order_case_and_number(door: OpenDoor, upstream: Upstream) -> None:
    headers = [b"Host: my.host:1234", b"X-b: 1", b"x-A:  two ", b"X-b: 3", b"Cookie: a=1; b=\xe9", b"Empty:"]
    ours = [b"Connection: keep-alive", b"X-Forwarded-Proto: https"]
    door.send(b"\r\n".join([b"GET / HTTP/1.1", *headers, *ours, b"", b""]))
    added = [b"X-Forwarded-Proto: http", b"Connection: close"]
    assert upstream.got[0][0].split(b"\r\n")[1:] == [*headers, *added]


def test_a_body_passes_byte_for_byte(door: OpenDoor, upstream: Upstream) -> None:
    body = bytes(range(256)) * 4000
    head = b"POST /jobs HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body)
    door.send(head + body)
    assert upstream.got[0][1] == body


def test_the_answer_passes_byte_for_byte(door: OpenDoor) -> None:
    assert door.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n") == ANSWER


def test_an_absolute_target_is_taken_for_its_path(door: OpenDoor, upstream: Upstream) -> None:
    door.send(b"GET http://localhost:8080/a?b HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert upstream.got[0][0].startswith(b"GET " + PREFIX + b"/a?b HTTP/1.1")


@pytest.mark.parametrize(
    "request_line", [b"nonsense", b"GET / SMTP/1.0", b"GET x HTTP/1.1", b"OPTIONS * HTTP/1.1"]
)
def test_what_is_no_request_is_refused(door: OpenDoor, upstream: Upstream, request_line: bytes) -> None:
    assert door.send(request_line + b"\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert not upstream.got


def test_a_head_without_end_is_refused(door: OpenDoor) -> None:
    assert door.send(b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000).startswith(b"HTTP/1.1 431 ")


def test_without_the_emulator_the_answer_is_a_problem() -> None:
    opened = OpenDoor(1)
    answer = opened.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    opened.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == 503


def test_two_hundred_slow_answers_wait_side_by_side() -> None:
    server = Upstream(ANSWER, after=2)
    opened = OpenDoor(server.port)
    begin = time.monotonic()
    with ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(opened.send, [b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"] * 200))
    opened.close()
    server.close()
    assert answers == [ANSWER] * 200
    assert time.monotonic() - begin < 15


def test_tls_with_a_throw_away_certificate(upstream: Upstream, tmp_path: Path) -> None:
    trusted = certify(tmp_path)
    opened = OpenDoor(upstream.port, tls=context(tmp_path))
    client = ssl.create_default_context(cafile=str(trusted))
    with (
        socket.create_connection(("127.0.0.1", opened.port)) as plain,
        client.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
        assert connection.recv(65536) == ANSWER
    opened.close()
