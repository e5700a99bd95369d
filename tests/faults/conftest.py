"""A world whose clock, names and failures the suites control."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonpath_ng.ext
import pytest
import time_machine
from botocore.retries.quota import RetryQuota
from moto.core.serialize import AttributePicker, AttributePickerContext

from mediajobs import delivery as telling
from mediajobs import identifier
from mediajobs.worker import task_run, watch, work
from tests import moto_gap
from tests.faults.delivery import Delivery
from tests.faults.dice import Dice
from tests.faults.injector import Injector
from tests.faults.life import equip
from tests.world import world


class _Root:
    """Temporary files of each thread's own, as each of Lambda's environments has them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path / threading.current_thread().name)

    def __truediv__(self, name: str) -> Path:
        return Path(self) / name


_PICK = AttributePicker.__call__


def _pick(self: AttributePicker, context: AttributePickerContext) -> Any:
    """DynamoDB's answers are plain dictionaries already."""
    if type(context.obj) is dict and context.service_model.service_name == "dynamodb":
        return context.obj.get(context.key)
    return _PICK(self, context)


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[int], Delivery]]:
    """Makes a world with a pool of so many slots; one in a test."""
    # Hundreds of injected errors a second would only be noise.
    logging.disable(logging.CRITICAL)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    # moto builds the parser of its event patterns anew for each event.
    monkeypatch.setattr(jsonpath_ng.ext, "parse", cache(jsonpath_ng.ext.parse))  # type: ignore[attr-defined]
    # And it looks for every attribute of an answer under all the names that its own models may have for it.
    monkeypatch.setattr(AttributePicker, "__call__", _pick)
    # The client's budget of retries would otherwise run dry over many runs in one process.
    monkeypatch.setattr(RetryQuota, "acquire", lambda *_: True)
    monkeypatch.setattr(task_run, "STEP_SECONDS", 0.0)
    monkeypatch.setattr(watch, "LOOK_SECONDS", 3600.0)
    monkeypatch.setattr(work, "_ROOT", _Root(tmp_path))
    monkeypatch.setattr(telling, "random", SimpleNamespace(random=lambda: 0.5))
    dice = Dice()
    monkeypatch.setattr(identifier, "secrets", dice)
    injector = Injector()
    with (
        time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock,
        injector.installed(),
        moto_gap.transaction_tokens(),
    ):
        worlds = []

        def made(capacity: int) -> Delivery:
            entered = world(capacity)
            worlds.append(entered)
            delivery = Delivery(entered.__enter__(), injector, clock, dice)
            equip(delivery)
            monkeypatch.setattr(telling, "post", delivery.receive)
            return delivery

        try:
            yield made
        finally:
            for entered in worlds:
                entered.__exit__(None, None, None)
            logging.disable(logging.NOTSET)
