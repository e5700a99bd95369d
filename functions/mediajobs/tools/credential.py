"""Credentials of a storage location: sealed at submission, opened only by the worker that uses them."""

from collections.abc import Callable
from typing import Any, Self
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import (
    Field,
    SecretStr,
    SerializationInfo,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from mediajobs.tools.tool import Model

#: Takes a secret's plain fields, returns the reference that stands for them.
Seal = Callable[[dict[str, str]], str]
#: The way back.
Unseal = Callable[[str], dict[str, str]]


class Credentials(Model):
    """A user name with password or private key, or an S3 access key.

    Serialized, it is `{"sealed": reference}` and needs a `seal` in the serialization context; it is read
    back with an `unseal` in the validation context. A caller cannot send a reference.
    """

    username: str | None = Field(None, max_length=256)
    password: SecretStr | None = Field(None, max_length=1024)
    private_key: SecretStr | None = Field(None, max_length=3072, description="OpenSSH private key, for SFTP")
    access_key_id: str | None = Field(None, max_length=128)
    secret_access_key: SecretStr | None = Field(None, max_length=256)
    session_token: SecretStr | None = Field(None, max_length=3072)

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
        if self.username is None and self.access_key_id is None:
            raise ValueError("either username or access_key_id is required")
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

    A user and password inside the URL are taken out of it, into `credentials`.
    """

    url: str = Field(
        max_length=2048,
        pattern=r"^(s3|https?|ftps?|sftp)://",
        description="s3://, http(s)://, ftp(s):// or sftp://",
    )
    credentials: Credentials | None = None
    role_arn: str | None = Field(
        None,
        pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}$",
        description="a role to assume for s3://, with the organization's id as its external id",
    )

    @model_validator(mode="before")
    @classmethod
    def _take_credentials_out_of_the_url(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("url"), str):
            return value
        try:
            parts = urlsplit(value["url"])
        except ValueError as error:
            raise ValueError("url is not a valid URL") from error
        user_info, at, host = parts.netloc.rpartition("@")
        if not at:
            return value
        if value.get("credentials") is not None:
            raise ValueError("credentials stand in the URL and beside it; give them once")
        username, _, password = user_info.partition(":")
        credentials = {"username": unquote(username)}
        if password:
            credentials["password"] = unquote(password)
        return {**value, "url": urlunsplit(parts._replace(netloc=host)), "credentials": credentials}

    @model_validator(mode="after")
    def _one_identity(self) -> Self:
        if self.role_arn is not None and self.credentials is not None:
            raise ValueError("role_arn and credentials exclude each other")
        if self.role_arn is not None and not self.url.startswith("s3://"):
            raise ValueError("role_arn goes with an s3:// URL")
        if self.credentials and self.credentials.access_key_id and not self.url.startswith("s3://"):
            raise ValueError("access_key_id goes with an s3:// URL")
        return self
