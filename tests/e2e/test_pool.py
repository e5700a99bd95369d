"""How many jobs run at once, and in which order they start."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mediajobs.timestamp import from_text
from tests.e2e import task
from tests.e2e.bucket import Bucket
from tests.stack import RunningStack

#: Seconds between the moment at which the dispatcher reads who waits, and the grant that it makes of it, at
#: most, also where sixteen clients and another suite keep the machine busy.
LOOK = 5.0


def most_at_once(jobs: list[dict[str, Any]]) -> int:
    """The most jobs that were running at one moment; at the same millisecond an end comes before a start."""
    changes = sorted([(job["started"], 1) for job in jobs] + [(job["ended"], -1) for job in jobs])
    now = most = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return most


def test_a_pool_of_one_never_runs_two(
    stack: RunningStack, media: Bucket, capacity: Callable[[int], Any], running: Callable[[], int]
) -> None:
    capacity(1)
    source = media.put("pool/tiny", b"tiny")
    with ThreadPoolExecutor(8) as threads:
        jobs = list(threads.map(lambda _: stack.submit(task.get(source), task.get(source)), range(8)))
    seen = set()
    while any(stack.job(job["id"])["ended"] is None for job in jobs):
        seen.add(running())
    jobs = [stack.job(job["id"]) for job in jobs]
    assert {job["status"] for job in jobs} == {"Success"}
    assert seen <= {0, 1}
    assert most_at_once(jobs) == 1


def test_jobs_that_wait_for_a_slot_start_by_priority_then_by_submission(
    stack: RunningStack, media: Bucket, capacity: Callable[[int], Any]
) -> None:
    source = media.put("pool/tiny", b"tiny")
    capacity(0)
    priorities = [50, 0, 100, 50, 0, 100, 51, 50]
    jobs = [stack.submit(task.get(source), priority=priority) for priority in priorities]
    time.sleep(1)
    assert {stack.job(job["id"])["status"] for job in jobs} == {"Pending"}
    capacity(2)
    jobs = [stack.wait(job["id"]) for job in jobs]
    assert {job["status"] for job in jobs} == {"Success"}
    assert most_at_once(jobs) <= 2
    expected = sorted(jobs, key=lambda job: (-job["priority"], job["submitted"]))
    starts = [job["started"] for job in expected]
    assert starts == sorted(starts)


@pytest.mark.slow
def test_two_hundred_jobs_at_once_into_a_pool_of_four_all_succeed_in_order(
    stack: RunningStack, media: Bucket
) -> None:
    source = media.put("pool/tiny", b"tiny")
    answered: dict[str, float] = {}
    chance = random.Random(4)
    priorities = [chance.choice((10, 50, 90)) for _ in range(200)]

    def submit(priority: int) -> str:
        job = stack.submit(task.get(source), priority=priority)
        answered[job["id"]] = time.time()
        return str(job["id"])

    with ThreadPoolExecutor(16) as threads:
        ids = list(threads.map(submit, priorities))
    jobs = [stack.wait(job_id, seconds=240) for job_id in ids]

    assert {job["status"] for job in jobs} == {"Success"}
    assert {job["tasks"][0]["tries"] for job in jobs} == {1}
    assert most_at_once(jobs) == 4
    assert sorted(job["priority"] for job in jobs) == sorted(priorities)
    jobs.sort(key=rank)
    for position, better in enumerate(jobs):
        for worse in jobs[position + 1 :]:
            waited = answered[better["id"]] < seconds(worse["started"]) - LOOK
            overtaken = worse["started"] < better["started"]
            assert not (waited and overtaken), f"{summary(worse)} started before {summary(better)}"


def rank(job: dict[str, Any]) -> tuple[int, str, str]:
    return -job["priority"], job["submitted"], job["id"]


def seconds(text: str) -> float:
    return from_text(text) / 1000


def summary(job: dict[str, Any]) -> str:
    return f"{job['id']} ({job['priority']}, {job['submitted']}, {job['started']})"
