"""What a vendor's endpoints call of AWS, and what they may."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra.permission.dialect import dialects
from infra.permission.grant import Needs
from mediajobs.routes import DIALECTS
from tests.ledger import NAMES, Ledger, meant
from tests.world import World


@contextmanager
def watching(dialect: str, *forget: Callable[[], object]) -> Iterator[Ledger]:
    """Note what the endpoints of a dialect call. Before each request the process forgets what `forget`
    clears, as each endpoint is a process of its own."""

    def endpoint(_: World, __: str, method: str, path: str, *___: Any, **____: Any) -> str:
        for clear in forget:
            clear()
        return meant(DIALECTS[dialect], method, path)

    made = Ledger()
    with pytest.MonkeyPatch.context() as patch, made.listening():
        patch.setattr(World, "vendor", made.watched(World.vendor, endpoint))
        yield made


def permitted(dialect: str) -> dict[str, Needs]:
    """What the endpoints of a dialect may do."""
    needs = dialects(NAMES)
    return {route.name: needs[route.name] for route in DIALECTS[dialect]}
