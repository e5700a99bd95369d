"""The whole local stack, for tests that talk to it as its users do."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local import account
from mediajobs.organization import Role
from tests.e2e.bucket import Bucket, Workspace
from tests.e2e.process import ffmpegs, until
from tests.stack import RunningStack, stack

__all__ = ["stack"]

CAPACITY = account.CAPACITY


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the time that the stack's first start may take on a busy machine."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture
def media(stack: RunningStack) -> Bucket:
    """Our part of the media bucket in the home region."""
    return Bucket(stack)


@pytest.fixture
def workspace(stack: RunningStack) -> Workspace:
    """The workspace of the home region."""
    return Workspace(stack)


@pytest.fixture
def running(stack: RunningStack) -> Callable[[], int]:
    """How many slots of the home region's pool are taken."""

    def count() -> int:
        pools = stack.call("GET", "/pools")["pools"]
        return int(next(pool["running"] for pool in pools if pool["region"] == stack.home_region))

    return count


@pytest.fixture
def capacity(stack: RunningStack) -> Iterator[Callable[[int], Any]]:
    """Sets the capacity of the home region's pool for the time of a test."""

    def change(slots: int) -> Any:
        return stack.call("PUT", f"/pools/{stack.home_region}", {"capacity": slots})

    yield change
    change(CAPACITY)


@pytest.fixture
def spawn() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts a process as `Popen` does, whose output is to be read; it ends with the test at the latest."""
    started: list[subprocess.Popen[str]] = []

    def begin(arguments: list[str], **options: Any) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(autouse=True)
def _nothing_stays(stack: RunningStack) -> Iterator[None]:
    """Whatever a test did, it leaves no slot taken and no ffmpeg running."""
    yield
    until(lambda: not any(pool["running"] for pool in stack.call("GET", "/pools")["pools"]), 15)
    until(lambda: not ffmpegs(stack), 5)


@pytest.fixture(scope="session")
def stranger(stack: RunningStack) -> dict[str, str]:
    """Another organization: its `organization_id` and `api_key`."""
    return account.make(stack.endpoint_url, stack.home_region, stack.local.regions)


@pytest.fixture
def key_of(stack: RunningStack) -> Callable[[Role], str]:
    """A new key of ours with a role."""

    def make(role: Role) -> str:
        return str(stack.call("POST", "/keys", {"user": "test", "role": role})["api_key"])

    return make
