"""Where Dolby.io's clients say that media comes from and goes to, as locations of our storage tools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.transfer.url import file_name

SCHEME = "dlb://"
_MAX_KEY = 512


class Unsupported(InvalidRequest):
    """A word of the vendor's that cannot be honoured here."""

    code, title = "unsupported", "Unsupported"


def unsupported(pointer: str, rule: str = "is not supported here") -> Unsupported:
    """The error that names what cannot be honoured."""
    return Unsupported("This cannot be done here", fields=[FieldError(pointer, rule)])


def refused(pointer: str, rule: str) -> InvalidRequest:
    """The error that names a bad field."""
    return InvalidRequest("A field breaks a rule", fields=[FieldError(pointer, rule)])


@dataclass(frozen=True)
class Storage:
    """What the locations of a request are read against."""

    #: Where `dlb://` leads: an `s3://` URL that ends in `/`.
    temporary: str
    #: Credentials by the URL that they are for, from the request's `storage` block.
    buckets: Sequence[tuple[str, dict[str, Any]]] = ()

    @classmethod
    def of(cls, temporary: str, blocks: Any) -> "Storage":
        """With the buckets of a `storage` block. Raises InvalidRequest."""
        buckets = []
        for index, block in enumerate(listed(blocks)):
            pointer = f"/storage/{index}"
            inner = block.get("bucket", block) if isinstance(block, dict) else None
            if not isinstance(inner, dict) or not isinstance(inner.get("url"), str):
                raise refused(f"{pointer}/bucket", "an object with a url")
            buckets.append((inner["url"].rstrip("/") + "/", _credentials(inner, f"{pointer}/bucket")))
        return cls(temporary, buckets)

    def location(self, value: Any, pointer: str) -> dict[str, Any]:
        """A location of storage:get and storage:put. Raises InvalidRequest."""
        found = value if isinstance(value, dict) else {"url": value}
        url = found.get("url")
        if not isinstance(url, str):
            raise refused(pointer, "a URL, or an object with a url")
        if url.startswith(SCHEME):
            return {"url": self.temporary + key_of(url, pointer)}
        scheme = url.partition("://")[0]
        if scheme not in ("http", "https", "s3", "ftp", "ftps", "sftp"):
            raise unsupported(pointer, "dlb://, http(s)://, s3://, ftp(s):// or sftp://")
        given = _credentials(found, pointer) or next(
            (each for prefix, each in self.buckets if url.startswith(prefix)), {}
        )
        return {"url": url, **({"credentials": given} if given else {})}


def key_of(url: Any, pointer: str) -> str:
    """The key of a `dlb://` URL. Raises InvalidRequest."""
    key = url.removeprefix(SCHEME).strip("/") if isinstance(url, str) else ""
    folder = "/" if isinstance(url, str) and url.endswith("/") else ""
    is_dlb = isinstance(url, str) and url.startswith(SCHEME)
    parts = key.split("/")
    if (
        not is_dlb
        or not key.isprintable()
        or len(key.encode()) > _MAX_KEY
        or any(part in ("", ".", "..") for part in parts)
    ):
        raise refused(pointer, "dlb:// and a key such as in/clip.mp4")
    return key + folder


def name_of(location: Mapping[str, Any]) -> str:
    """The name of a location's file in the job."""
    return file_name(location["url"])


def ending_of(location: Mapping[str, Any]) -> str:
    """The ending of a location's file, without its dot."""
    return PurePosixPath(name_of(location)).suffix.lower().lstrip(".")


def listed(value: Any) -> list[Any]:
    """One or several, as the vendor takes both."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def word(holder: Mapping[str, Any], name: str, pointer: str, default: str) -> str:
    """A field that is a word, in small letters. Raises InvalidRequest."""
    given = holder.get(name)
    if not isinstance(given, str | None):
        raise refused(f"{pointer}/{name}", "a word")
    return (given or default).lower()


def without_secrets(value: Any) -> Any:
    """A request as it may be kept: without credentials, and without what in a URL may be one."""
    if isinstance(value, dict):
        return {key: without_secrets(each) for key, each in value.items() if key not in ("auth", "headers")}
    if isinstance(value, list):
        return [without_secrets(each) for each in value]
    if isinstance(value, str) and "://" in value:
        try:
            parts = urlsplit(value)
        except ValueError:
            return ""
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}"
    return value


def _credentials(found: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """An `auth` block as credentials of ours."""
    auth = found.get("auth")
    if auth is None:
        return {}
    if not isinstance(auth, dict):
        raise refused(f"{pointer}/auth", "an object")
    if "key" in auth or "secret" in auth:
        names = {"key": "access_key_id", "secret": "secret_access_key", "token": "session_token"}
    elif "username" in auth:
        names = {"username": "username", "password": "password"}
    elif auth:
        raise unsupported(f"{pointer}/auth", "key and secret, or username and password, are supported")
    else:
        return {}
    return {ours: auth[theirs] for theirs, ours in names.items() if auth.get(theirs) is not None}
