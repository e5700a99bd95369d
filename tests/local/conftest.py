"""One emulator for the tests of local mode, with the fixes and without."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.emulator import Emulator
from infra.local.fix import Choice
from tests.local.place import Place


def _started(directory: Path, **options: Any) -> Iterator[Place]:
    with (directory / "log").open("wb") as log:
        emulator = Emulator.start(output=log, **options)
        place = Place(emulator)
        yield place
        place.stop()


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The emulator as it is used."""
    yield from _started(tmp_path_factory.mktemp("emulator"))


@pytest.fixture(scope="session")
def unfixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The emulator without any fix."""
    yield from _started(tmp_path_factory.mktemp("unfixed"), fixes=Choice.NONE)


@pytest.fixture
def until() -> Callable[..., Any]:
    """Wait until a call gives something true, and return that."""

    def wait(call: Callable[[], Any], seconds: float = 10) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := call()):
            assert time.monotonic() < deadline, f"not within {seconds} s"
            time.sleep(0.05)
        return found

    return wait
