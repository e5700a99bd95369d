"""The vendor's calls about who calls: tokens, the user and the application."""

from dataclasses import replace
from typing import Any

from mediajobs import form, token_grant
from mediajobs.dialects.xvid.dialect import DIALECT
from mediajobs.dialects.xvid.field import bad
from mediajobs.dialects.xvid.library import one
from mediajobs.dialects.xvid.page import integer
from mediajobs.dialects.xvid.shape import Shape
from mediajobs.endpoint import identify
from mediajobs.organization import Role
from mediajobs.request import Request, Response

DEFAULT_SECONDS, MAX_SECONDS = 3_600, 86_400
#: What a role may do, in the vendor's words.
_SCOPES = {
    Role.VIEW: "mediahub_read,mediahub_download_files",
    Role.SUBMIT: "mediahub_read,mediahub_download_files,mediahub_submit_jobs",
    Role.CONFIG: "mediahub",
}


@DIALECT.endpoint
def create_token(request: Request) -> Response[Any]:
    """Answer an access token for a client: its id is a key's id, its secret the whole key. The token may do
    what the key may, whatever `scope` asks for; `scope` of the answer says what that is."""
    fields = form.fields(request)
    if fields.get("grant_type") not in ("client_credential", "client_credentials"):
        raise bad("/grant_type", "client_credential")
    seconds = integer(fields, "expires_in", DEFAULT_SECONDS, 1, MAX_SECONDS)
    client_id, client_secret = token_grant.client(request, fields)
    granted = token_grant.grant(client_id, client_secret, seconds=seconds)
    roles = identify(client_secret).roles.values()
    allowed = [words for needed, words in _SCOPES.items() if any(role.allows(needed) for role in roles)]
    shaping = {name: text for name, text in fields.items() if name in ("format", "human")}
    return Shape.of(replace(request, query={**request.query, **shaping})).response(
        {
            "access_token": granted.access_token,
            "token_type": "Bearer",
            "expires_in": granted.expires_in,
            "scope": allowed[-1],
        }
    )


@DIALECT.endpoint
def get_user(request: Request) -> Response[Any]:
    """Answer the caller's organization, which is the user."""
    return one(request, "user")


@DIALECT.endpoint
def get_application(request: Request) -> Response[Any]:
    """Answer an API key of the organization, which is an application, without anything secret."""
    return one(request, "application")
