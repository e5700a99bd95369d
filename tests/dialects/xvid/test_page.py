"""The vendor's page: every sample answer is what we say of such a job, to the letter but for the ids."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mediajobs.dialects.xvid.reply import Reply
from mediajobs.dialects.xvid.request import Pipeline, wanted
from mediajobs.dialects.xvid.shape import Shape
from mediajobs.identifier import new_id
from mediajobs.job import Job, Status
from mediajobs.media.preset import PRESETS
from mediajobs.spec import check, parse
from mediajobs.store.job import Detail
from mediajobs.store.pack import pack

PAGE = (Path(__file__).parent / "page.txt").read_text()
ORIGIN = "https://api.xvid.com"


def samples() -> list[Any]:
    """The JSON blocks of the page."""
    decoder = json.JSONDecoder()
    return [decoder.raw_decode(PAGE, match.end())[0] for match in re.finditer(r"^json\n(?=\{)", PAGE, re.M)]


def anonymous(value: Any, name: str = "") -> Any:
    """A sample without the ids, which have other forms here, and without the time of the last change."""
    if isinstance(value, Mapping):
        return {key: anonymous(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [anonymous(part) for part in value]
    if name == "id":
        return "ID"
    if name == "href" and isinstance(value, str):
        return value.rpartition("/")[0]
    if name == "updated_at":
        return type(value)
    if name == "output_prefix" and isinstance(value, str):
        return re.sub(r"^[0-9a-f-]{24,36}/$", "ID/", value)
    return value


def detail_of(sample: Mapping[str, Any], **more: Any) -> Detail:
    """A job that was sent as the sample shows it."""
    job_id = new_id(sample["created_at"])
    asked = {name: sample.get(name) for name in ("input", "outputs", "autograph", "playlists", "title")}
    made = wanted(
        {**asked, "output_prefix": "{job_id}/"},
        job_id,
        Pipeline(sample["pipeline"]["id"]),
        lambda _: PRESETS["h264-720p"],
    )
    tasks = [task.to_row() for task in check(parse(made.body), lambda _: "0")]
    said = {"dialect": "xvid", "request": made.job, "origin": ORIGIN, "labels": made.labels}
    job = Job(
        organization=sample["user"]["id"],
        id=job_id,
        region="eu-west-1",
        attempt=1,
        priority=50,
        tools="",
        task_count=len(tasks),
        sequence=1,
        announced=1,
        deadline=0,
        submitted_by=sample["application"]["id"],
        user_data=sample["user_data"],
        started=sample["created_at"],
        ended=sample["finished_at"],
        **more,
    )
    return Detail(job, {"tasks": pack(tasks), "said": pack(said)}, {})


@pytest.mark.parametrize("number", [0, 1])
def test_a_list_shows_a_job_as_on_the_page(number: int) -> None:
    sample = samples()[0]["jobs"][number]
    detail = detail_of(sample, status=Status.SUCCESS, cursor=99)
    shown = Reply(detail, ORIGIN).job(in_list=True)
    assert json.dumps(anonymous(shown), default=str) == json.dumps(anonymous(sample), default=str)


def test_a_job_alone_is_as_on_the_page() -> None:
    sample = samples()[1]["job"]
    failure = {
        "failure_code": "FfmpegFailed",
        "failure_message": "Failed to transcode the file",
        "failure_task": 1,
    }
    detail = detail_of(sample, status=Status.FAILED, cursor=1, progress=10, **failure)
    shown = Reply(detail, ORIGIN).job(in_list=False)
    # The vendor counts the job as far as its only output; we count the tasks.
    assert (sample["percentage_completed"], shown["percentage_completed"]) == (10, 55)
    shown["percentage_completed"] = 10
    assert json.dumps(anonymous(shown), default=str) == json.dumps(anonymous(sample), default=str)


def test_a_job_that_runs_says_how_far_each_output_is() -> None:
    detail = detail_of(
        samples()[0]["jobs"][0] | {"finished_at": None}, status=Status.RUNNING, cursor=1, progress=40, run="r"
    )
    shown = Reply(detail, ORIGIN).job(in_list=True)
    assert (shown["status"], shown["finished_at"], shown["error_code"]) == ("QUEUED", None, None)
    assert [output["percentage_completed"] for output in shown["outputs"]] == [40]


def test_a_cancelled_job_is_a_failure_with_a_code_of_its_own() -> None:
    shown = Reply(detail_of(samples()[0]["jobs"][0], status=Status.CANCELLED), ORIGIN).job(in_list=True)
    assert (shown["status"], shown["error_code"]) == ("FAILURE", "0x005f03")
    assert shown["error_msg"] == "The job was cancelled"


def test_the_errors_are_those_of_the_page() -> None:
    from mediajobs.dialects.xvid.words import ERRORS

    bodies = [sample["error"] for sample in samples()[2:]]
    assert [{"error_code": code, "error_message": text} for code, text in ERRORS.values()] == bodies


def test_what_is_null_is_left_out_unless_it_is_asked_for() -> None:
    value = {"job": {"a": None, "b": [{"c": None, "d": False}], "e": 0}}
    assert json.loads(Shape().text(value)) == {"job": {"b": [{"d": False}], "e": 0}}
    assert json.loads(Shape(show_null=True).text(value)) == value


def test_for_people_it_has_lines() -> None:
    sample = samples()[1]
    assert Shape(human=True, show_null=True).text(sample) == json.dumps(sample, indent=2)
    assert "\n" not in Shape().text(sample)


def test_xml_says_the_same() -> None:
    value = {"error": {"error_code": "0050001", "error_message": "<Invalid> & Input"}}
    assert Shape(is_xml=True).text(value) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<error><error_code>0050001</error_code>'
        "<error_message>&lt;Invalid&gt; &amp; Input</error_message></error>"
    )
    listed = {"jobs": [{"id": "a", "outputs": [{"n": 1}], "ok": True, "x": None}], "total": 1}
    shown = Shape(is_xml=True, show_null=True).text(listed).partition("\n")[2]
    assert re.sub(r' xmlns:\w+="[^"]*"', "", shown) == (
        "<response><jobs><job><id>a</id><outputs><output><n>1</n></output></outputs><ok>true</ok>"
        '<x xsi:nil="true" /></job></jobs><total>1</total></response>'
    )


def test_keys_that_no_element_can_have_are_told_beside_it() -> None:
    shown = Shape(is_xml=True).text({"template": {"a b": 1, "<": "\x01x"}}).partition("\n")[2]
    assert shown == '<template><entry name="a b">1</entry><entry name="&lt;">x</entry></template>'
