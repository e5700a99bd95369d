"""Pools, as our API answers them."""

from typing import Annotated

# Before Python 3.12, pydantic cannot read those of `typing`.
from typing_extensions import TypedDict

from mediajobs.answer.about import About


class Pool(TypedDict):
    """A pool: how many of the organization's jobs may run in a region, how urgently, and how many do."""

    region: str
    capacity: int
    max_priority: int
    running: int


class WatchedPool(Pool):
    """A pool, and how many jobs wait in it."""

    pending: Annotated[int, About("counted up to 1,000")]


class Pools(TypedDict):
    """The organization's pools."""

    pools: list[Pool]
