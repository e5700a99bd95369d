"""The first organization of a deployment, its pools and its admin key."""

from collections.abc import Sequence
from dataclasses import dataclass

from mediajobs.identifier import new_id
from mediajobs.organization import Role
from mediajobs.store import account, pool
from mediajobs.timestamp import now


@dataclass(frozen=True)
class Bootstrap:
    """What a new deployment hands to its owner; the key is shown here only."""

    organization_id: str
    api_key: str


def bootstrap(organization_name: str, capacity: int, regions: Sequence[str]) -> Bootstrap:
    """Make an organization with a pool in each region and one ADMIN key."""
    organization = new_id()
    account.create_organization(organization, organization_name, number=1)
    for region in regions:
        pool.set_capacity(organization, region, capacity, at=now(), by="bootstrap")
    return Bootstrap(organization, account.create_key(organization, Role.ADMIN).text)
