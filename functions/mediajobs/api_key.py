"""API keys: shown once, stored as a hash, checked offline by their checksum."""

import hashlib
import hmac
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from mediajobs.identifier import new_token
from mediajobs.organization import Role

_KEY = re.compile(r"mj_(?P<id>[0-9A-Za-z]{12})_(?P<secret>[0-9A-Za-z]{32})(?P<check>[0-9a-f]{8})")


def is_key_id(text: str) -> bool:
    """Whether a key can have this id."""
    return re.fullmatch("[0-9A-Za-z]{12}", text) is not None


@dataclass(frozen=True)
class ApiKey:
    """A key as a caller holds it: `mj_<id>_<secret><checksum>`."""

    id: str
    secret: str

    @classmethod
    def new(cls) -> "ApiKey":
        """A fresh key: its secret has 190 bits."""
        return cls(new_token(12), new_token(32))

    @classmethod
    def parse(cls, text: str) -> "ApiKey | None":
        """The key written so, if it is whole."""
        match = _KEY.fullmatch(text)
        if match is None:
            return None
        key = cls(match["id"], match["secret"])
        return key if key.text == text else None

    @staticmethod
    def prefix(key_id: str) -> str:
        """How the key of that id begins: its owner recognises it by this."""
        return f"mj_{key_id}_"

    @property
    def text(self) -> str:
        """The key as its owner writes it."""
        body = f"{self.prefix(self.id)}{self.secret}"
        return f"{body}{zlib.crc32(body.encode()):08x}"

    @property
    def digest(self) -> str:
        """What is stored: the secret is random, so a plain hash is enough."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def matches(self, digest: str) -> bool:
        """Whether this is the key whose digest is stored."""
        return hmac.compare_digest(self.digest, digest)


@dataclass(frozen=True)
class Principal:
    """Who calls: a user's key, what it may do in each of the user's organizations, and which one it means."""

    key_id: str
    user: str
    roles: Mapping[str, Role]
    #: The organization that the call is about; some calls are about none.
    chosen: str | None = None

    @property
    def organization(self) -> str:
        """The organization that the call is about."""
        if self.chosen is None:
            raise LookupError("the call is about no one organization")
        return self.chosen

    @property
    def role(self) -> Role:
        """What the key may do in the organization that the call is about."""
        return self.roles[self.organization]
