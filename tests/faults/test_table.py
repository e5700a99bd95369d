"""What DynamoDB does that a test table does not: indexes that lag, rows that expire late or early."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from mediajobs.job import RETENTION_DAYS
from mediajobs.timestamp import DAY, now
from tests import moto_gap
from tests.faults.delivery import Delivery
from tests.faults.extent import chosen, many
from tests.faults.life import LIVES, go, task
from tests.faults.situation import submit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("name", chosen(LIVES, ("one slot for two", "restarted at work", "only the sweeper")))
def test_indexes_may_lag(name: str, make: Callable[[int], Delivery]) -> None:
    delivery = make(LIVES[name].capacity)
    delivery.has_lag = True
    while go(delivery, LIVES[name]):
        pass
    delivery.check_rest()


@pytest.mark.parametrize("name", chosen(LIVES, ("one slot for two", "room is made")))
def test_each_row_of_an_index_may_lag_on_its_own(
    name: str, make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    delivery = make(LIVES[name].capacity)
    start = delivery.keep()
    runs, most = many(3, 50), 6
    for seed in range(runs):
        delivery.go_back(start)
        dice = random.Random(seed)
        with moto_gap.lagging_indexes(lambda: dice.randint(0, most), most):  # noqa: B023
            while go(delivery, LIVES[name]):
                pass
        delivery.check_rest()
    total(f"{name}: {runs} seeds, each row of an index up to {most} writes late, 0 broken")


def test_a_list_from_a_late_index_shows_no_job_twice_and_none_that_never_was(
    make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    delivery, dice, lists = make(2), random.Random(1), 0
    for number in range(3):
        submit(delivery, str(number), task("media"))
    delivery.collect()
    with moto_gap.lagging_indexes(lambda: dice.randint(0, 8), 8):
        while delivery.step():
            for query in ("", "&status=Pending,Running", "&status=Success&direction=asc"):
                shown = [job["id"] for job in _listed(delivery, query)]
                assert len(shown) == len(set(shown))
                assert set(shown) <= set(delivery.look().jobs)
                lists += 1
    delivery.rest()
    assert len(_listed(delivery, "")) == len(_listed(delivery, "&status=Success")) == 3
    total(f"{lists} lists from late indexes, 0 wrong")


def _listed(delivery: Delivery, query: str, between: Callable[[], None] = lambda: None) -> list[Any]:
    """All pages of a list, and what happens after each."""
    found, token = [], ""
    while True:
        page = delivery.world.call("GET", f"/jobs?limit=2{query}{token}")
        assert page.status == 200, page.body
        found += page.body["jobs"]
        if page.body["next_token"] is None:
            return found
        token = f"&next_token={page.body['next_token']}"
        between()


_QUERIES = (
    "",
    "&direction=asc",
    "&status=Success",
    "&sort=ended",
    "&sort=ended&direction=asc",
    "&bundle_id={}",
)


def test_jobs_may_expire_in_the_middle_of_paging(
    make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    """One a page, whether or not its row goes with it; the others show once each."""
    delivery = make(6)
    bundle = delivery.world.call("POST", "/bundles", {"name": "x"}).body["id"]
    for number in range(6):
        submit(delivery, str(number), task("storage"), bundle="x")
        delivery.collect()
        delivery.deliver()
        delivery.pass_time(1000)
    expiries = {job.id: (job.ttl or 0) * 1000 for job in delivery.look().jobs.values()}
    # The first expires in a second, and another with each.
    delivery.pass_time(min(expiries.values()) - 1000 - now())
    moment = delivery.keep()
    for query in _QUERIES:
        for is_deleted in (False, True):
            delivery.go_back(moment)
            _page_through(delivery, query.format(bundle), expiries, is_deleted=is_deleted)
            left = {job_id for job_id, expiry in expiries.items() if expiry > now()}
            assert {job["id"] for job in _listed(delivery, "")} == left
            counted = delivery.world.call("GET", f"/bundles/{bundle}").body["jobs"]
            assert sum(counted.values()) == len(left)
    total(f"{2 * len(_QUERIES)} lists of jobs that expire on the way, 0 wrong")


def _page_through(delivery: Delivery, query: str, expiries: dict[str, int], *, is_deleted: bool) -> None:
    gone_at: dict[str, int] = {}
    pages = 0

    def between() -> None:
        nonlocal pages
        pages += 1
        delivery.pass_time(1000)
        for job_id, expiry in expiries.items():
            if expiry <= now():
                gone_at.setdefault(job_id, pages)
        if is_deleted:
            moto_gap.delete_expired(now() // 1000)

    shown = [job["id"] for job in _listed(delivery, query, between)]
    assert len(shown) == len(set(shown)), query
    assert set(expiries) - set(shown) <= set(gone_at), query
    for job_id, page in gone_at.items():
        assert delivery.world.call("GET", f"/jobs/{job_id}").status == 404
        assert job_id not in shown[2 * page :], query


_REQUESTS = (
    ("GET", ""),
    ("POST", "/cancel"),
    ("POST", "/restart"),
    ("POST", "/resubmit"),
    ("GET", "/events"),
    ("GET", "/deliveries"),
    ("GET", "/metrics"),
    ("GET", "/tasks/0/logs"),
)


@pytest.mark.parametrize(("method", "rest"), _REQUESTS)
def test_a_job_may_expire_between_any_two_calls_of_a_request(
    method: str, rest: str, make: Callable[[int], Delivery], total: Callable[[str], None]
) -> None:
    """It is answered as it was or as gone, and nothing of it comes back."""
    delivery = make(1)
    submit(delivery, "a", task("media"), task("storage"))
    delivery.collect()
    delivery.rest()
    (job_id,) = delivery.look().jobs
    path = f"/jobs/{job_id}{rest}"
    delivery.pass_time(RETENTION_DAYS * DAY - 5000)
    moment, number = delivery.keep(), 0
    statuses = []
    while True:
        delivery.go_back(moment)
        calls = 0

        def before(_operation: str, _request: Any) -> None:
            nonlocal calls
            if calls == number:  # noqa: B023
                delivery.pass_time(10_000)
                assert moto_gap.delete_expired(now() // 1000) > 0
            calls += 1

        delivery.injector.before = before
        with delivery.injector.process("request"):
            answer = delivery.world.call(method, path)
        delivery.injector.before = lambda _operation, _request: None
        assert answer.status < 500, (number, answer.body)
        if calls <= number:
            break
        statuses.append(answer.status)
        # Unless it had been restarted by then, and lives on.
        left = delivery.look().jobs.get(job_id)
        assert left is None or (rest, left.attempt, left.ttl) == ("/restart", 2, None)
        number += 1
    assert 404 in statuses
    total(f"{method} {rest}: {number} moments, answered {sorted(set(statuses))}")


def test_a_key_whose_job_is_gone_makes_another_once_it_is_forgotten_itself(
    make: Callable[[int], Delivery],
) -> None:
    """Whether or not its row still stands; and at the very second, too."""
    delivery = make(1)
    delivery.world.tools["test:media"] = delivery.world.tools["test:storage"]
    body = {"tasks": [task("storage")]}

    def send() -> Any:
        return delivery.world.call("POST", "/jobs", body, headers={"idempotency-key": "k"})

    first = send().body["id"]
    delivery.collect()
    delivery.rest()
    (row,) = [
        row
        for row in moto_gap.rows().values()
        for row in row.values()
        if "IDEMPOTENCY" in str(row.attrs["pk"].value)
    ]
    delivery.clock.move_to(int(row.attrs["ttl"].value) - 1)
    assert send().status == 409
    delivery.pass_time(1000)
    answer = send()
    assert (answer.status, answer.body["id"] != first) == (201, True)
    assert send().body["id"] == answer.body["id"]


def test_a_job_goes_before_whatever_belongs_to_it(make: Callable[[int], Delivery]) -> None:
    delivery = make(1)
    while go(delivery, LIVES["restarted from the failure"]):
        pass
    (job_id,) = delivery.look().jobs
    delivery.pass_time(RETENTION_DAYS * DAY)
    assert delivery.world.call("GET", f"/jobs/{job_id}").status == 404
    assert moto_gap.delete_expired(now() // 1000) > 0
    gone = delivery.look()
    assert (gone.jobs, bool(gone.events), bool(gone.results)) == ({}, True, True)
    for method, path in (("GET", ""), ("POST", "/cancel"), ("POST", "/restart")):
        assert delivery.world.call(method, f"/jobs/{job_id}{path}").status == 404
    assert delivery.world.sweep() == {"looked_at": 0, "failed": 0}
