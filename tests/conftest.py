"""Fixtures that many suites use."""

from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import time_machine
from time_machine import Traveller
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from mediajobs.tools.tool import Result
from mediajobs.worker import work
from tests.faults.extent import IS_LONG
from tests.world import World, tool, world

# What Hypothesis makes up is the same in each short run; it is left to chance in long ones.
hypothesis.settings.register_profile("mediajobs", derandomize=not IS_LONG, database=None, deadline=None)
hypothesis.settings.load_profile("mediajobs")


class Together(LoadScopeScheduling):  # type: ignore[misc]
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


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """A clock that stands still until a test moves it."""
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def total(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Says what a suite has counted: at once with `-s`, and at the end of the run in any case."""

    def say(line: str) -> None:
        print(f"\n{line}")
        record_property(_TOTAL, line)

    return say


_TOTAL = "total"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the totals, whichever process they were counted in."""
    lines = [
        f"{Path(report.nodeid.partition('::')[0]).stem}: {line}"
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call"
        for name, line in report.user_properties
        if name == _TOTAL
    ]
    if lines:
        terminalreporter.section("totals")
        terminalreporter.write_line("\n".join(lines))
