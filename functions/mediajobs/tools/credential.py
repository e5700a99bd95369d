"""Credentials of a storage location: sealed at submission, opened only by the worker that uses them."""

import json
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import (
    Field,
    SecretStr,
    SerializationInfo,
    ValidationError,
    ValidationInfo,
    model_serializer,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from mediajobs.secret_name import Resolve, filled, refuse
from mediajobs.tools.tool import Model

#: Bytes of all fields together as JSON: they are encrypted by KMS, which takes no more.
MAX_BYTES = 4096

#: Takes a secret's plain fields, returns the reference that stands for them.
Seal = Callable[[dict[str, str]], str]
#: The way back.
Unseal = Callable[[str], dict[str, str]]
#: A reference and the URL it is to be used for → the plain fields. Raises ValueError if they are not for it.
Reopen = Callable[[str, str], dict[str, str]]


class Credentials(Model):
    """A user name with password or private key, an S3 access key, or the query of a (signed) URL.

    Serialized, it is `{"sealed": reference}` and needs a `seal` in the serialization context; it is read
    back with an `unseal` in the validation context. A caller cannot send a reference.
    """

    username: str | None = Field(None, max_length=256)
    password: SecretStr | None = Field(None, max_length=1024)
    private_key: SecretStr | None = Field(
        None, max_length=3800, description="OpenSSH private key, for SFTP; a password then opens the key"
    )
    access_key_id: str | None = Field(None, max_length=128)
    secret_access_key: SecretStr | None = Field(None, max_length=256)
    session_token: SecretStr | None = Field(None, max_length=3072)
    query: SecretStr | None = Field(
        None, max_length=2048, description="what follows ? in the URL; better written there"
    )

    @model_validator(mode="before")
    @classmethod
    def _open(cls, value: Any, info: ValidationInfo) -> Any:
        unseal: Unseal | None = (info.context or {}).get("unseal")
        if unseal is not None and isinstance(value, dict) and "sealed" in value:
            return unseal(value["sealed"])
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("access_key_id and secret_access_key go together")
        if self.session_token is not None and self.access_key_id is None:
            raise ValueError("session_token goes with access_key_id")
        if self.username is None and (self.password is not None or self.private_key is not None):
            raise ValueError("password and private_key go with username")
        if self.username is not None and self.access_key_id is not None:
            raise ValueError("username and access_key_id exclude each other")
        if self.username is None and self.access_key_id is None and self.query is None:
            raise ValueError("either username or access_key_id is required")
        if len(json.dumps(self.plain())) > MAX_BYTES:
            raise ValueError(f"credentials take at most {MAX_BYTES} bytes together")
        return self

    @model_serializer(mode="plain")
    def _seal(self, info: SerializationInfo) -> dict[str, str]:
        seal: Seal = (info.context or {})["seal"]
        return {"sealed": seal(self.plain())}

    def plain(self) -> dict[str, str]:
        """The fields that are set, in clear."""
        return {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value
            for name in type(self).model_fields
            if (value := getattr(self, name)) is not None
        }


class Location(Model):
    """Where a file comes from or goes: a URL, and who we are there.

    A user and password inside the URL are taken out of it, into `credentials`; so is the query of an
    http(s) URL, since a signed URL is a password. In all of these `{name}` stands for a secret of the
    organization, if the validation context has a `resolve`.
    """

    url: str = Field(
        max_length=2048,
        pattern=r"^(s3|https?|ftps?|sftp)://[^\x00-\x20\x7f/?#\\][^\x00-\x1f\x7f]*$",
        description="s3://, http(s)://, ftp(s):// or sftp://; `{name}` in user, password and query is a"
        " secret of the organization",
    )
    credentials: Credentials | None = None
    role_arn: str | None = Field(
        None,
        max_length=576,
        pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$",
        description="a role to assume for s3://, with the organization's id as its external id",
    )
    host_key: str | None = Field(
        None,
        pattern=r"^SHA256:[A-Za-z0-9+/]{43}$",
        description="fingerprint of an sftp:// server's host key, as `ssh-keygen -l` prints it: of its "
        "Ed25519 key, if it has one, else of its ECDSA or RSA key. A server with another one is told no "
        "secret. Without it any key is accepted, and the task's log has its fingerprint",
    )

    @property
    def full_url(self) -> str:
        """The URL with its query: a secret."""
        query = self.credentials and self.credentials.query
        return f"{self.url}?{query.get_secret_value()}" if query else self.url

    @model_validator(mode="before")
    @classmethod
    def _take_credentials_out_of_the_url(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("url"), str):
            return value
        url, found = _split(value["url"])
        resolve: Resolve | None = (info.context or {}).get("resolve")
        if resolve is not None:
            url, found, value = _with_secrets(url, found, value, resolve)
        if not found:
            return _reopened({**value, "url": url}, info)
        given = value.get("credentials") or {}
        if isinstance(given, Credentials):
            given = given.plain()
        if not isinstance(given, dict) or "sealed" in given or found.keys() & given.keys():
            raise ValueError("credentials stand in the URL and beside it; give them once")
        if "username" in found and given:
            raise ValueError("credentials stand in the URL and beside it; give them once")
        return {**value, "url": url, "credentials": {**given, **found}}

    @model_validator(mode="after")
    def _one_identity(self) -> Self:
        is_s3 = self.url.startswith("s3://")
        if self.role_arn is not None and self.credentials is not None:
            raise ValueError("role_arn and credentials exclude each other")
        if self.role_arn is not None and not is_s3:
            raise ValueError("role_arn goes with an s3:// URL")
        if self.host_key is not None and not self.url.startswith("sftp://"):
            raise ValueError("host_key goes with an sftp:// URL")
        if self.credentials is None:
            return self
        if (self.credentials.access_key_id is not None) != is_s3:
            raise ValueError("an s3:// URL takes access_key_id or role_arn, every other one a username")
        if self.credentials.private_key is not None and not self.url.startswith("sftp://"):
            raise ValueError("private_key goes with an sftp:// URL")
        if self.credentials.query is not None and not self.url.startswith("http"):
            raise ValueError("query goes with an http(s):// URL")
        return self


def login_of(netloc: str) -> tuple[str, dict[str, str]]:
    """The host of a URL, with its port, and the `username` and `password` that stand before it, if any do."""
    user_info, at, host = netloc.rpartition("@")
    if not at:
        return host, {}
    username, colon, password = user_info.partition(":")
    return host, {"username": unquote(username), **({"password": unquote(password)} if colon else {})}


def _with_secrets(
    url: str, found: dict[str, str], location: dict[str, Any], resolve: Resolve
) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The parts of a URL, and the location, with the named secrets in place. Raises ValidationError."""
    bad: list[InitErrorDetails] = []

    def fill(text: Any, known: Resolve, *place: str) -> Any:
        try:
            return filled(text, known) if isinstance(text, str) else text
        except ValueError as error:
            rule = PydanticCustomError("secret", "{rule}", {"rule": str(error)})
            bad.append(InitErrorDetails(type=rule, loc=place, input=None))
            return text

    # A key of S3 may have braces of its own, and no secret has a place in it.
    shown = url if url.startswith("s3://") else fill(url, refuse, "url")
    parts = {name: fill(text, resolve, "url") for name, text in found.items()}
    given = location.get("credentials")
    if isinstance(given, dict) and "sealed" not in given:
        given = {name: fill(text, resolve, "credentials", name) for name, text in given.items()}
        location = {**location, "credentials": given}
    if bad:
        raise ValidationError.from_exception_data("Location", bad, hide_input=True)
    return shown, parts, location


def _reopened(location: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    """The location with its sealed credentials opened, if the context has a `reopen`."""
    reopen: Reopen | None = (info.context or {}).get("reopen")
    credentials = location.get("credentials")
    if reopen is None or not isinstance(credentials, dict) or credentials.keys() != {"sealed"}:
        return location
    if not isinstance(reference := credentials["sealed"], str):
        return location
    return {**location, "credentials": reopen(reference, location["url"])}


def _split(url: str) -> tuple[str, dict[str, str]]:
    """The URL without its secrets, and these. Raises ValueError."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("url is not a valid URL") from None
    host, login = login_of(parts.netloc)
    found = {name: text for name, text in login.items() if name == "username" or text}
    parts = parts._replace(netloc=host)
    if parts.query and parts.scheme in {"http", "https"}:
        found["query"] = parts.query
        parts = parts._replace(query="", fragment="")
    # urlsplit drops line breaks: what has no secrets stays as it is, to be refused.
    return urlunsplit(parts) if found else url, found
