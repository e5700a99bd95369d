"""What DynamoDB does that a test table does not: indexes that lag, rows that expire late or early."""

from collections.abc import Callable

import pytest

from mediajobs.job import RETENTION_DAYS
from mediajobs.timestamp import DAY, now
from tests import moto_gap
from tests.faults.delivery import Delivery
from tests.faults.extent import chosen
from tests.faults.life import LIVES, go

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("name", chosen(LIVES, ("one slot for two", "restarted at work", "only the sweeper")))
def test_indexes_may_lag(name: str, make: Callable[[int], Delivery]) -> None:
    delivery = make(LIVES[name].capacity)
    delivery.has_lag = True
    while go(delivery, LIVES[name]):
        pass
    delivery.check_rest()


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
