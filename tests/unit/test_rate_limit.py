"""Rate limits: exact at the window's edges, under concurrency, and when the clock goes back."""

import threading
from typing import Any

import pytest
import time_machine

from mediajobs.rate_limit import LOGS, Count, Limit
from mediajobs.timestamp import DAY, MINUTE
from tests.world import World

NOON = 20_000 * DAY + 12 * 60 * MINUTE


def _take(count: Count, limit: Limit, at: int, times: int) -> Count:
    for _ in range(times):
        taken = count.take(limit, at)
        assert isinstance(taken, Count)
        count = taken
    return count


def test_the_21st_call_waits_until_the_first_is_a_minute_old() -> None:
    count = _take(Count(), LOGS, NOON, 1)
    count = _take(count, LOGS, NOON + 30_000, 19)
    assert count.take(LOGS, NOON + 59_999) == 1
    assert isinstance(count.take(LOGS, NOON + 60_000), Count)
    assert count.take(LOGS, NOON + 40_000) == 20_000


def test_the_1001st_call_of_a_day_waits_until_midnight() -> None:
    limit = Limit(a_minute=2000, a_day=1000)
    midnight = 20_001 * DAY
    count = _take(Count(), limit, midnight - MINUTE * 2, 1000)
    assert count.take(limit, midnight - 1) == 1
    fresh = count.take(limit, midnight)
    assert isinstance(fresh, Count)
    assert fresh.today == 1


def test_a_clock_that_goes_back_gives_no_calls_back() -> None:
    count = _take(Count(), LOGS, NOON, 20)
    assert count.take(LOGS, NOON - 3_600_000) == 3_600_000 + 60_000


@pytest.mark.parametrize("threads", [8])
def test_calls_at_one_instant_are_counted_each(acme: World, threads: int, monkeypatch: Any) -> None:
    from mediajobs.errors import TooManyRequests
    from mediajobs.store import rate_limit
    from mediajobs.store.read import get
    from mediajobs.store.write import write

    results: list[Any] = []
    one_call = threading.Lock()

    def atomic(call: Any) -> Any:
        """moto looks at a condition and changes attribute after attribute; DynamoDB does all at once."""

        def one_at_a_time(*given: Any) -> Any:
            with one_call:
                return call(*given)

        return one_at_a_time

    monkeypatch.setattr(rate_limit, "write", atomic(write))
    monkeypatch.setattr(rate_limit, "get", atomic(get))

    def call() -> None:
        for _ in range(4):
            try:
                rate_limit.take("org", "key", "logs", LOGS, NOON)
                results.append("taken")
            except TooManyRequests:
                results.append("refused")

    workers = [threading.Thread(target=call) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert results.count("taken") == 20
    assert results.count("refused") == 12


def test_the_log_of_a_task_is_read_20_times_a_minute(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        answers = [acme.call("GET", f"/jobs/{job_id}/tasks/0/logs") for _ in range(21)]
        assert [answer.status for answer in answers] == [200] * 20 + [429]
        assert answers[0].headers["ratelimit"].startswith('"minute";r=19;t=60')
        assert answers[20].headers["retry-after"] == "60"
        other = acme.call("POST", "/keys", {"user": "b", "role": "VIEW"}).body["api_key"]
        assert acme.call("GET", f"/jobs/{job_id}/tasks/0/logs", key=other).status == 200
        clock.shift(60)
        assert acme.call("GET", f"/jobs/{job_id}/tasks/0/logs").status == 200
