"""Fixtures that many suites use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from mediajobs.tools.tool import Result
from mediajobs.worker import work
from tests.world import World, tool, world


class Together(LoadScopeScheduling):
    """Keeps to one process, where tests run in several, what shares something slow to make: the running
    stack, a synthesis of the app, the fixtures of a file."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        if file.name == "test_wire.py" or file.parts[1] in {"aws", "console", "e2e", "soak"}:
            return "stack"
        if file.name == "test_odd_paths.py" or file.parts[1] == "infra":
            return "assembly"
        return file.as_posix()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Hand out the tests so."""
    return Together(config, log)


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
