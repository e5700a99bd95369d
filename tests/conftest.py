"""Fixtures that many suites use."""

from collections.abc import Iterator

import pytest

from mediajobs.tools.tool import Result
from mediajobs.worker import work
from tests.world import World, tool, world


# Before xdist's own, which reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together, where tests run in several processes, what shares something slow to make: the running
    stack, a synthesis of the app, the fixtures of a file."""
    for item in items:
        shares = getattr(item, "fixturenames", ())
        group = next((name for name in ("stack", "assembly") if name in shares), item.path.as_posix())
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session", autouse=True)
def _workers_of_this_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A worker empties its directory, which in Lambda nobody else has; tests run in several processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "_ROOT", tmp_path_factory.mktemp("work"))
        yield


@pytest.fixture
def acme() -> Iterator[World]:
    """The service with one organization, whose pool has four slots, and a tool that does nothing."""
    with world() as made:
        made.tools["test:nothing"] = tool(lambda _run, _parameters: Result())
        yield made
