"""A fleet keeps environments warm, never has more than its cap, and starts few for short calls."""

import threading
import time
from typing import Any, NoReturn

import pytest

from infra.local.environment import Outcome
from infra.local.fleet import Closed, Fleet


class Environment:
    """What a fleet sees of an environment; an event says how long it takes, or that it dies."""

    tail = ""

    def __init__(self) -> None:
        self.alive = True
        self.idle_since = time.monotonic()

    def invoke(self, request_id: str, arn: str, payload: bytes, seconds: float) -> Outcome:
        if payload == b"die":
            self.alive = False
        else:
            time.sleep(float(payload))
        return Outcome(payload, failed=False)

    def kill(self) -> None:
        self.alive = False


class Starter:
    """Counts the environments it starts."""

    def __init__(self) -> None:
        self.started: list[Environment] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()

    def __call__(self) -> Any:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        time.sleep(0.02)
        with self._lock:
            self._at_once -= 1
            self.started.append(Environment())
            return self.started[-1]


@pytest.fixture
def start() -> Starter:
    return Starter()


def _invoke(fleet: Fleet, payload: bytes = b"0") -> Outcome:
    return fleet.invoke("id", "arn", payload, 10)[0]


def _at_once(fleet: Fleet, count: int, payload: bytes) -> None:
    threads = [threading.Thread(target=_invoke, args=(fleet, payload)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_one_after_the_other_share_an_environment(start: Starter) -> None:
    fleet = Fleet(start, 5)
    for _ in range(3):
        assert _invoke(fleet).body == b"0"
    assert len(start.started) == 1


def test_long_calls_at_once_have_one_each_up_to_the_cap(start: Starter) -> None:
    fleet = Fleet(start, 3)
    _at_once(fleet, 6, b"0.5")
    assert len(start.started) == 3


def test_a_burst_of_calls_shares_what_comes_back_in_time(
    start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy the machine is, so much time is enough.
    monkeypatch.setattr("infra.local.fleet.PATIENCE", 30)
    _at_once(Fleet(start, 50), 50, b"0.001")
    assert len(start.started) == 1


def test_no_more_than_two_are_started_at_the_same_time(start: Starter) -> None:
    _at_once(Fleet(start, 10), 10, b"0.5")
    assert len(start.started) > 2
    assert start.most_at_once <= 2


def test_a_dead_one_is_replaced(start: Starter) -> None:
    fleet = Fleet(start, 1)
    _invoke(fleet, b"die")
    _invoke(fleet)
    assert len(start.started) == 2


def test_idle_ones_are_ended(start: Starter) -> None:
    fleet = Fleet(start, 1)
    _invoke(fleet)
    fleet.reap(60)
    assert start.started[0].alive
    fleet.reap(0)
    assert not start.started[0].alive


def test_after_a_change_of_the_code_no_old_one_is_used(start: Starter) -> None:
    fleet = Fleet(start, 1)
    _invoke(fleet)
    fleet.refresh()
    _invoke(fleet)
    assert [each.alive for each in start.started] == [False, True]


def test_a_start_that_fails_does_not_use_up_the_cap() -> None:
    def fail() -> NoReturn:
        raise OSError("no more processes")

    fleet = Fleet(fail, 1)
    for _ in range(2):
        with pytest.raises(OSError, match="no more processes"):
            _invoke(fleet)


def test_closed_it_ends_all_and_starts_none(start: Starter) -> None:
    fleet = Fleet(start, 1)
    _invoke(fleet)
    fleet.close()
    assert not start.started[0].alive
    with pytest.raises(Closed):
        _invoke(fleet)
