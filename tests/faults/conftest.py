"""A world whose clock, names and failures the suites control."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from botocore.retries.quota import RetryQuota
from moto.s3 import models

from mediajobs import delivery as telling
from mediajobs import identifier, mail
from mediajobs.worker import task_run, watch, work, workspace
from tests import moto_gap
from tests.faults.delivery import Delivery
from tests.faults.dice import Dice
from tests.faults.injector import Injector
from tests.faults.life import PART, equip
from tests.moto_haste import haste
from tests.world import World, world


class _Root:
    """Temporary files of each thread's own, as each of Lambda's environments has them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path / threading.current_thread().name)

    def __truediv__(self, name: str) -> Path:
        return Path(self) / name


@pytest.fixture
def tireless(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS's client sends again at once; its budget of retries would run dry over many runs in one process."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(RetryQuota, "acquire", lambda *_: True)


@pytest.fixture
def injector(acme: World, tireless: None) -> Iterator[Injector]:
    """Makes calls of a world fail."""
    with Injector().installed() as made:
        yield made


@pytest.fixture
def make(
    tireless: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[int], Delivery]]:
    """Makes a world with a pool of so many slots; one in a test."""
    # Hundreds of injected errors a second would only be noise.
    logging.disable(logging.CRITICAL)
    monkeypatch.setattr(task_run, "STEP_SECONDS", 0.0)
    monkeypatch.setattr(watch, "LOOK_SECONDS", 3600.0)
    monkeypatch.setattr(workspace, "_PART", PART)
    monkeypatch.setattr(models, "S3_UPLOAD_PART_MIN_SIZE", PART)
    monkeypatch.setattr(work, "_ROOT", _Root(tmp_path))
    monkeypatch.setattr(telling, "random", SimpleNamespace(random=lambda: 0.5))
    dice = Dice()
    monkeypatch.setattr(identifier, "secrets", dice)
    injector = Injector()
    with (
        time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock,
        injector.installed(),
        haste(),
        moto_gap.transaction_tokens(),
    ):
        worlds = []

        def made(capacity: int) -> Delivery:
            entered = world(capacity)
            worlds.append(entered)
            delivery = Delivery(entered.__enter__(), injector, clock, dice)
            equip(delivery)
            monkeypatch.setattr(telling, "post", delivery.receive)
            monkeypatch.setattr(mail, "send", delivery.mail)
            return delivery

        try:
            yield made
        finally:
            for entered in worlds:
                entered.__exit__(None, None, None)
            logging.disable(logging.NOTSET)
