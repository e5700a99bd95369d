"""URLs of media: their parts, what of them may be shown, and the names of the files they speak of."""

import re
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from mediajobs.errors import InvalidParameters

_PORTS = {"http": 80, "https": 443, "ftp": 21, "ftps": 990, "sftp": 22}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
#: What a file name made from a URL does not keep.
_UNUSUAL = re.compile(r"[^\w .()+,=@~-]+")


@dataclass(frozen=True)
class Place:
    """Where a URL of a server leads; `host` is ASCII, `path` is decoded and starts with `/`."""

    scheme: str
    host: str
    port: int
    path: str


def place(url: str) -> Place:
    """The parts of a URL other than s3://. Raises InvalidParameters."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise InvalidParameters(f"not a URL that leads to a host: {public(url)}") from None
    path = unquote(parts.path) or "/"
    if not host or _CONTROL.search(path):
        raise InvalidParameters(f"not a URL that leads to a host: {public(url)}")
    return Place(parts.scheme, host, port, path)


def origin(url: str) -> str:
    """To whom a URL speaks: scheme, host and port, or the bucket. Raises InvalidParameters."""
    if url.startswith("s3://"):
        return "s3://" + url.removeprefix("s3://").partition("/")[0]
    found = place(url)
    return f"{found.scheme}://{found.host}:{found.port}"


def public(url: str) -> str:
    """The URL without what may be secret: user, query and fragment."""
    if url.startswith("s3://"):
        return url
    scheme, _, rest = url.partition("://")
    authority, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def file_name(url: str) -> str:
    """A file name after the last part of the URL's path."""
    path = public(url).partition("://")[2].rstrip("/")
    last = path.rpartition("/")[2] if "/" in path else ""
    if not url.startswith("s3://"):
        last = unquote(last)
    name = _UNUSUAL.sub("_", last).strip(" .")
    # From the end, so that the extension stays.
    return name[-200:] or "file"


def inside(url: str, name: str) -> str:
    """The URL of the file `name` (may contain `/`) in the folder that `url` names by its last `/`."""
    if url.startswith("s3://"):
        return url + name
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path + quote(name)))


def is_folder(url: str) -> bool:
    """Whether the URL's path ends in `/`."""
    return public(url).endswith("/")


def folders(path: str) -> list[str]:
    """The folders above a path, outermost first."""
    parts = path.split("/")[:-1]
    return [folder for end in range(1, len(parts) + 1) if (folder := "/".join(parts[:end]))]


def partial(path: str) -> str:
    """A name beside the path for a file that is not yet whole."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name[:200]}.{token_hex(4)}.part"
