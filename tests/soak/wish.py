"""What the customers of a soak want: jobs of a few kinds, each with what its tasks should give."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e import task

#: A death is not the task's own failure, so it is tried again.
_RETRY: dict[str, Any] = {"retry": {"count": 3, "delay_seconds": 0}}
_PROBE: dict[str, Any] = {"tool": "media:probe"}
#: What a job of each kind fails with if nothing is killed; the others succeed.
_FAILURES = {"broken": "SourceNotFound", "second chance": "SourceNotFound"}
_KINDS = {"encode": 25, "retried": 20, "carried": 20, "broken": 10, "cancelled": 15, "second chance": 10}


@dataclass(frozen=True)
class Wish:
    """One job that a customer wants, from so many seconds after the beginning on."""

    name: str
    kind: str
    customer: int
    at: float
    region: str
    priority: int
    #: Seconds from the submission to the request to cancel, for that kind.
    patience: float
    #: Whether a receiver is to be told.
    is_told: bool

    @property
    def failure(self) -> str | None:
        """The code that its tasks should fail with; None if they should succeed."""
        return _FAILURES.get(self.kind)

    def spec(self, places: Mapping[str, str]) -> dict[str, Any]:
        """The job as it is submitted; `places` are URLs: `slow` and `endless` of a clip, `told` of the
        receiver, `out` of the customer's media."""
        told = {"notify": [places["told"]]} if self.is_told else {}
        own = {"user_data": self.name, "region": self.region, "priority": self.priority, **told}
        return {"tasks": self._tasks(places), **own}

    def _tasks(self, places: Mapping[str, str]) -> list[dict[str, Any]]:
        match self.kind:
            case "encode":
                return [task.encode(seconds=1), _PROBE]
            case "retried":
                return [task.get(places["slow"], **_RETRY), task.encode(seconds=1, **_RETRY), _PROBE | _RETRY]
            case "carried":
                kept = {**task.put(f"{places['out']}{self.name}/"), **_RETRY}
                return [task.get(places["slow"]), _PROBE | _RETRY, kept]
            case "cancelled":
                return [task.get(places["endless"]), _PROBE]
        return [_PROBE | {"parameters": {"input": "nothing.mp4"}}, task.encode(seconds=1)]


def wishes(seed: int, *, jobs: int, customers: int, seconds: float, regions: Mapping[int, str]) -> list[Wish]:
    """So many, over so many seconds; the same for the same seed. `regions` by customer."""
    dice = random.Random(seed)
    return sorted(
        (
            Wish(
                name=f"soak-{seed}-{number}",
                kind=dice.choices(list(_KINDS), list(_KINDS.values()))[0],
                customer=number % customers,
                at=dice.uniform(0, seconds),
                region=regions[number % customers],
                priority=dice.choice((50, 50, 50, 70)),
                patience=dice.uniform(0, 6),
                is_told=dice.random() < 0.3,
            )
            for number in range(jobs)
        ),
        key=lambda wish: wish.at,
    )
