"""An FTP(S) server on loopback."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# pyftpdlib stands on a module that Python 3.11 calls deprecated.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

USER, PASSWORD = "mover", "p@ss word/1"


class _ImplicitHandler(TLS_FTPHandler):  # type: ignore[misc]
    """TLS from the first byte."""

    def handle(self) -> None:
        self.secure_connection(self.ssl_context)

    def handle_ssl_established(self) -> None:
        FTPHandler.handle(self)


@contextmanager
def serve(
    root: Path,
    *,
    certificate: Path | None = None,
    implicit: bool = False,
    said_address: str | None = None,
    permissions: str = "elradfmwMT",
) -> Iterator[int]:
    """Serve a directory to USER with PASSWORD; yields the port. `said_address` is what PASV answers,
    `permissions` are pyftpdlib's."""
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(root), perm=permissions)
    kind = (_ImplicitHandler if implicit else TLS_FTPHandler) if certificate else FTPHandler
    attributes = {"authorizer": authorizer, "masquerade_address": said_address, "auth_failed_timeout": 0}
    if certificate:
        attributes |= {
            "certfile": str(certificate),
            "keyfile": str(certificate),
            "ssl_context": None,
            "tls_control_required": not implicit,
            "tls_data_required": True,
        }
    loop = IOLoop()
    server = FTPServer(("127.0.0.1", 0), type("BoundHandler", (kind,), attributes), ioloop=loop)
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            server.serve_forever(timeout=0.02, blocking=False, handle_exit=False)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield server.address[1]
    finally:
        over.set()
        thread.join()
        server.close_all()
