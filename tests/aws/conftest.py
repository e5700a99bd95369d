"""Two emulators of AWS, of which each test asks the same: moto, as the unit tests use it, and the local
stack's."""

from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import version
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.local.emulator import Emulator
from tests import moto_gap
from tests.aws.difference import DIFFERENCES, VERSIONS
from tests.aws.place import REGION, Place

#: What moto needs for executions to run.
_MOTO: Any = {"stepfunctions": {"execute_state_machine": True}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of a listed difference has to fail: when it does not, the difference has gone."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        name = str(callspec.params.get("aws")) if callspec else ""
        what = DIFFERENCES.get((name, getattr(item, "originalname", "")))
        if what is not None:
            reason = f"{name} {VERSIONS[name]}: {what}"
            item.add_marker(pytest.mark.xfail(strict=True, reason=reason))


@pytest.fixture(scope="session")
def _ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with (tmp_path_factory.mktemp("aws") / "log").open("wb") as log:
        emulator = Emulator.start(output=log)
        place = Place(lambda service: emulator.client(service, REGION))
        yield place
        place.close()
        emulator.stop()


@pytest.fixture
def _moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
    with ExitStack() as stack:
        stack.enter_context(mock_aws(config=_MOTO))
        stack.enter_context(moto_gap.transaction_tokens())
        place = Place(lambda service: boto3.client(service, region_name=REGION))
        yield place
        place.close()


@pytest.fixture(params=["moto", "ministack"])
def aws(request: pytest.FixtureRequest) -> Place:
    """AWS, in the opinion of one of them."""
    place: Place = request.getfixturevalue(f"_{request.param}")
    return place


@pytest.fixture(scope="session", autouse=True)
def _versions() -> None:
    for name, expected in VERSIONS.items():
        assert version(name) == expected, f"look at the differences of {name} {version(name)} again"
