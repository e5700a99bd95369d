"""Which work goes where: what a submission may ask of each executor, and what the docs say of them."""

from pathlib import Path
from typing import Any

import pytest

from mediajobs.executor import TERMS, Executor
from mediajobs.settings import settings
from tests.world import World

_DOCS = Path(__file__).parents[2] / "docs/executors.md"


def _submit(acme: World, **task: Any) -> Any:
    return acme.call("POST", "/jobs", {"tasks": [{"tool": "test:nothing", **task}], "deadline_seconds": 7200})


def _refusal(answer: Any) -> tuple[str, str]:
    assert answer.status == 422, answer.body
    (error,) = answer.body["errors"]
    return error["pointer"], error["detail"]


def test_a_task_runs_in_lambda_for_fourteen_minutes_unless_it_says_otherwise(acme: World) -> None:
    answer = _submit(acme)
    assert answer.body["tasks"][0]["executor"] == "lambda"
    assert answer.body["tasks"][0]["timeout_seconds"] == 840


def test_a_longer_task_is_refused_in_lambda_with_what_would_take_it(acme: World) -> None:
    pointer, detail = _refusal(_submit(acme, timeout_seconds=841))
    assert pointer == "/tasks/0/timeout_seconds"
    assert "840" in detail
    assert "fargate, outside" in detail


@pytest.mark.parametrize("executor", ["fargate", "outside"])
def test_elsewhere_a_task_may_go_on_until_the_deadline_and_does_by_default(
    acme: World, executor: str
) -> None:
    assert _submit(acme, executor=executor).body["tasks"][0]["timeout_seconds"] == 7200
    assert _submit(acme, executor=executor, timeout_seconds=7200).status == 201
    pointer, detail = _refusal(_submit(acme, executor=executor, timeout_seconds=7201))
    assert (pointer, "7200" in detail) == ("/tasks/0/timeout_seconds", True)


def test_storage_tasks_stay_where_their_credentials_can_be_opened(acme: World) -> None:
    body = {"tool": "storage:get", "parameters": {"sources": [{"url": "https://example.com/a.mp4"}]}}
    answer = acme.call("POST", "/jobs", {"tasks": [{**body, "executor": "outside"}]})
    pointer, detail = _refusal(answer)
    assert pointer == "/tasks/0/executor"
    assert "media worker" in detail


def test_an_executor_that_is_not_deployed_is_refused_with_those_that_are(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXECUTORS", "outside")
    settings.cache_clear()
    assert _refusal(_submit(acme, executor="fargate")) == (
        "/tasks/0/executor",
        "this deployment has only: lambda, outside",
    )


_TRANSCODE = {"tool": "media:transcode", "parameters": {"renditions": [{"preset": "h264-720p"}]}}
_ENGINE = {**_TRANSCODE, "parameters": {**_TRANSCODE["parameters"], "engine": "mediaconvert"}}  # type: ignore[dict-item]


def test_a_transcode_goes_to_mediaconvert_by_its_engine_or_by_its_executor(acme: World) -> None:
    for task in (_ENGINE, {**_TRANSCODE, "executor": "mediaconvert"}):
        (answered,) = acme.call("POST", "/jobs", {"tasks": [task]}).body["tasks"]
        assert (answered["executor"], answered["timeout_seconds"]) == ("mediaconvert", 24 * 3600)


def test_an_engine_and_an_executor_that_contradict_each_other_are_refused(acme: World) -> None:
    pointer, detail = _refusal(acme.call("POST", "/jobs", {"tasks": [{**_ENGINE, "executor": "fargate"}]}))
    assert (pointer, "mediaconvert" in detail) == ("/tasks/0/executor", True)
    task = {**_ENGINE, "executor": "mediaconvert"}
    task["parameters"] = {**_ENGINE["parameters"], "engine": "ffmpeg"}  # type: ignore[dict-item]
    assert _refusal(acme.call("POST", "/jobs", {"tasks": [task]}))[0] == "/tasks/0/parameters/engine"


def test_another_tool_than_the_transcode_is_refused_in_mediaconvert(acme: World) -> None:
    pointer, detail = _refusal(_submit(acme, executor="mediaconvert"))
    assert (pointer, "media:transcode" in detail) == ("/tasks/0/executor", True)


def test_what_mediaconvert_cannot_do_is_refused_at_submission_by_its_field(acme: World) -> None:
    task = {
        "tool": "media:transcode",
        "parameters": {
            "engine": "mediaconvert",
            "renditions": [{"preset": "h264-720p"}, {"preset": "copy-mp4"}],
        },
    }
    answer = acme.call("POST", "/jobs", {"tasks": [{"tool": "test:nothing"}, task]})
    assert answer.status == 422
    assert [error["pointer"] for error in answer.body["errors"]] == [
        "/tasks/1/parameters/renditions/1/video/codec",
        "/tasks/1/parameters/renditions/1/audio/codec",
    ]


def test_an_engine_that_is_not_deployed_is_refused_like_an_executor(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXECUTORS", "outside")
    settings.cache_clear()
    assert _refusal(acme.call("POST", "/jobs", {"tasks": [_ENGINE]})) == (
        "/tasks/0/parameters/engine",
        "this deployment has only: lambda, outside",
    )


def test_a_resubmitted_transcode_goes_to_mediaconvert_again(acme: World) -> None:
    job_id = acme.call("POST", "/jobs", {"tasks": [_ENGINE]}).body["id"]
    again = acme.call("POST", f"/jobs/{job_id}/resubmit")
    assert again.body["tasks"][0]["executor"] == "mediaconvert"


def test_a_word_that_is_no_executor_is_refused(acme: World) -> None:
    assert _refusal(_submit(acme, executor="mainframe"))[0] == "/tasks/0/executor"


def test_a_resubmitted_job_runs_where_the_first_one_did(acme: World) -> None:
    job_id = _submit(acme, executor="outside", timeout_seconds=3600).body["id"]
    again = acme.call("POST", f"/jobs/{job_id}/resubmit")
    assert (again.body["tasks"][0]["executor"], again.body["tasks"][0]["timeout_seconds"]) == (
        "outside",
        3600,
    )


def test_the_page_of_the_executors_shows_the_table_as_it_is() -> None:
    page = _DOCS.read_text()
    for executor in Executor:
        terms = TERMS[executor]
        for text in (terms.purpose, terms.cancel, terms.lost, terms.progress, terms.logs, terms.metrics):
            assert text in page, f"docs/executors.md is not up to date: {executor}: {text}"
