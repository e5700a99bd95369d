"""Bundles, as our API answers them."""

from typing import Annotated

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About, Id, NextToken, Time


class Bundle(TypedDict):
    """A named group of jobs."""

    id: Id
    name: str
    number: Annotated[int, About("counts the organization's bundles from 1")]
    created: Time
    created_by: Annotated[str, About("the id of an API key")]


class CountedBundle(Bundle):
    """A bundle, and how its jobs are."""

    jobs: Annotated[dict[str, int], About("how many of its jobs have each status; may lag a moment")]


class BundlePage(TypedDict):
    """A page of bundles."""

    bundles: list[Bundle]
    next_token: NextToken
