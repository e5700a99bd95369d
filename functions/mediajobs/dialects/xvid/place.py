"""The vendor's URIs of places, with the credentials that stand in them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

_S3 = re.compile(r"s3://(?:(?P<key>[^:@]*):(?P<secret>[^@]*)@)?(?P<host>[^@/]+)/?(?P<path>.*)", re.S)
#: A region or an endpoint of S3, where others write the bucket.
_ENDPOINT = re.compile(r"s3[a-z0-9.-]*\.amazonaws\.com(\.cn)?|[a-z]{2}(-[a-z]+)+-\d|us-standard")


@dataclass(frozen=True)
class Place:
    """A URL without secrets, and these by the names that our credentials have."""

    url: str
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, uri: str) -> "Place":
        """The place that `s3://key:secret@region/bucket/…`, `sftp://user:password@host/…` or any other URL
        names. Raises ValueError."""
        if uri.lower().startswith("s3://"):
            match = _S3.fullmatch("s3" + uri[2:])
            if match is None:
                raise ValueError("not a URI such as s3://access_key:secret_key@region/bucket/")
            path = match["path"] if _ENDPOINT.fullmatch(match["host"]) else f"{match['host']}/{match['path']}"
            secrets = {"access_key_id": match["key"], "secret_access_key": match["secret"]}
            return cls(f"s3://{path}", {name: unquote(text) for name, text in secrets.items() if text})
        parts = urlsplit(uri)
        if not parts.hostname:
            raise ValueError("not a URI that leads to a host")
        user, at, host = parts.netloc.rpartition("@")
        username, colon, password = user.partition(":")
        known = {
            **({"username": unquote(username)} if at else {}),
            **({"password": unquote(password)} if colon else {}),
            **({"query": parts.query} if parts.query else {}),
        }
        bare = parts._replace(scheme=parts.scheme.lower(), netloc=host, query="", fragment="")
        return cls(urlunsplit(bare), known)

    def inside(self, name: str) -> "Place":
        """The file of that name below this place. Raises ValueError."""
        if any(part in ("..", ".") for part in name.split("/")):
            raise ValueError("a relative name has no . or .. as a part")
        folder = self.url if self.url.endswith("/") else f"{self.url}/"
        relative = name.lstrip("/")
        return Place(
            folder + (relative if self.url.startswith("s3://") else quote(relative)), self.credentials
        )

    @property
    def full_url(self) -> str:
        """The URL with user, password and query in it: a secret."""
        parts = urlsplit(self.url)
        known = self.credentials
        user = ":".join(quote(known[name], safe="") for name in ("username", "password") if name in known)
        host = f"{user}@{parts.netloc}" if user else parts.netloc
        return urlunsplit(parts._replace(netloc=host, query=known.get("query", "")))

    @property
    def location(self) -> dict[str, Any]:
        """As our storage tools take it: a secret."""
        return {"url": self.url, **({"credentials": dict(self.credentials)} if self.credentials else {})}


def is_absolute(uri: str) -> bool:
    """Whether it names a host."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", uri) is not None


def shown(value: Any) -> Any:
    """JSON with every URI in it bare of what may be secret."""
    if isinstance(value, Mapping):
        return {name: shown(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shown(part) for part in value]
    if isinstance(value, str) and "://" in value:
        try:
            return Place.of(value).url
        except ValueError:
            return None
    return value
