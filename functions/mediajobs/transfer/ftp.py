"""Files over FTP and FTPS, on both connections only to the checked address."""

import ftplib  # nosec B402
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from mediajobs.errors import AccessDenied, AddressForbidden, SourceNotFound, ToolError, TransferFailed
from mediajobs.tools.credential import Location
from mediajobs.transfer import address
from mediajobs.transfer.address import Policy
from mediajobs.transfer.meter import CHUNK, Meter
from mediajobs.transfer.site import Look
from mediajobs.transfer.upload import upload
from mediajobs.transfer.url import place, public

#: `ftps://` speaks TLS from the first byte on this port, which is its default, and asks for it on others.
IMPLICIT_PORT = 990
#: What the signed-in user may do with a file or folder, as servers that know MLST say it (RFC 3659).
_PERMISSIONS = re.compile(r"^ \S*?perm=([a-z]*);", re.IGNORECASE | re.MULTILINE)
_BROKEN = (OSError, EOFError, ftplib.Error)
_SIGN_IN_REFUSED = {"331", "332", "430", "530", "532"}
#: Seconds to wait for each answer while tidying up after a failure.
_TIDY_SECONDS = 3


class _Session(ftplib.FTP):
    """FTP on a connection that is already open."""

    def attach(self, connection: socket.socket, host: str) -> None:
        """Hear the server's welcome."""
        self.host = host
        self.sock = connection
        self.af = connection.family
        self.file = connection.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def makepasv(self) -> tuple[str, int]:
        """The server names only a port: whatever address it says, data comes from where we are connected."""
        _, port = super().makepasv()
        if port < 1024 or self.sock is None:
            raise AddressForbidden("the server names a forbidden port for its data")
        return self.sock.getpeername()[0], port

    def protect(self, connection: socket.socket) -> socket.socket:
        """The data connection as this session wants it."""
        return connection


class _SecureSession(ftplib.FTP_TLS, _Session):
    def protect(self, connection: socket.socket) -> socket.socket:
        """Under TLS; many servers want it to resume the session of the control connection."""
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        return self.context.wrap_socket(connection, server_hostname=self.host, session=session)


@contextmanager
def reach(location: Location, meter: Meter, policy: Policy) -> Iterator["FtpSite"]:
    """A session at the location; see `mediajobs.transfer.site.Site`."""
    site = FtpSite(location, meter, policy)
    with ExitStack() as stack:
        with site.explained(location.url):
            connection = site.connect()
            stack.enter_context(closing(connection))
            stack.enter_context(address.breakable(meter.run, connection))
            site.session = stack.enter_context(closing(site.sign_in(connection, meter.limits.silence)))
        yield site


