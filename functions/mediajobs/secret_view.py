"""Named secrets as our API shows them."""

from mediajobs import answer
from mediajobs.store.named_secret import NamedSecret
from mediajobs.timestamp import to_text


def named_secret(row: NamedSecret) -> answer.NamedSecret:
    """A secret without its value."""
    return {
        "name": row.name,
        "created": to_text(row.created),
        "updated": to_text(row.updated),
        "updated_by": row.updated_by,
    }
