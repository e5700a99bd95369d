"""Triggers as our API shows them, and whom their jobs are submitted by."""

from mediajobs import answer
from mediajobs.api_key import Principal
from mediajobs.organization import Role
from mediajobs.store.trigger import Trigger
from mediajobs.timestamp import to_text


def principal(row: Trigger) -> Principal:
    """Whom a trigger submits as: itself, with the role SUBMIT in its organization and none elsewhere."""
    name = f"trigger:{row.id}"
    return Principal(name, name, {row.organization: Role.SUBMIT}, row.organization)


def trigger(row: Trigger) -> answer.Trigger:
    """A trigger."""
    given = row.content
    return {
        "id": row.id,
        "name": given["name"],
        "bucket": given.get("bucket"),
        "prefix": given.get("prefix", ""),
        "suffix": given.get("suffix", ""),
        "pattern": given.get("pattern"),
        "template": given["template"],
        "parameters": given.get("parameters", {}),
        "enabled": given.get("enabled", True),
        "description": given.get("description"),
        "submits_as": principal(row).key_id,
        "created": to_text(row.created),
        "created_by": row.created_by,
        "updated": to_text(row.updated),
    }