class FtpSite:
    """A `Site` of one location over FTP(S)."""

    session: _Session

    def __init__(self, location: Location, meter: Meter, policy: Policy) -> None:
        self._credentials = location.credentials
        self._server = place(location.url)
        self._meter = meter
        self._policy = policy
        self._made: set[str] = set()

    def get(self, url: str, target: Path) -> None:
        """Load a file; its length is checked where the server can name it."""
        path = _path(url)
        with self.explained(url), target.open("wb") as file:
            size = self.size(path)
            self._meter.expect(size)
            with self._data(f"RETR {path}") as data:
                while chunk := data.recv(CHUNK):
                    file.write(chunk)
                    self._meter.add(len(chunk))
            self.session.voidresp()
            if size is not None and file.tell() != size:
                raise TransferFailed(f"{public(url)} broke off")

    def put(self, path: Path, url: str, content_type: str) -> None:  # noqa: ARG002 - FTP has none
        """Store a file whole or not at all."""
        self._meter.expect(path.stat().st_size)
        with self.explained(url, missing=AccessDenied):
            upload(self, path, url, _path(url), self._made)

    def look(self, url: str) -> Look:
        """By SIZE; a server that does not know it tells nothing."""
        with self.explained(url):
            size = self.size(_path(url))
        return Look(None if size is None else True, size)

    def can_put(self, url: str) -> bool | None:
        """By MLST, of the folder that the file would be in; one that is not there can perhaps be made."""
        folder = _path(url).rpartition("/")[0] or ("/" if _path(url).startswith("/") else "")
        with self.explained(url):
            try:
                told = _PERMISSIONS.search(self.session.sendcmd(f"MLST {folder}".rstrip()))
            except ftplib.error_perm as error:
                if str(error)[:3] in _SIGN_IN_REFUSED:
                    raise
                return None
        return None if told is None else "c" in told[1].lower()

    def connect(self) -> socket.socket:
        """A connection to the location's server."""
        return address.connect(self._server.host, self._server.port, self._policy)

    def sign_in(self, connection: socket.socket, timeout: float) -> _Session:
        """A session on the connection, every answer within `timeout` seconds."""
        connection.settimeout(timeout)
        session: _Session
        if self._server.scheme == "ftps":
            session = _SecureSession(timeout=timeout, context=ssl.create_default_context())
            if self._server.port == IMPLICIT_PORT:
                connection = session.context.wrap_socket(connection, server_hostname=self._server.host)
        else:
            session = _Session(timeout=timeout)
        with ExitStack() as stack:
            stack.enter_context(closing(session))
            session.attach(connection, self._server.host)
            user = (self._credentials and self._credentials.username) or "anonymous"
            password = self._credentials and self._credentials.password
            session.login(user, password.get_secret_value() if password else "")
            if isinstance(session, _SecureSession):
                session.prot_p()
            session.voidcmd("TYPE I")
            stack.pop_all()
        return session

    @contextmanager
    def explained(self, url: str, missing: type[ToolError] = SourceNotFound) -> Iterator[None]:
        """What breaks inside becomes a ToolError that repeats nothing the server said but its code."""
        try:
            yield
        except _BROKEN as error:
            self._meter.run.check()
            code = str(error)[:3] if isinstance(error, ftplib.Error) else ""
            if code in _SIGN_IN_REFUSED:
                raise AccessDenied(f"{public(url)}: the server refuses the sign-in") from None
            if code in {"550", "553"}:
                raise missing(f"{public(url)}: the server answers {code}") from None
            said = f"the server answers {code}" if code.isdecimal() else type(error).__name__
            raise TransferFailed(f"{public(url)} broke off: {said}") from None

    @contextmanager
    def _data(self, command: str) -> Iterator[socket.socket]:
        # Plain at first also under FTPS, so that the handshake can be broken too.
        connection, _ = ftplib.FTP.ntransfercmd(self.session, command)  # noqa: S321 - callers ask for FTP
        with (
            closing(connection),
            address.breakable(self._meter.run, connection),
            closing(self.session.protect(connection)) as data,
        ):
            yield data
            if isinstance(data, ssl.SSLSocket):
                with suppress(OSError):
                    data.unwrap()

    def make_folder(self, path: str) -> None:
        """Make a folder, if it can be made."""
        with suppress(ftplib.error_perm):
            self.session.mkd(path)

    def store(self, path: Path, name: str) -> None:
        """Send a local file."""
        with path.open("rb") as file, self._data(f"STOR {name}") as data:
            while chunk := file.read(CHUNK):
                data.sendall(chunk)
                self._meter.add(len(chunk))
        self.session.voidresp()

    def rename(self, temporary: str, target: str) -> None:
        """Give a file its name, in the place of what had it."""
        try:
            self.session.rename(temporary, target)
        except ftplib.error_perm:
            # Some servers do not rename over a file.
            self.session.delete(target)
            self.session.rename(temporary, target)

    def size(self, path: str) -> int | None:
        """Of a file there, in bytes; None where the server does not say."""
        try:
            return self.session.size(path)
        except ftplib.error_perm as error:
            if str(error).startswith("550"):
                raise
            return None

    def tidy(self, name: str) -> None:
        """Remove what a broken upload left, in a new session: the old one may be broken too."""
        self.session.close()
        with (
            suppress(*_BROKEN, ToolError),
            closing(self.connect()) as connection,
            closing(self.sign_in(connection, _TIDY_SECONDS)) as session,
        ):
            session.delete(name)


def _path(url: str) -> str:
    """Relative to where the sign-in leads, unless it starts with two slashes."""
    return place(url).path[1:]
