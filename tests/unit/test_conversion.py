"""Tasks that MediaConvert does: taking one, following it, and what becomes of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator
from time_machine import Traveller

from mediajobs import aws
from mediajobs.errors import RunLost
from mediajobs.job import Job
from mediajobs.store import job as jobs
from mediajobs.store import run
from mediajobs.store.run import RunHeld
from mediajobs.tools.tool import Result
from tests.moto_account import REGION
from tests.world import World, tool

TRANSCODE = {
    "tool": "media:transcode",
    "parameters": {
        "engine": "mediaconvert",
        "renditions": [{"preset": "h264-720p"}, {"preset": "audio-aac-128k"}],
    },
}
DETAILS = [
    {"OutputDetails": [{"DurationInMs": 10_000, "VideoDetails": {"WidthInPx": 1280, "HeightInPx": 720}}]},
    {"OutputDetails": [{"DurationInMs": 9_980}]},
]


@pytest.fixture
def acme(acme: World) -> World:
    """A world with a tool that leaves the film which is then transcoded."""

    def film(run: Any, _: Any) -> Result:
        (run.directory / "film.mov").write_bytes(b"x" * 100)
        return Result(files=[run.save(Path(run.directory / "film.mov"), "film.mov")])

    acme.tools["test:film"] = tool(film)
    return acme


def _turn(acme: World, **task: Any) -> dict[str, Any]:
    """A job whose transcode has its turn: what the state machine says of that."""
    body = {"tasks": [{"tool": "test:film"}, {**TRANSCODE, **task}]}
    job_id = acme.call("POST", "/jobs", body).body["id"]
    while acme.deliver():
        pass
    name = f"{job_id}-1-1"
    first = {**acme.step(name), "worker": "media"}
    assert acme.work(first) is None
    step = acme.step(name)
    assert step["executor"] == "mediaconvert"
    return step


def _row(acme: World, step: dict[str, Any]) -> Job:
    job = jobs.find(acme.organization, step["job"])
    assert job is not None
    return job


def _encode(begun: dict[str, Any], content: bytes = b"y" * 7) -> None:
    """What MediaConvert does: a file at each destination."""
    for group in begun["request"]["Settings"]["OutputGroups"]:
        destination = group["OutputGroupSettings"]["FileGroupSettings"]["Destination"]
        bucket, _, key = destination.removeprefix("s3://").partition("/")
        key += "." + group["Outputs"][0]["Extension"]
        aws.media_client(REGION).put_object(Bucket=bucket, Key=key, Body=content)


def _told(begun: dict[str, Any], status: str, **more: Any) -> dict[str, Any]:
    detail = {"status": status, "userMetadata": begun["request"]["UserMetadata"], **more}
    return {"source": "aws.mediaconvert", "detail-type": "MediaConvert Job State Change", "detail": detail}


def _percent(begun: dict[str, Any], percent: int) -> dict[str, Any]:
    return _told(begun, "STATUS_UPDATE", jobProgress={"jobPercentComplete": percent})


def test_the_task_is_taken_and_the_whole_request_is_one_that_mediaconvert_takes(acme: World) -> None:
    step = _turn(acme)
    begun = acme.convert(step)
    request = begun["request"]
    shape = get_session().get_service_model("mediaconvert").shape_for("CreateJobRequest")
    report = ParamValidator().validate(request, shape)
    assert not report.has_errors(), report.generate_report()
    job = _row(acme, step)
    assert job.run == begun["run"]
    folder = f"s3://workspace/{job.folder(job.place)}"
    made = [
        group["OutputGroupSettings"]["FileGroupSettings"]["Destination"]
        for group in request["Settings"]["OutputGroups"]
    ]
    assert made == [f"{folder}film-h264-720p", f"{folder}film-audio-aac-128k"]
    (read,) = request["Settings"]["Inputs"]
    assert read["FileInput"].startswith(f"s3://workspace/jobs/{acme.organization}/{job.id}/1/0/")
    assert request["UserMetadata"] == {
        "organization": acme.organization,
        "job": job.id,
        "attempt": "1",
        "task": "1",
        "run": job.run,
    }
    assert len(request["ClientRequestToken"]) <= 64
    assert request["Role"].endswith("role/convert")
    assert acme.job(job.id)["tasks"][1]["status"] == "Running"


def test_who_asks_twice_is_answered_the_same(acme: World) -> None:
    step = _turn(acme)
    assert acme.convert(step) == acme.convert(step)


def test_what_mediaconvert_made_is_the_tasks_result(acme: World) -> None:
    step = _turn(acme)
    begun = acme.convert(step)
    _encode(begun)
    after = {**step, "conversion": begun, "converted": {"Job": {"Id": "1", "OutputGroupDetails": DETAILS}}}
    assert acme.convert(after) == {}
    answered = acme.job(step["job"])
    assert answered["status"] == "Success"
    (_, task) = answered["tasks"]
    assert [(each["name"], each["size"], each["content_type"]) for each in task["files"]] == [
        ("film-h264-720p.mp4", 7, "video/mp4"),
        ("film-audio-aac-128k.m4a", 7, task["files"][1]["content_type"]),
    ]
    assert task["data"]["outputs"][0] == {
        "name": "film-h264-720p.mp4",
        "container": "mp4",
        "duration": 10.0,
        "size": 7,
        "width": 1280,
        "height": 720,
    }
    assert acme.pool().holders == frozenset()
    # A second asking, whose first answer was lost, changes nothing.
    sequence = _row(acme, step).sequence
    assert acme.convert(after) == {}
    assert _row(acme, step).sequence == sequence


def test_the_wait_is_as_long_as_the_task_may_take_and_the_lease_outlives_it(
    acme: World, clock: Traveller
) -> None:
    step = _turn(acme, timeout_seconds=600)
    begun = acme.convert(step)
    assert begun["seconds"] == 600
    job = _row(acme, step)
    assert job.run_until - job.run_started == 900_000


def test_progress_is_written_in_steps_and_never_back(acme: World) -> None:
    step = _turn(acme)
    begun = acme.convert(step)
    seen = []
    for percent in (3, 7, 9, 52, 44, 52, 100):
        acme.follow(_percent(begun, percent))
        seen.append(_row(acme, step).progress)
    assert seen == [0, 5, 5, 50, 50, 50, 99]


def test_a_whole_conversion_writes_its_progress_twenty_times_at_most(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediajobs import conversion

    step = _turn(acme)
    begun = acme.convert(step)
    written: list[int] = []
    real = run.write_progress

    def count(job: Job, percent: int) -> None:
        written.append(percent)
        real(job, percent)

    monkeypatch.setattr(conversion, "write_progress", count)
    for percent in range(101):
        acme.follow(_percent(begun, percent))
        acme.follow(_percent(begun, percent))
    assert len(written) <= 20
    assert written[-1] == 99


def test_what_others_do_in_mediaconvert_is_nothing_to_us(acme: World) -> None:
    detail = {"status": "COMPLETE", "userMetadata": {}}
    acme.follow({"detail": detail})
    gone = {"organization": acme.organization, "job": "0" * 36, "run": "x"}
    acme.follow({"detail": {"status": "CANCELED", "userMetadata": gone}})
    acme.follow({"detail": {**detail, "status": "STATUS_UPDATE", "userMetadata": gone, "jobProgress": {}}})


@pytest.mark.parametrize("status", ["CANCELED", "COMPLETE", "ERROR"])
def test_a_cancelled_job_keeps_its_slot_until_mediaconvert_has_ended_and_leaves_no_file(
    acme: World, status: str
) -> None:
    step = _turn(acme)
    begun = acme.convert(step)
    _encode(begun)
    assert acme.call("POST", f"/jobs/{step['job']}/cancel").status == 200
    while acme.deliver():
        pass
    assert acme.executions()[f"{step['job']}-1-1"] != "RUNNING"
    assert len(acme.pool().holders) == 1
    acme.follow(_told(begun, status))
    acme.follow(_told(begun, status))
    assert acme.pool().holders == frozenset()
    assert acme.job(step["job"])["status"] == "Cancelled"
    folder = f"jobs/{acme.organization}/{step['job']}/1/1/"
    listed = aws.media_client(REGION).list_objects_v2(Bucket="workspace", Prefix=folder)
    assert listed["KeyCount"] == 0


def test_an_event_of_an_earlier_try_frees_nothing_of_the_next(acme: World) -> None:
    step = _turn(acme, retry={"count": 1, "delay_seconds": 0})
    first = acme.convert(step)
    assert acme.settle({**step, "error": _failed(1999)})["next"] == "retry"
    second = acme.convert(step)
    assert first["run"] != second["run"]
    assert acme.call("POST", f"/jobs/{step['job']}/cancel").status == 200
    acme.follow(_told(first, "ERROR"))
    assert len(acme.pool().holders) == 1
    acme.follow(_percent(first, 90))
    assert _row(acme, step).run == second["run"]


def _failed(code: int) -> dict[str, Any]:
    cause = {"Job": {"Id": "1", "Status": "ERROR", "ErrorCode": code, "ErrorMessage": "so it is"}}
    return {"Error": "States.TaskFailed", "Cause": json.dumps(cause)}


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (_failed(1010), "InvalidMedia", False),
        (_failed(1076), "InvalidParameters", False),
        (_failed(1404), "SourceNotFound", False),
        (_failed(1434), "AccessDenied", False),
        (_failed(1517), "TransferFailed", True),
        (_failed(1999), "WorkerDied", True),
        ({"Error": "MediaConvert.BadRequestException", "Cause": "/outputs: no"}, "InvalidParameters", False),
        ({"Error": "MediaConvert.TooManyRequestsException", "Cause": ""}, "WorkerDied", True),
        ({"Error": "States.Timeout", "Cause": ""}, "TaskTimeout", False),
        # Cancelled by hand, at AWS.
        ({"Error": "States.TaskFailed", "Cause": '{"Job": {"Status": "CANCELED"}}'}, "WorkerDied", True),
        ({"Error": "States.TaskFailed", "Cause": "no JSON"}, "WorkerDied", True),
        ({"Error": "States.TaskFailed", "Cause": "[1]"}, "WorkerDied", True),
    ],
)
def test_what_mediaconvert_says_of_its_failure_is_the_tasks(
    acme: World, error: dict[str, Any], code: str, retryable: bool
) -> None:
    step = _turn(acme)
    begun = acme.convert(step)
    _encode(begun)
    assert acme.settle({**step, "conversion": begun, "error": error})["next"] == "stop"
    told = acme.job(step["job"])["error"]
    assert (told["code"], told["retryable"], told["task"]) == (code, retryable, 1)
    assert acme.pool().holders == frozenset()
    folder = f"jobs/{acme.organization}/{step['job']}/1/1/"
    assert aws.media_client(REGION).list_objects_v2(Bucket="workspace", Prefix=folder)["KeyCount"] == 0


def test_the_message_has_mediaconverts_own_code_and_words(acme: World) -> None:
    step = _turn(acme)
    acme.convert(step)
    acme.settle({**step, "error": _failed(1030)})
    assert acme.job(step["job"])["error"]["message"] == "MediaConvert 1030: so it is"


def test_a_time_that_is_over_with_the_jobs_is_the_deadline(acme: World, clock: Traveller) -> None:
    step = _turn(acme)
    acme.convert(step)
    clock.shift(24 * 3600 + 1)
    acme.settle({**step, "error": {"Error": "States.Timeout", "Cause": ""}})
    assert acme.job(step["job"])["error"]["code"] == "DeadlineExceeded"


def test_a_file_that_is_not_there_fails_the_task_and_not_the_machine(acme: World) -> None:
    parameters = {**TRANSCODE["parameters"], "input": "none.mov"}  # type: ignore[dict-item]
    step = _turn(acme, parameters=parameters)
    with pytest.raises(RunLost):
        acme.convert(step)
    assert acme.settle({**step, "error": {"Error": "RunLost"}})["next"] == "stop"
    assert acme.job(step["job"])["error"]["code"] == "SourceNotFound"
    assert acme.pool().holders == frozenset()


def test_a_complete_job_without_its_files_fails_the_task(acme: World) -> None:
    step = _turn(acme)
    begun = acme.convert(step)
    with pytest.raises(RunLost):
        acme.convert({**step, "conversion": begun, "converted": {"Job": {}}})
    told = acme.job(step["job"])["error"]
    assert (told["code"], "film-h264-720p.mp4" in told["message"]) == ("ToolCrashed", True)


def test_a_run_that_was_lost_hands_in_nothing(acme: World) -> None:
    step = _turn(acme, retry={"count": 1, "delay_seconds": 0})
    first = acme.convert(step)
    acme.settle({**step, "error": _failed(1999)})
    second = acme.convert(step)
    _encode(first, b"old")
    with pytest.raises(RunLost):
        acme.convert({**step, "conversion": first, "converted": {"Job": {"OutputGroupDetails": DETAILS}}})
    _encode(second, b"newer")
    acme.convert({**step, "conversion": second, "converted": {"Job": {"OutputGroupDetails": DETAILS}}})
    (_, task) = acme.job(step["job"])["tasks"]
    assert [each["size"] for each in task["files"]] == [5, 5]


def test_another_run_that_lives_is_not_disturbed(acme: World) -> None:
    step = _turn(acme)
    job = _row(acme, step)
    place = job.organization, job.id, 1, 1
    run.claim(*place, run="x" * 12, at=job.started or 0, until=2**42, log="a|b|c", memory_mb=0)
    with pytest.raises(RunHeld):
        acme.convert(step)


def test_a_cancelled_job_is_not_begun(acme: World) -> None:
    step = _turn(acme)
    acme.call("POST", f"/jobs/{step['job']}/cancel")
    with pytest.raises(RunLost):
        acme.convert(step)
