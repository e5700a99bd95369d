"""Every function that is asked for something: its AWS calls fail in every way, and it is asked again.

The lives are those that bring every function to all that it may do: endpoints of ours and of the vendors, and
what makes jobs of events, offers tasks to workers outside, looks at a dry run's places and speaks with
MediaConvert. In the end the table holds what one asking leaves, or two. Functions that follow each other
through a job's life are in `test_crash.py`.
"""

import logging
import secrets
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from mediajobs import identifier
from mediajobs.reactions import dispatch
from mediajobs.routes import DIALECTS, ROUTES
from tests import moto_gap
from tests.dialects.castlabs import test_permission as castlabs_life
from tests.dialects.dolby import test_permission as dolby_life
from tests.dialects.transparentedge import test_permission as transparentedge_life
from tests.dialects.xvid import test_permission as xvid_life
from tests.faults.injector import Injector
from tests.faults.ordeal import Ordeal
from tests.infra.test_permission import everything_that_can_happen
from tests.moto_haste import haste
from tests.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(24 * 3600)]

LIVES: dict[str, Callable[[World, Any], object]] = {
    "ours": everything_that_can_happen,
    "castlabs": lambda world, _: castlabs_life.everything(world),
    "dolby": lambda world, _: dolby_life.everything(world),
    "transparentedge": lambda world, _: transparentedge_life.everything(world),
    "xvid": lambda world, _: xvid_life.everything(world),
}
#: How a world is asked.
_METHODS = ("call", "vendor", "arrive", "offer_task", "inspect", "convert", "follow")
_CALLS_NOTHING = {"api.get_docs", "api.get_openapi"}


@pytest.fixture
def ordeal(tireless: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ordeal]:
    logging.disable(logging.CRITICAL)
    # One job starts at a time, so that the order of the calls is the same each time.
    monkeypatch.setattr(dispatch, "MOST", 1)
    # So that what is drawn by chance is known by its form.
    digits = SimpleNamespace(choice=lambda _: secrets.choice("0123456789"), randbits=secrets.randbits)
    monkeypatch.setattr(identifier, "secrets", digits)
    with haste(), moto_gap.transaction_tokens(), Injector().installed() as injector:
        made = Ordeal(injector)
        for method in _METHODS:
            monkeypatch.setattr(World, method, made.before(getattr(World, method), method))
        yield made
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", LIVES)
def test_what_is_asked_again_is_done_once_or_twice_and_never_half(
    name: str, ordeal: Ordeal, acme: World, clock: Any, total: Callable[[str], None]
) -> None:
    LIVES[name](acme, clock)
    total(
        f"{name}: {ordeal.faults + ordeal.seconds} faults ({ordeal.seconds} of them second ones) in "
        f"{len(ordeal.functions)} functions, {len(ordeal.broken)} broken"
    )
    wanted = {route.name for route in (ROUTES if name == "ours" else DIALECTS[name])}
    assert wanted - ordeal.functions - _CALLS_NOTHING == set()
    assert not ordeal.broken, "\n\n".join(ordeal.broken)
