"""An SFTP server on loopback."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import paramiko

USER, PASSWORD = "mover", "p@ss word/1"
HOST_KEY = paramiko.ECDSAKey.generate()


class _Door(paramiko.ServerInterface):  # type: ignore[misc]
    def __init__(self, public_key: paramiko.PKey | None) -> None:
        self._public_key = public_key

    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (USER, PASSWORD)
        answer: int = paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED
        return answer

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        right = username == USER and key == self._public_key
        answer: int = paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED
        return answer

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        answer: int = paramiko.OPEN_SUCCEEDED
        return answer


class _Files(paramiko.SFTPServerInterface):  # type: ignore[misc]
    def __init__(self, server: Any, root: Path, before_read: Callable[[], object]) -> None:
        super().__init__(server)
        self._root = root
        self._before_read = before_read
        self._open: list[_Handle] = []

    def session_ended(self) -> None:
        # Paramiko closes the channel first, and no file when that fails, as on a connection that is gone.
        for handle in self._open:
            handle.close()

    def _at(self, path: str) -> Path:
        return Path(self._root, self.canonicalize(path).lstrip("/"))

    def stat(self, path: str) -> Any:
        return self._answer(lambda: paramiko.SFTPAttributes.from_stat(self._at(path).stat()))

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        def opened() -> Any:
            mode = "r+b" if flags & (os.O_WRONLY | os.O_RDWR) else "rb"
            handle = _Handle(flags)
            handle.before_read = self._before_read
            handle.filename = str(self._at(path))
            descriptor = os.open(handle.filename, flags, 0o644)
            handle.readfile = handle.writefile = os.fdopen(descriptor, mode, buffering=0)
            self._open.append(handle)
            return handle

        return self._answer(opened)

    def remove(self, path: str) -> Any:
        return self._answer(lambda: self._at(path).unlink())

    def rename(self, oldpath: str, newpath: str) -> Any:
        if self._at(newpath).exists():
            return paramiko.SFTP_FAILURE
        return self._answer(lambda: self._at(oldpath).rename(self._at(newpath)) and None)

    def mkdir(self, path: str, attr: Any) -> Any:
        return self._answer(lambda: self._at(path).mkdir())

    @staticmethod
    def _answer(work: Callable[[], Any]) -> Any:
        try:
            result = work()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        return paramiko.SFTP_OK if result is None else result


class _Handle(paramiko.SFTPHandle):  # type: ignore[misc]
    before_read: Callable[[], object]

    def stat(self) -> Any:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))

    def read(self, offset: int, length: int) -> Any:
        self.before_read()
        return super().read(offset, length)


@contextmanager
def serve(
    root: Path,
    *,
    public_key: paramiko.PKey | None = None,
    before_read: Callable[[], object] = lambda: None,
) -> Iterator[int]:
    """Serve a directory to USER with PASSWORD or the key; yields the port."""
    transports: list[paramiko.Transport] = []
    over = threading.Event()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.05)

        def accept() -> None:
            while not over.is_set():
                with suppress(TimeoutError, paramiko.SSHException, EOFError, OSError):
                    connection, _ = listener.accept()
                    transport = paramiko.Transport(connection)
                    transports.append(transport)
                    transport.add_server_key(HOST_KEY)
                    transport.set_subsystem_handler(
                        "sftp", paramiko.SFTPServer, _Files, root=root, before_read=before_read
                    )
                    transport.start_server(server=_Door(public_key), event=threading.Event())

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()
            for transport in transports:
                transport.close()
