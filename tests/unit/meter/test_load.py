"""The arithmetic of docs/capacity.md: held against the budget, and against the page."""

import re
from pathlib import Path

import pytest

from infra.meter import load

_BUDGET = Path("docs/budget.md").read_text()
_PAGE = Path("docs/capacity.md").read_text()


def _budget(row: str) -> float:
    """The figure of a job of three tasks."""
    (found,) = re.findall(rf"^\| {re.escape(row)} +\|[^|]+\| *([\d,.]+) \|", _BUDGET, re.MULTILINE)
    return float(found.replace(",", ""))


@pytest.mark.parametrize(
    ("row", "assumed"),
    [
        ("Step Functions transitions", load.TRANSITIONS),
        ("Lambda invocations of the run", load.RUN_INVOCATIONS),
        ("… of reactions", load.REACTIONS),
        ("DynamoDB write units", load.WRITE_UNITS),
        ("DynamoDB read units", load.READ_UNITS),
        ("hottest shared key, write units", load.POOL_UNITS),
        ("events on the bus", load.BUS_EVENTS),
    ],
)
def test_what_a_job_takes_is_not_more_than_is_reckoned_with(row: str, assumed: float) -> None:
    assert _budget(row) <= assumed * 1.05


def test_the_room_of_a_pools_row_and_the_price_are_those_of_the_budget() -> None:
    assert f"room for {load.HOLDERS_IN_A_KILOBYTE} holders" in " ".join(_BUDGET.split())
    (price,) = re.findall(r"in all[ |]+\$([\d.]+)", _BUDGET)
    assert float(price) == pytest.approx(load.DOLLARS_A_MILLION, rel=0.05)


def test_the_page_has_the_tables_as_they_are_reckoned() -> None:
    for table in (load.quota_table(), load.pool_table(), load.cost_table()):
        assert table in _PAGE
    assert f"**{load.home_limit():,.0f} jobs a minute**" in _PAGE


def test_a_job_a_minute_needs_nothing_and_ten_thousand_need_more_functions_at_once() -> None:
    assert {need.verdict for need in load.needs(1)} == {"enough"}
    assert {need.verdict for need in load.needs(100)} == {"enough"}
    (first, *_) = load.needs(10_000)
    assert (first.quota, first.verdict) == (load.LAMBDA, "raise")


def test_functions_at_once_are_what_little_says() -> None:
    # 100 jobs a minute, each at work for 3 minutes, are 300 at once; beside them the bookkeeping.
    (functions, *_) = load.needs(100, task_seconds=60)
    assert 300 < functions.needed < 310


def test_a_pools_key_carries_fewer_jobs_the_more_of_them_hold_it() -> None:
    assert [load.pool_units(capacity) for capacity in (1, 22, 23, 1000)] == [4, 4, 8, 184]
    assert load.pool_rate(1000) == pytest.approx(1000 / 184)
    # 10,000 a minute of 3 minutes each are 30,000 at work at once.
    assert load.pools_needed(10_000, 180, 1000) == 31
    assert load.pools_needed(60, 1, 22) == 1
