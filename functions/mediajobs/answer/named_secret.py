"""Named secrets, as our API answers them."""

from typing import Annotated

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, Time


class NamedSecret(TypedDict):
    """A secret without its value, which nothing ever shows."""

    name: str
    created: Time
    updated: Time
    updated_by: Annotated[str, About("the id of an API key")]


class NamedSecrets(TypedDict):
    """The organization's secrets, by name."""

    secrets: list[NamedSecret]
