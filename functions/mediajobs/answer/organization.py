"""Organizations and their keys, as our API answers them."""

from typing import Annotated

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, Id, NextToken, Time
from mediajobs.organization import Role


class Organization(TypedDict):
    """An organization, and the caller's role in it."""

    id: Id
    name: str
    number: Annotated[int, About("counts from 1; the first one runs the deployment")]
    created: Time
    role: Role
    default_region: Annotated[
        str | None, About("where its jobs run that name no region; null leaves it to the deployment")
    ]


class MadeOrganization(Organization):
    """An organization that has just been made."""

    api_key: Annotated[str, About("its first ADMIN key, shown this once")]


class Organizations(TypedDict):
    """The caller's organizations."""

    organizations: list[Organization]


class Key(TypedDict):
    """An API key as its organization sees it."""

    id: str
    prefix: Annotated[str, About("how the key begins")]
    user: str
    role: Role
    invitation: bool
    created: Time
    created_by: str
    expires: Time | None
    revoked: Time | None
    replaced_by: str | None


class MadeKey(Key):
    """A key that has just been made."""

    api_key: Annotated[str, About("the key itself, shown this once")]


class KeyPage(TypedDict):
    """A page of keys."""

    keys: list[Key]
    next_token: NextToken
