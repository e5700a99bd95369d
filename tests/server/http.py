"""An HTTP server on loopback that behaves as badly as a test wants."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Route = Callable[["Handler"], None]


@dataclass
class Request:
    """What reached the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A running server: `routes` by path (without query), `requests` in order."""

    routes: dict[str, Route]
    scheme: str = "http"
    host: str = "127.0.0.1"
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    #: Set when the test is over: what stalls may end.
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/") -> str:
        """The URL of a path."""
        return f"{self.scheme}://{self.host}:{self.port}{path}"


class Handler(BaseHTTPRequestHandler):
    """One request; routes write the answer."""

    protocol_version = "HTTP/1.1"
    home: Server
    request_body: bytes

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer; `_` in a header's name stands for `-`."""
        self.send_response(status)
        headers.setdefault("Content_Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.request_body = self.rfile.read(length)
        self.home.requests.append(
            Request(self.command, self.path, dict(self.headers.items()), self.request_body)
        )
        if len(self.request_body) < length:
            self.close_connection = True
            return
        route = self.home.routes.get(self.path.partition("?")[0])
        if route is None:
            self.answer(404)
        else:
            route(self)

    do_GET = do_PUT = do_POST = do_HEAD = _handle  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Clients that go away are part of the tests."""


@contextmanager
def serve(
    routes: dict[str, Route], *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Server]:
    """A server with these routes, at an address of loopback; under TLS where a context is given."""
    server = Server(routes, scheme="https" if tls else "http", host=host)
    handler = type("BoundHandler", (Handler,), {"home": server})
    with _Quiet((host, 0), handler) as listener:
        if tls:
            listener.socket = tls.wrap_socket(
                listener.socket, server_side=True, do_handshake_on_connect=False
            )
        server.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            listener.shutdown()
            thread.join()


@contextmanager
def listen() -> Iterator[tuple[int, list[Any]]]:
    """A listener that must not be reached: its port, and who reached it all the same."""
    hits: list[Any] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.05)
        over = threading.Event()

        def accept() -> None:
            while not over.is_set():
                try:
                    connection, peer = listener.accept()
                except TimeoutError:
                    continue
                hits.append(peer)
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], hits
        finally:
            over.set()
            thread.join()
