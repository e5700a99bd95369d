"""ECS's metadata server, as a container finds it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from tests.moto_account import REGION


class _Metadata(BaseHTTPRequestHandler):
    """What ECS tells a container of itself."""

    def do_GET(self) -> None:
        options = {"awslogs-region": REGION, "awslogs-group": "containers", "awslogs-stream": "run/1"}
        body = json.dumps({"LogOptions": options}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def metadata() -> Iterator[str]:
    """The address that ECS gives to a container."""
    with HTTPServer(("127.0.0.1", 0), _Metadata) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v4/1"
        finally:
            server.shutdown()
            thread.join()
