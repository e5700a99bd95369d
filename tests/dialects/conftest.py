"""The running stack, for what the vendors' clients send over the wire."""

import pytest

from tests.e2e.bucket import Bucket
from tests.stack import RunningStack, stack

__all__ = ["stack"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test on the stack the time that its first start may take on a busy machine."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture
def media(stack: RunningStack) -> Bucket:
    """Our part of the media bucket in the home region."""
    return Bucket(stack)
