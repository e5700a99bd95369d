"""The first organization of a deployment, which is its operator: its pools and its ADMIN key."""

from collections.abc import Sequence
from dataclasses import dataclass

from mediajobs.store import account, pool
from mediajobs.timestamp import now


@dataclass(frozen=True)
class Bootstrap:
    """What a new deployment hands to its owner; the key is shown here only."""

    organization_id: str
    api_key: str


def bootstrap(
    organization_name: str, capacity: int, regions: Sequence[str], *, admin_user: str = "admin"
) -> Bootstrap:
    """Make an organization with a pool in each region and one ADMIN key. Raises Conflict if the name is
    taken."""
    made, key = account.create_organization(organization_name, admin_user, at=now(), by="bootstrap")
    for region in regions:
        pool.set_capacity(made.id, region, capacity, at=now(), by="bootstrap")
    return Bootstrap(made.id, key.text)
