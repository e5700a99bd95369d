"""Progress over the parts of a task, and what a transfer may take."""

import time
from pathlib import Path

import pytest

from mediajobs.errors import LimitExceeded, RunLost, TransferFailed
from mediajobs.transfer.meter import Limits, Meter
from tests.tool_run import LocalRun


@pytest.fixture
def run(tmp_path: Path) -> LocalRun:
    return LocalRun(tmp_path)


def test_each_part_is_an_equal_share_of_the_progress(run: LocalRun) -> None:
    meter = Meter(run, parts=2)
    for _ in range(2):
        meter.begin()
        meter.expect(100)
        meter.add(50)
        meter.add(50)
    assert run.fractions == [0.25, 0.5, 0.75, 1]


def test_a_part_of_unknown_size_counts_when_it_is_over(run: LocalRun) -> None:
    meter = Meter(run, parts=2)
    meter.begin()
    meter.add(50)
    meter.begin()
    meter.add(50)
    assert run.fractions == [0, 0.5]


def test_more_than_was_announced_is_no_more_than_whole(run: LocalRun) -> None:
    meter = Meter(run, parts=1)
    meter.begin()
    meter.expect(10)
    meter.add(20)
    assert run.fractions == [1]


def test_the_limit_is_for_each_file(run: LocalRun) -> None:
    meter = Meter(run, parts=2, limits=Limits(size=100))
    meter.begin()
    meter.add(100)
    meter.begin()
    meter.add(100)
    with pytest.raises(LimitExceeded):
        meter.add(1)
    with pytest.raises(LimitExceeded):
        meter.expect(101)


def test_a_transfer_that_starts_again_is_not_counted_twice(run: LocalRun) -> None:
    meter = Meter(run, parts=1, limits=Limits(size=100))
    meter.begin()
    for _ in range(2):
        meter.expect(100)
        meter.add(100)
    assert run.fractions == [1, 1]


def test_slowness_is_measured_over_a_whole_window(run: LocalRun, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    meter = Meter(run, parts=1, limits=Limits(rate=10, window=60))
    meter.begin()
    for now, count in ((59, 1), (61, 700)):
        clock[0] = now
        meter.add(count)
    clock[0] = 122
    with pytest.raises(TransferFailed, match="10 bytes a second"):
        meter.add(600)


def test_a_lost_run_moves_nothing_more(run: LocalRun) -> None:
    meter = Meter(run, parts=1)
    meter.begin()
    run.lose()
    with pytest.raises(RunLost):
        meter.pace(1)
