"""The log of a task, read page by page from a stream that other runs share."""

import json
from functools import partial
from typing import Any

import pytest

from mediajobs import aws, task_log
from mediajobs.errors import InvalidRequest
from mediajobs.store import job as jobs
from tests.moto_account import REGION
from tests.world import World

AT = 1_795_348_800_000


@pytest.fixture
def log(acme: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads the whole log of run `ours`; a page of CloudWatch's has two lines; what each call showed."""

    def read(*runs: str) -> list[list[str]]:
        logs = aws.client("logs", REGION)
        logs.create_log_group(logGroupName="group")
        logs.create_log_stream(logGroupName="group", logStreamName="stream")
        events = [
            {"timestamp": AT + number, "message": json.dumps({"run": run, "message": f"{run} {number}"})}
            for number, run in enumerate(runs)
        ]
        if events:
            logs.put_log_events(logGroupName="group", logStreamName="stream", logEvents=events)
        monkeypatch.setattr(logs, "get_log_events", partial(logs.get_log_events, limit=2))
        job = jobs.detail(acme.organization, acme.submit("test:nothing"))
        assert job is not None
        result = {"log": f"{REGION}|group|stream", "run": "ours", "started": AT, "ended": AT + 60_000}
        detail = jobs.Detail(job.job, job.spec, {(1, 0): result})
        pages, token = [], None
        while True:
            page = task_log.read(detail, 0, token)
            pages.append([line["message"] for line in page["logs"]])
            token = page["next_token"]
            if token is None:
                return pages

    return read


def test_the_lines_of_a_run_come_in_order_and_no_others(log: Any) -> None:
    pages = log("ours", "other", "ours", "ours", "other")
    assert [line for page in pages for line in page] == ["ours 0", "ours 2", "ours 3"]
    assert pages[0] == ["ours 0"]


def test_pages_with_lines_of_other_runs_only_do_not_end_the_log(log: Any) -> None:
    pages = log("ours", "ours", *["other"] * 6, "ours")
    assert pages[:2] == [["ours 0", "ours 1"], ["ours 8"]]


def test_a_call_passes_over_so_many_pages_and_the_next_one_goes_on(
    log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_log, "_MAX_PAGES", 2)
    pages = log(*["other"] * 6, "ours")
    assert pages[:2] == [[], ["ours 6"]]


def test_a_log_without_lines_ends_at_once(log: Any) -> None:
    assert log() == [[]]


def test_a_token_that_is_none_of_cloudwatchs_is_refused(log: Any, acme: World) -> None:
    log("ours")
    job = jobs.detail(acme.organization, acme.submit("test:nothing"))
    assert job is not None
    result = {"log": f"{REGION}|group|stream", "run": "ours", "started": AT, "ended": AT + 60_000}
    with pytest.raises(InvalidRequest) as refused:
        task_log.read(jobs.Detail(job.job, job.spec, {(1, 0): result}), 0, "nonsense")
    assert refused.value.fields[0].pointer == "/query/next_token"
