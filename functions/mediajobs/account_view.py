"""Organizations and keys as our API shows them."""

from mediajobs import answer
from mediajobs.api_key import ApiKey
from mediajobs.organization import Role
from mediajobs.store.membership import Membership
from mediajobs.store.organization import Organization
from mediajobs.timestamp import to_text


def organization(row: Organization, role: Role) -> answer.Organization:
    """An organization, and the caller's role in it."""
    return {
        "id": row.id,
        "name": row.name,
        "number": row.number,
        "created": to_text(row.created),
        "role": role,
        "default_region": row.default_region,
    }


def key(row: Membership) -> answer.Key:
    """A key as its organization sees it: never its secret."""
    return {
        "id": row.key_id,
        "prefix": ApiKey.prefix(row.key_id),
        "user": row.user,
        "role": row.role,
        "invitation": row.invitation,
        "created": to_text(row.created),
        "created_by": row.created_by,
        "expires": _time(row.expires),
        "revoked": _time(row.revoked),
        "replaced_by": row.replaced_by,
    }


def new_key(made: ApiKey, row: Membership) -> answer.MadeKey:
    """A key that has just been made: the only time that it is shown whole."""
    return {**key(row), "api_key": made.text}


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else to_text(milliseconds)
