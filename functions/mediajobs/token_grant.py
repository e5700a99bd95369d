"""The client credentials grant (RFC 6749, section 4.4): an access token for an API key."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from mediajobs import access_token
from mediajobs.api_key import ApiKey
from mediajobs.endpoint import identify
from mediajobs.errors import Unauthenticated
from mediajobs.request import Request
from mediajobs.store import signing
from mediajobs.timestamp import DAY, SECOND, now

_REFRESH_SECONDS = 30 * DAY // SECOND


@dataclass(frozen=True)
class TokenGrant:
    """Two tokens that stand for an API key; the second one only fetches others."""

    access_token: str
    refresh_token: str
    expires_in: int


def client(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """A client's id and secret, by HTTP Basic (RFC 7617) or in the form. Raises Unauthenticated."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        raise Unauthenticated("The Authorization header cannot be read") from None
    return name, secret


def grant(client_id: str, client_secret: str, *, seconds: int) -> TokenGrant:
    """Tokens for a client: its secret is an API key, its id the key's id. Raises Unauthenticated."""
    key = ApiKey.parse(client_secret)
    if key is None or key.id != client_id:
        raise Unauthenticated("The client's id or secret is not valid: they are an API key's id and the key")
    return _made(identify(client_secret).key_id, seconds)


def refreshed(refresh_token: str, *, seconds: int) -> TokenGrant:
    """New tokens for a refresh token. Raises Unauthenticated."""
    key_id = access_token.read(signing.key(), refresh_token, now(), purpose="refresh")
    if key_id is None:
        raise Unauthenticated("The refresh token is not valid")
    return _made(key_id, seconds)


def _made(key_id: str, seconds: int) -> TokenGrant:
    signing_key, at = signing.key(), now()
    return TokenGrant(
        access_token.issue(signing_key, key_id, at=at, seconds=seconds),
        access_token.issue(signing_key, key_id, at=at, seconds=_REFRESH_SECONDS, purpose="refresh"),
        seconds,
    )
