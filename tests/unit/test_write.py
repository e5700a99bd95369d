"""Conditional writes that AWS's client has to send twice."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mediajobs.store import write as writes
from mediajobs.store.write import Condition, ConditionFailed, Put, Update, equals, write
from tests.faults.injector import Injector, Mode
from tests.world import World

_KEY = ("ORG#acme#THING", "1")


@pytest.fixture
def injector(acme: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Injector]:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with Injector().installed() as made:
        yield made


def _sent_twice(injector: Injector, mode: Mode, change: Update, **row: Any) -> dict[str, Any]:
    """The answer of a change whose first sending fails so, of a row that is like this."""
    write(Put({"pk": _KEY[0], "sk": _KEY[1], **row}))
    injector.reset({0: mode})
    with injector.process("somebody"):
        return write(change)


@pytest.mark.parametrize("mode", [Mode.LOST_REPLY, Mode.THROTTLE, Mode.CONFLICT])
def test_a_change_that_is_sent_twice_is_made_once(injector: Injector, mode: Mode) -> None:
    change = Update(_KEY, {"version": 2, "recent": (1, 2), "gone": None}, equals(version=1, state="on"))
    row = _sent_twice(injector, mode, change, version=1, state="on", gone="x")
    assert (row["version"], row["recent"], row.get("gone")) == (2, [1, 2], None)


@pytest.mark.parametrize(
    ("change", "row"),
    [
        (Update(_KEY, {"progress": 50}, equals(state="on")), {"state": "off", "progress": 50}),
        (Update(_KEY, {"version": 2}, equals(version=1, run="a")), {"version": 2, "run": "b"}),
        (Update(_KEY, {"version": 2, "name": "mine"}, equals(version=1)), {"version": 2, "name": "other"}),
        (Update(_KEY, {"version": 2}, equals(version=1), add={"count": 1}), {"version": 2, "count": 1}),
        (Update(_KEY, {"version": 2}, Condition("#version < :most", {"most": 2})), {"version": 2}),
    ],
    ids=["what is compared has not moved", "more is compared", "other content", "a counter", "no equality"],
)
def test_what_somebody_else_has_changed_is_not_taken_for_ones_own(
    injector: Injector, change: Update, row: dict[str, Any]
) -> None:
    with pytest.raises(ConditionFailed):
        _sent_twice(injector, Mode.THROTTLE, change, **row)


def test_a_change_that_was_sent_once_is_never_taken_for_made(acme: World) -> None:
    write(Put({"pk": _KEY[0], "sk": _KEY[1], "version": 2}))
    with pytest.raises(ConditionFailed):
        write(Update(_KEY, {"version": 2}, equals(version=1)))


def test_attempts_before_a_conflict_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    answers = [("TransactionConflictException", 1), ("ConditionalCheckFailedException", 0)]

    def send() -> dict[str, Any]:
        code, attempts = answers.pop(0)
        raise ClientError(
            {"Error": {"Code": code}, "ResponseMetadata": {"RetryAttempts": attempts}}, "UpdateItem"
        )

    with pytest.raises(ClientError) as caught:
        writes._through_conflicts(send)
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 1
