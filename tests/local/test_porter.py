"""The porter has a front door up whatever happens to it, and refuses nobody meanwhile."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from infra.local.porter import Porter
from infra.local.sandbox import descendants
from tests.local.test_door import ANSWER, Upstream

REQUEST = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


class Kept:
    """A porter on a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        before = set(descendants(os.getpid()))
        self.porter = Porter(0)
        self._do(self.porter.start())
        (self.door,) = set(descendants(os.getpid())) - before

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def open(self, port: int) -> None:
        self._loop.call_soon_threadsafe(self.porter.open, port, "abc")

    def send(self, _: int | None = None) -> bytes:
        """The answer to a request, up to the end of the connection."""
        port = int(self.porter.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(REQUEST)
            answer = b""
            while part := connection.recv(65536):
                answer += part
            return answer

    def close(self) -> None:
        self._do(self.porter.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def kept() -> Iterator[Kept]:
    made = Kept()
    yield made
    made.close()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream(ANSWER)
    yield server
    server.close()


def test_while_the_stack_starts_the_door_says_so(kept: Kept) -> None:
    assert kept.send().startswith(b"HTTP/1.1 503 ")


def test_a_killed_door_is_followed_by_another_and_nobody_is_refused(
    kept: Kept, upstream: Upstream, until: Callable[..., Any]
) -> None:
    kept.open(upstream.port)
    until(lambda: kept.send() == ANSWER)
    os.kill(kept.door, signal.SIGKILL)
    with ThreadPoolExecutor(20) as clients:
        assert set(clients.map(kept.send, range(20))) == {ANSWER}
    assert kept.door not in descendants(os.getpid())


def test_with_the_porter_the_door_goes(until: Callable[..., Any]) -> None:
    kept = Kept()
    kept.close()
    until(lambda: kept.door not in descendants(os.getpid()))
    with pytest.raises(OSError):
        kept.send()


def test_what_the_door_was_passing_on_is_broken_off(kept: Kept) -> None:
    slow = Upstream(ANSWER, after=5)
    kept.open(slow.port)
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(kept.send)
        while not slow.got:
            time.sleep(0.05)
        os.kill(kept.door, signal.SIGKILL)
        with suppress(ConnectionError):
            assert answer.result(4) == b""
    slow.close()
