"""Files over SFTP."""

import io
import socket
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import paramiko

from mediajobs.errors import AccessDenied, InvalidParameters, SourceNotFound, ToolError, TransferFailed
from mediajobs.tools.credential import Location
from mediajobs.transfer import address
from mediajobs.transfer.address import Policy
from mediajobs.transfer.meter import Meter
from mediajobs.transfer.site import Look
from mediajobs.transfer.upload import upload
from mediajobs.transfer.url import place, public

#: Bytes of one request, the most that every server grants, and requests sent before the first is answered.
_REQUEST = 32 * 1024
_REQUESTS = 64
_BROKEN = (paramiko.SSHException, OSError, EOFError)
_TIDY_SECONDS = 3
_KEY_TYPES: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


@contextmanager
def reach(location: Location, meter: Meter, policy: Policy) -> Iterator["SftpSite"]:
    """A session at the location; see `mediajobs.transfer.site.Site`.

    Without a fingerprint to compare it with, any host key is accepted; the log keeps the one that it had.
    """
    site = SftpSite(location, meter, policy)
    with ExitStack() as stack:
        with site.explained(location.url):
            connection = site.connect()
            stack.enter_context(closing(connection))
            stack.enter_context(address.breakable(meter.run, connection))
            transport = site.sign_in(connection, stack, meter.limits.silence)
            meter.run.log(
                f"host key of {place(location.url).host}: {transport.get_remote_server_key().fingerprint}"
            )
            site.client = stack.enter_context(_client(transport, meter.limits.silence))
        yield site


