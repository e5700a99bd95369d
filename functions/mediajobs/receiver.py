"""Who is told of a job when its status changes: a URL or a mail address, of what, and in whose words."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, SecretStr, StringConstraints, model_validator

from mediajobs import signature
from mediajobs.secret_name import Resolve, filled, refuse
from mediajobs.tools.credential import MAX_BYTES, Reopen, Seal, login_of
from mediajobs.tools.tool import Model

MAX_RECEIVERS = 10
#: Before the URL of a receiver that asks for digest authentication.
DIGEST = "digest:"
MAIL = "mailto:"

Format = Literal["mediajobs", "dolby", "xvid", "transparentedge", "castlabs"]
Occasion = Literal["Running", "Success", "Failed", "Cancelled"]
ENDS: tuple[Occasion, ...] = ("Success", "Failed", "Cancelled")
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")]
HeaderValue = Annotated[SecretStr, Field(max_length=1024)]

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
#: What a receiver's headers cannot be: those of the connection, and those that are ours to set.
_RESERVED = re.compile(
    r"host|content-(length|encoding)|transfer-encoding|connection|te|trailer|upgrade|expect|webhook-.*", re.I
)
_VISIBLE = re.compile(r"[\x20-\x7e]*")


class Sealed(Model):
    """Credentials that were sealed with another job; only a job that is made of that one may keep them."""

    sealed: str = Field(max_length=8)


class Receiver(Model):
    """Who is told, of what and how; a plain string stands for an object that has only a URL."""

    url: str = Field(
        max_length=2048,
        description="`https://…`, `digest:https://user:password@…` or `mailto:…`; user and password, and what"
        " follows `?`, are kept as credentials; `{name}` in them, and in headers, is a secret of the"
        " organization",
    )
    on: list[Occasion] = Field(
        list(ENDS), min_length=1, max_length=4, description="the statuses of the job that it is told of"
    )
    format: Format = Field("mediajobs", description="whose words the message is in")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, max_length=20, description="sent along; kept as credentials"
    )
    secret: SecretStr | None = Field(
        None,
        max_length=128,
        description="`whsec_…`, to sign with as Standard Webhooks says; kept as a credential",
    )
    credentials: Sealed | None = Field(
        None, description="what shows as sealed in the job that is resubmitted, for the same origin"
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.url.startswith(MAIL):
            if not _ADDRESS.fullmatch(self.url.removeprefix(MAIL)):
                raise ValueError("mailto: and one address, such as mailto:user@example.com")
            if self.headers or self.secret or self.credentials:
                raise ValueError("a mail address takes no headers, secret or credentials")
            return self
        known = take_apart(self.url)
        if self.credentials is not None and (known.secrets or self.headers or self.secret):
            raise ValueError("credentials are kept, or given anew: not both")
        if self.url.startswith(DIGEST) and not self.credentials and "password" not in known.secrets:
            raise ValueError("digest: needs a user and a password in the URL")
        check_headers(self.headers)
        if self.secret is not None:
            check_secret(self.secret.get_secret_value())
        if len(json.dumps(self._secrets())) > MAX_BYTES:
            raise ValueError(f"credentials take at most {MAX_BYTES} bytes together")
        return self

    @property
    def is_encrypted(self) -> bool:
        """Whether what it is told cannot be read on its way."""
        return not self.url.removeprefix(DIGEST).startswith("http://")

    def to_row(self, seal: Seal, reopen: Reopen | None, resolve: Resolve | None = None) -> dict[str, Any]:
        """As a job's spec holds it, its secrets sealed, those it names by way of `resolve`. Raises ValueError
        if it names one that is not, or may not keep credentials."""
        secrets = self._secrets(resolve)
        url = self.url if self.url.startswith(MAIL) else take_apart(self.url).url
        if resolve is not None and not self.url.startswith(MAIL):
            url = filled(url, refuse)
        if len(json.dumps(secrets)) > MAX_BYTES:
            raise ValueError(f"credentials take at most {MAX_BYTES} bytes together")
        if self.credentials is not None:
            if reopen is None:
                raise ValueError("sealed credentials go with a job that is resubmitted")
            secrets = reopen(self.credentials.sealed, url.removeprefix(DIGEST))
        row: dict[str, Any] = {"url": url, "on": sorted(set(self.on)), "format": self.format}
        return row | ({"credentials": {"sealed": seal(secrets)}} if secrets else {})

    def _secrets(self, resolve: Resolve | None = None) -> dict[str, str]:
        """What is to be sealed, in clear. Raises ValueError."""

        def fill(text: str) -> str:
            return text if resolve is None else filled(text, resolve)

        known = take_apart(self.url).secrets if not self.url.startswith(MAIL) else {}
        found = {name: fill(text) for name, text in known.items()}
        if self.headers:
            headers = {
                name: SecretStr(fill(value.get_secret_value())) for name, value in self.headers.items()
            }
            check_headers(headers)
            found["headers"] = json.dumps({name: value.get_secret_value() for name, value in headers.items()})
        if self.secret is not None:
            found["secret"] = self.secret.get_secret_value()
        return found


def or_text(schema: dict[str, Any]) -> None:
    """Let the JSON Schema of a list of receivers say that a URL alone will do."""
    schema["items"] = {"anyOf": [schema["items"], {"type": "string", "maxLength": 2048}]}


@dataclass(frozen=True)
class Parts:
    """A receiver's URL without its secrets, and these by name."""

    url: str
    secrets: Mapping[str, str] = field(default_factory=dict)


def take_apart(url: str) -> Parts:
    """The parts of an http(s) URL, with or without `digest:`. Raises ValueError."""
    prefix = DIGEST if url.startswith(DIGEST) else ""
    bare = url.removeprefix(prefix)
    rule = "https://…, digest:https://user:password@… or mailto:…"
    if not re.fullmatch(r"https?://[^\x00-\x20\x7f/?#\\][^\x00-\x20\x7f]*", bare):
        raise ValueError(rule)
    try:
        parts = urlsplit(bare)
        has_host = bool(parts.hostname and parts.hostname.encode("idna")) and parts.port != 0
    except ValueError:
        has_host = False
    if not has_host:
        raise ValueError(rule)
    host, secrets = login_of(parts.netloc)
    if parts.query:
        secrets["query"] = parts.query
    return Parts(prefix + urlunsplit(parts._replace(netloc=host, query="", fragment="")), secrets)


def check_headers(headers: Mapping[str, SecretStr]) -> None:
    """Raises ValueError for a header that cannot be sent along."""
    for name, value in headers.items():
        if _RESERVED.fullmatch(name):
            raise ValueError(f"the header {name} cannot be given")
        if not _VISIBLE.fullmatch(value.get_secret_value()):
            raise ValueError(f"the header {name} has a value that is not visible ASCII")


def check_secret(text: str) -> None:
    """Raises ValueError if it is no secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in Base64."""
    if not signature.is_secret(text):
        raise ValueError("a secret is whsec_ and 24 to 64 bytes in Base64")
