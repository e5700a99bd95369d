"""The Lambda runtime API of one execution environment, as AWS's own runtime client speaks it."""

import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from queue import SimpleQueue


@dataclass(frozen=True)
class Invocation:
    """One event on its way to the handler."""

    request_id: str
    #: The function's ARN as the caller named it.
    arn: str
    payload: bytes
    #: Milliseconds since the epoch.
    deadline: int


@dataclass(frozen=True)
class Ready:
    """The handler is loaded and asks for its first event."""


@dataclass(frozen=True)
class InitFailed:
    """The handler cannot be loaded."""

    error: bytes


@dataclass(frozen=True)
class Answered:
    """The handler returned, or raised."""

    request_id: str
    body: bytes
    failed: bool


@dataclass(frozen=True)
class Exited:
    """The environment's process is gone; a negative code is the signal that killed it."""

    code: int


News = Ready | InitFailed | Answered | Exited


class RuntimeApi:
    """A server on a loopback port of its own; what the environment says arrives in `news`."""

    def __init__(self) -> None:
        self.news: SimpleQueue[News] = SimpleQueue()
        self._next: SimpleQueue[Invocation | None] = SimpleQueue()
        self._ready = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True, name="runtime-api").start()

    @property
    def address(self) -> str:
        """What AWS_LAMBDA_RUNTIME_API says: host and port."""
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def deliver(self, invocation: Invocation) -> None:
        """Hand an event to the environment, which takes it when it next asks."""
        self._next.put(invocation)

    def next(self) -> Invocation | None:
        """Wait for the next event; None when the environment is to end."""
        if not self._ready:
            self._ready = True
            self.news.put(Ready())
        return self._next.get()

    def close(self) -> None:
        """Release whoever waits, and the port."""
        self._next.put(None)
        with suppress(OSError):
            # Closing alone does not wake the thread that accepts.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(
                    target=self._serve, args=(connection,), daemon=True, name="runtime-api"
                ).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):
            _Handler(connection, self)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, connection: socket.socket, runtime: RuntimeApi) -> None:
        self.runtime = runtime
        super().__init__(connection, connection.getpeername(), None)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        invocation = self.runtime.next()
        if invocation is None:
            self.close_connection = True
            return
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
        }
        self._reply(200, invocation.payload, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match self.path.split("/")[-2:]:
            case ["init", "error"]:
                self.runtime.news.put(InitFailed(body))
            case [request_id, "response" | "error" as kind]:
                self.runtime.news.put(Answered(request_id, body, failed=kind == "error"))
        self._reply(202, json.dumps({"status": "OK"}).encode(), {"Content-Type": "application/json"})

    def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the environment's own output is the log."""