class SftpSite:
    """A `Site` of one location over SFTP."""

    client: paramiko.SFTPClient

    def __init__(self, location: Location, meter: Meter, policy: Policy) -> None:
        if location.credentials is None:
            raise InvalidParameters(f"{public(location.url)} needs credentials")
        self._credentials = location.credentials
        self._host_key = location.host_key
        self._server = place(location.url)
        self._meter = meter
        self._policy = policy
        self._made: set[str] = set()

    def get(self, url: str, target: Path) -> None:
        """Load a file of the size that the server names first."""
        with self.explained(url), target.open("wb") as file, self.client.open(_path(url)) as source:
            size = source.stat().st_size or 0
            self._meter.expect(size)
            for start in range(0, size, _REQUEST * _REQUESTS):
                stop = min(size, start + _REQUEST * _REQUESTS)
                requests = [(at, min(_REQUEST, stop - at)) for at in range(start, stop, _REQUEST)]
                for data in source.readv(requests):
                    file.write(data)
                    self._meter.add(len(data))
            if file.tell() != size:
                raise TransferFailed(f"{public(url)} broke off")

    def put(self, path: Path, url: str, content_type: str) -> None:  # noqa: ARG002 - SFTP has none
        """Store a file whole or not at all."""
        self._meter.expect(path.stat().st_size)
        with self.explained(url, missing=AccessDenied):
            upload(self, path, url, _path(url), self._made)

    def look(self, url: str) -> Look:
        """By stat."""
        with self.explained(url):
            found = self.client.stat(_path(url))
        if stat.S_ISDIR(found.st_mode or 0):
            raise SourceNotFound(f"{public(url)} is a folder")
        return Look(True, found.st_size)

    def can_put(self, url: str) -> bool | None:
        """By the permissions of the folder that the file would be in: those of all or of nobody, since who
        we are to the server is not known. A folder that is not there can perhaps be made."""
        folder = _path(url).rpartition("/")[0] or ("/" if _path(url).startswith("/") else ".")
        with self.explained(url):
            try:
                mode = self.client.stat(folder).st_mode
            except FileNotFoundError:
                return None
        if not mode:
            return None
        if not stat.S_ISDIR(mode):
            raise AccessDenied(f"{public(url)} is not in a folder")
        is_for_all = mode & (stat.S_IWOTH | stat.S_IXOTH) == stat.S_IWOTH | stat.S_IXOTH
        return True if is_for_all else None if mode & 0o222 else False

    def connect(self) -> socket.socket:
        """A connection to the location's server."""
        return address.connect(self._server.host, self._server.port, self._policy)

    def sign_in(self, connection: socket.socket, stack: ExitStack, timeout: float) -> paramiko.Transport:
        """SSH on the connection, every answer within `timeout` seconds; the stack closes it."""
        transport = stack.enter_context(closing(paramiko.Transport(connection)))
        transport.banner_timeout = transport.auth_timeout = timeout
        transport.start_client(timeout=timeout)
        shown = transport.get_remote_server_key().fingerprint
        if self._host_key not in (None, shown):
            raise AccessDenied(
                f"the host key of {self._server.host} is {shown}, and not the one that is given"
            )
        secrets = self._credentials.plain()
        username, password = secrets.get("username", ""), secrets.get("password")
        if "private_key" in secrets:
            transport.auth_publickey(username, _key(secrets["private_key"], password))
        else:
            transport.auth_password(username, password or "")
        return transport

    @contextmanager
    def explained(self, url: str, missing: type[ToolError] = SourceNotFound) -> Iterator[None]:
        """What breaks inside becomes a ToolError that repeats nothing the server said."""
        try:
            yield
        except _BROKEN as error:
            self._meter.run.check()
            if isinstance(error, paramiko.AuthenticationException):
                raise AccessDenied(f"{public(url)}: the server refuses the sign-in") from None
            if isinstance(error, FileNotFoundError):
                raise missing(f"{public(url)} does not exist") from None
            if isinstance(error, PermissionError):
                raise AccessDenied(f"{public(url)}: the server denies access") from None
            raise TransferFailed(f"{public(url)} broke off: {type(error).__name__}") from None

    def make_folder(self, path: str) -> None:
        """Make a folder, if it can be made."""
        with suppress(OSError):
            self.client.mkdir(path)

    def store(self, path: Path, name: str) -> None:
        """Send a local file."""
        with path.open("rb") as file, self.client.open(name, "wb") as target:
            target.set_pipelined(True)
            while chunk := file.read(_REQUEST):
                target.write(chunk)
                self._meter.add(len(chunk))

    def size(self, name: str) -> int:
        """Of a file there, in bytes."""
        return self.client.stat(name).st_size or 0

    def rename(self, temporary: str, target: str) -> None:
        """Give a file its name, in the place of what had it."""
        try:
            self.client.posix_rename(temporary, target)
        except OSError:
            # Servers without OpenSSH's extension do not rename over a file.
            with suppress(OSError):
                self.client.remove(target)
            self.client.rename(temporary, target)

    def tidy(self, name: str) -> None:
        """Remove what a broken upload left, in a new session: the old one may be broken too."""
        with suppress(*_BROKEN, ToolError), ExitStack() as stack:
            connection = stack.enter_context(closing(self.connect()))
            transport = self.sign_in(connection, stack, _TIDY_SECONDS)
            stack.enter_context(_client(transport, _TIDY_SECONDS)).remove(name)


@contextmanager
def _client(transport: paramiko.Transport, timeout: float) -> Iterator[paramiko.SFTPClient]:
    client = paramiko.SFTPClient.from_transport(transport)
    if client is None:
        raise TransferFailed("the server offers no SFTP")
    with closing(client):
        channel = client.get_channel()
        if channel is not None:
            channel.settimeout(timeout)
        yield client


def _key(text: str, passphrase: str | None) -> paramiko.PKey:
    for key_type in _KEY_TYPES:
        with suppress(paramiko.SSHException, ValueError):
            return key_type.from_private_key(io.StringIO(text), passphrase)
    raise AccessDenied("the private key cannot be read; OpenSSH's Ed25519, ECDSA and RSA keys can")


def _path(url: str) -> str:
    """Absolute; `/~/` stands for where the sign-in leads."""
    return place(url).path.removeprefix("/~/")
