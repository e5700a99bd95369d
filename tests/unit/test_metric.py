"""What is counted of jobs: each change of status once, whatever comes twice; in CloudWatch's own format."""

import json
from typing import Any

import pytest
import time_machine

from mediajobs.errors import InvalidMedia
from mediajobs.tools.tool import Result
from tests.moto_account import OTHER_REGION, REGION
from tests.world import World, tool


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = []
    for text in capsys.readouterr().out.splitlines():
        line = json.loads(text) if text.startswith('{"_aws"') else None
        if line is not None:
            _check(line)
            lines.append(line)
    return lines


def _check(line: dict[str, Any]) -> None:
    """The rules of the embedded format: names that stand on the line, numbers, and no dimension empty."""
    assert isinstance(line["_aws"]["Timestamp"], int)
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"] == "mediajobs"
        assert directive["Metrics"]
        for metric in directive["Metrics"]:
            assert isinstance(line[metric["Name"]], int | float)
            assert metric["Unit"] in ("Count", "Milliseconds", "None")
        for dimensions in directive["Dimensions"]:
            assert len(dimensions) <= 30
            assert all(isinstance(line[name], str) and line[name] for name in dimensions)


def _sum(lines: list[dict[str, Any]], metric: str, **dimensions: str) -> float:
    """What CloudWatch's sum of that metric by exactly those dimensions is."""
    wanted = {"Stage": "test", **dimensions}
    total: float = sum(
        line[metric]
        for line in lines
        for directive in line["_aws"]["CloudWatchMetrics"]
        if any(each["Name"] == metric for each in directive["Metrics"])
        for names in directive["Dimensions"]
        if {name: line[name] for name in names} == wanted
    )
    return total


@pytest.fixture(autouse=True)
def _tools(acme: World) -> None:
    def breaks(_run: Any, _parameters: Any) -> Result:
        raise InvalidMedia("no video")

    acme.tools |= {"test:nothing": tool(lambda _run, _parameters: Result()), "test:break": tool(breaks)}


def test_a_job_is_counted_at_each_change_by_region_outcome_and_organization(
    acme: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        acme.submit("test:nothing")
        acme.submit("test:break")
        cancelled = acme.submit("test:nothing", region=OTHER_REGION)
        acme.announce(acme.records())
        acme.call("POST", f"/jobs/{cancelled}/cancel")
        clock.shift(7)
        acme.dispatch(acme.messages())
        acme.announce(acme.records())
        clock.shift(5)
        acme.settle_down()
    lines = _lines(capsys)
    assert (_sum(lines, "Submitted"), _sum(lines, "Started"), _sum(lines, "Finished")) == (3, 2, 3)
    assert _sum(lines, "Submitted", Region=OTHER_REGION) == 1
    for outcome in ("Success", "Failed", "Cancelled"):
        assert _sum(lines, "Finished", Outcome=outcome) == 1
        assert _sum(lines, "Finished", Organization=acme.organization, Outcome=outcome) == 1
    assert _sum(lines, "Finished", Region=OTHER_REGION, Outcome="Cancelled") == 1
    assert _sum(lines, "QueueTime", Region=REGION) == 2 * 7000
    assert _sum(lines, "RunTime", Region=REGION) == 2 * 5000
    assert _sum(lines, "Cost", Organization=acme.organization) == pytest.approx(3 * 0.0002)
    assert {line["job"] for line in lines} >= {cancelled}


def test_what_comes_twice_is_counted_once(acme: World, capsys: pytest.CaptureFixture[str]) -> None:
    acme.submit("test:nothing")
    records = acme.records()
    for _ in range(3):
        acme.announce(records)
    acme.settle_down()
    acme.announce(records)
    lines = _lines(capsys)
    assert (_sum(lines, "Submitted"), _sum(lines, "Started"), _sum(lines, "Finished")) == (1, 1, 1)


def test_what_the_stream_has_lost_is_counted_when_the_sweeper_finds_it(
    acme: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        acme.submit("test:nothing")
        acme.records()
        clock.shift(600)
        acme.sweep()
        acme.settle_down()
    lines = _lines(capsys)
    assert (_sum(lines, "Submitted"), _sum(lines, "Started"), _sum(lines, "Finished")) == (1, 1, 1)
    assert _sum(lines, "Healed", Kind="announced") == 1
    assert _sum(lines, "Healed", Kind="granted") == 1
    assert _sum(lines, "Healed") == 2
    assert _sum(lines, "OldestPending") == 600_000


def test_a_round_with_nothing_to_heal_says_so(acme: World, capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        acme.call("PUT", f"/pools/{REGION}", {"capacity": 0})
        acme.submit("test:nothing")
        acme.settle_down()
        clock.shift(120)
        acme.sweep()
    lines = _lines(capsys)
    assert _sum(lines, "Healed") == 0
    assert (_sum(lines, "LookedAt"), _sum(lines, "OldestPending")) == (1, 120_000)


def test_a_restart_is_told_from_a_submit(acme: World, capsys: pytest.CaptureFixture[str]) -> None:
    job_id = acme.submit("test:break")
    acme.settle_down()
    assert acme.call("POST", f"/jobs/{job_id}/restart").status == 202
    acme.settle_down()
    lines = _lines(capsys)
    counted = ("Submitted", "Restarted", "Started", "Finished")
    assert [_sum(lines, name) for name in counted] == [1, 1, 2, 2]


def test_metrics_by_organization_can_be_switched_off(
    acme: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORGANIZATION_METRICS", "no")
    acme.submit("test:nothing")
    acme.settle_down()
    lines = _lines(capsys)
    assert _sum(lines, "Finished") == 1
    assert _sum(lines, "Finished", Organization=acme.organization) == 0
