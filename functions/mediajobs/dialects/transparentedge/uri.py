"""URIs of media as the vendor's clients write them, with user and password inside."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

#: User and password; the secret access key of an S3 URI may hold a slash as it is.
_USER = {True: r"(?:([^:/@?#]*)(?::([^@]*))?@)?(.*)", False: r"(?:([^:/@?#]*)(?::([^/?#]*))?@)?(.*)"}


@dataclass(frozen=True)
class Uri:
    """A URI in parts: `rest` is what follows the user, without the query."""

    scheme: str
    user: str | None
    password: str | None
    rest: str
    query: str

    @classmethod
    def of(cls, text: str) -> "Uri":
        """The parts of a text; one that is no URI has no scheme."""
        scheme, is_uri, after = text.partition("://")
        if not is_uri:
            return cls("", None, None, text, "")
        found = re.fullmatch(_USER[scheme.lower() == "s3"], after, re.S)
        user, secret, rest = found.groups() if found else (None, None, "")
        query = ""
        if scheme.lower() != "s3":
            rest, mark, query = rest.partition("?")
            query = mark + query
        return cls(scheme.lower(), user, secret, rest, query)

    @property
    def shown(self) -> str:
        """Without whatever may be secret."""
        return f"{self.scheme}://{self.rest}" if self.scheme else self.rest

    @property
    def has_host(self) -> bool:
        """Whether it says where to: a password that is cut by a slash of its own would stand there."""
        host = re.split(r"[/?#]", self.rest, maxsplit=1)[0]
        return bool(re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:@\[\]]+)(:\d{1,5})?", host))

    @property
    def protocol(self) -> str:
        """As the vendor's answers say it."""
        return self.scheme.upper()

    def kept(self) -> str:
        """Without what is secret, but with its user, who is told again."""
        return self.shown.replace("://", f"://{self.user}@", 1) if self.user else self.shown

    def location(self) -> dict[str, Any]:
        """As our storage tools take it."""
        if self.scheme != "s3" or self.user is None:
            secret = "" if self.password is None else f":{self.password}"
            user = "" if self.user is None else f"{self.user}{secret}@"
            return {"url": f"{self.scheme}://{user}{self.rest}{self.query}"}
        keys = {"access_key_id": unquote(self.user), "secret_access_key": unquote(self.password or "")}
        return {"url": self.shown, "credentials": keys}

    def folder(self) -> "Uri":
        """The same, with a slash at its end."""
        rest = self.rest if self.rest.endswith("/") else f"{self.rest}/"
        return Uri(self.scheme, self.user, self.password, rest, self.query)


def without_secrets(value: Any) -> Any:
    """JSON in which no URI has a password or a query, and nothing is named like a secret."""
    if isinstance(value, dict):
        return {
            name: without_secrets(part)
            for name, part in value.items()
            if not re.search(r"passw|secret|token|key|drm|pssh", name, re.I)
        }
    if isinstance(value, list):
        return [without_secrets(part) for part in value]
    return Uri.of(value).kept() if isinstance(value, str) else value
