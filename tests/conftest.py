"""Fixtures that many suites use."""

from collections.abc import Iterator

import pytest

from mediajobs.tools.tool import Result
from tests.world import World, tool, world


@pytest.fixture
def acme() -> Iterator[World]:
    """The service with one organization, whose pool has four slots, and a tool that does nothing."""
    with world() as made:
        made.tools["test:nothing"] = tool(lambda _run, _parameters: Result())
        yield made
