"""A job of any of the five APIs is the same job in every other one that has the notion: over all pairs."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from mediajobs import aws
from mediajobs.dialects.xvid.words import fixed_id
from tests.clip import clip
from tests.moto_account import REGION
from tests.world import World, world

BASE = "/v1/media/1/transcode"


@dataclass(frozen=True)
class Api:
    """How one of the APIs does what each of them can; None where its vendor has no such call."""

    submit: Callable[[World], str]
    ids: Callable[[World], list[str]]
    #: The word for the status of a job.
    status: Callable[[World, str], Any]
    #: Its words for a job that waits, that has succeeded, and that was cancelled.
    words: tuple[Any, Any, Any]
    cancel: Callable[[World, str], Any] | None = None
    #: Of a job that was cancelled.
    restart: Callable[[World, str], Any] | None = None
    logs: Callable[[World, str], Any] | None = None
    #: The minutes of video that the job has made.
    minutes: Callable[[World, str], float] | None = None


def _own(acme: World, name: str = "clip.mp4") -> str:
    return f"s3://media/{acme.organization}/{name}"


def _body(answer: Any) -> Any:
    assert answer.status in (200, 201, 202), answer.body
    return json.loads(answer.body) if isinstance(answer.body, str) else answer.body


def _tasks(acme: World) -> list[dict[str, Any]]:
    return [
        {"tool": "storage:get", "parameters": {"sources": [{"url": _own(acme)}]}},
        {
            "tool": "media:transcode",
            "parameters": {
                "input": "clip.mp4",
                "renditions": [{"preset": "h264-360p", "output": "made.mp4"}],
            },
        },
        {
            "tool": "storage:put",
            "parameters": {"files": ["made.mp4"], "destinations": [{"url": _own(acme, "out/")}]},
        },
    ]


def _castlabs(acme: World, method: str, path: str, body: Any = None) -> Any:
    return _body(acme.vendor("castlabs", method, path, body))


def _dolby(acme: World, method: str, path: str, body: Any = None) -> Any:
    return _body(acme.vendor("dolby", method, path, body))


def _te(acme: World, method: str, path: str, body: Any = None) -> Any:
    return _body(acme.vendor("transparentedge", method, path, body))


def _xvid(acme: World, method: str, path: str, body: Any = None) -> Any:
    return _body(acme.vendor("xvid", method, path, body))


def _submit_castlabs(acme: World) -> str:
    tasks = [
        {"tool": "storage:get", "parameters": {"location": _own(acme, ""), "files": ["clip.mp4"]}},
        {
            "tool": "ffmpeg:cmd",
            "parameters": {"arguments": ["-i", "clip.mp4", "-s", "160x90", "out/made.mp4"]},
        },
        {"tool": "storage:put", "parameters": {"location": _own(acme, "out/"), "files": ["out/made.mp4"]}},
    ]
    return str(_castlabs(acme, "POST", "/api/jobs/", {"tasks": tasks})["id"])


def _submit_dolby(acme: World) -> str:
    outputs = [{"kind": "mp4", "destination": _own(acme, "out/dolby.mp4"), "video": {"height": 90}}]
    body = {"inputs": [{"source": _own(acme)}], "outputs": outputs}
    return str(_dolby(acme, "POST", "/media/transcode", body)["job_id"])


def _submit_te(acme: World) -> str:
    profile = {
        "name": "small",
        "video_format": "mp4",
        "video_codec": "libx264",
        "video_height": 90,
        "video_bitrate": 200,
        "audio_codec": "libfdk_aac",
        "audio_bitrate": 64,
    }
    made = _te(acme, "POST", "/v1/media/1/transcoding_profiles/", profile)
    order = {
        "origin": _own(acme),
        "destinations": [_own(acme, "out/")],
        "jobs": [{"filename": "te.mp4", "profile_id": made["id"], "label": "x"}],
    }
    answer = acme.vendor("transparentedge", "POST", BASE, order)
    found = re.search(r"#(\S+)", json.dumps(answer.body).replace('"', " "))
    assert found, answer.body
    return found[1]


def _submit_xvid(acme: World) -> str:
    own = _own(acme, "")
    made = _xvid(
        acme,
        "POST",
        "/v1/pipelines/",
        {"pipeline": {"name": "P", "input_download_dir": own, "output_upload_dir": f"{own}out/"}},
    )
    preset = {"id": fixed_id("preset", "h264-360p")}
    job = {
        "pipeline": {"id": made["pipeline"]["id"]},
        "input": {"input_name": "clip.mp4"},
        "outputs": [{"output_name": "xvid", "preset": preset}],
    }
    return str(_xvid(acme, "POST", "/v1/jobs/", {"job": job})["job"]["id"])


def _castlabs_log(acme: World, job: str) -> Any:
    task = _castlabs(acme, "GET", f"/api/jobs/{job}/")["tasks"][0]["id"]
    return _castlabs(acme, "GET", f"/api/jobs/{job}/tasks/{task}/logs/")["logs"]


APIS = {
    "ours": Api(
        submit=lambda acme: str(_body(acme.call("POST", "/jobs", {"tasks": _tasks(acme)}))["id"]),
        ids=lambda acme: [row["id"] for row in _body(acme.call("GET", "/jobs"))["jobs"]],
        status=lambda acme, job: _body(acme.call("GET", f"/jobs/{job}"))["status"],
        words=("Pending", "Success", "Cancelled"),
        cancel=lambda acme, job: _body(acme.call("POST", f"/jobs/{job}/cancel")),
        restart=lambda acme, job: _body(acme.call("POST", f"/jobs/{job}/restart", {})),
        logs=lambda acme, job: _body(acme.call("GET", f"/jobs/{job}/tasks/0/logs"))["logs"],
        minutes=lambda acme, job: _body(acme.call("GET", f"/jobs/{job}/metrics"))["video_minutes_out"],
    ),
    "castlabs": Api(
        submit=_submit_castlabs,
        ids=lambda acme: [row["id"] for row in _castlabs(acme, "GET", "/api/jobs/")["results"]],
        status=lambda acme, job: _castlabs(acme, "GET", f"/api/jobs/{job}/")["status_text"],
        words=("Queued", "Completed", "Cancelled"),
        restart=lambda acme, job: acme.vendor("castlabs", "POST", f"/api/jobs/{job}/restart/"),
        logs=_castlabs_log,
        minutes=lambda acme, job: _castlabs(acme, "GET", f"/api/jobs/{job}/metrics/")["video_minutes_out"],
    ),
    "dolby": Api(
        submit=_submit_dolby,
        ids=lambda acme: [row["job_id"] for row in _dolby(acme, "GET", "/media/jobs")["jobs"]],
        status=lambda acme, job: _dolby(acme, "GET", f"/media/transcode?job_id={job}")["status"],
        words=("Pending", "Success", "Cancelled"),
        cancel=lambda acme, job: _dolby(acme, "POST", f"/media/jobs/cancel?job_id={job}", {}),
    ),
    "transparentedge": Api(
        submit=_submit_te,
        ids=lambda acme: [row["id"] for row in _te(acme, "GET", BASE)],
        status=lambda acme, job: _te(acme, "GET", f"{BASE}/{job}")["status"],
        words=("QUEUED", "FINISHED", "ERROR"),
        restart=lambda acme, job: _te(acme, "POST", f"/v1/media/1/transcode_requeue/{job}"),
    ),
    "xvid": Api(
        submit=_submit_xvid,
        ids=lambda acme: [job["id"] for job in _xvid(acme, "GET", "/v1/jobs/")["jobs"]],
        status=lambda acme, job: _xvid(acme, "GET", f"/v1/jobs/{job}")["job"]["status"],
        words=("QUEUED", "SUCCESS", "FAILURE"),
    ),
}
NAMES = sorted(APIS)


@pytest.fixture(scope="module")
def acme() -> Iterator[World]:
    with world() as made:
        body = clip("clip.mp4").read_bytes()
        aws.media_client(REGION).put_object(Bucket="media", Key=f"{made.organization}/clip.mp4", Body=body)
        yield made


@pytest.fixture(scope="module")
def done(acme: World) -> dict[str, str]:
    """A job of each API, run to its end."""
    jobs = {name: api.submit(acme) for name, api in APIS.items()}
    acme.settle_down()
    return jobs


@pytest.mark.parametrize("reader", NAMES)
@pytest.mark.parametrize("writer", NAMES)
def test_a_job_is_listed_and_read_as_done_everywhere(
    acme: World, done: dict[str, str], writer: str, reader: str
) -> None:
    job, api = done[writer], APIS[reader]
    assert job in api.ids(acme)
    assert api.status(acme, job) == api.words[1], acme.job(job)["error"]


@pytest.mark.parametrize("reader", [name for name in NAMES if APIS[name].minutes])
@pytest.mark.parametrize("writer", NAMES)
def test_a_job_is_metered_everywhere(acme: World, done: dict[str, str], writer: str, reader: str) -> None:
    minutes = APIS[reader].minutes
    assert minutes is not None
    assert minutes(acme, done[writer]) > 0


@pytest.mark.parametrize("reader", [name for name in NAMES if APIS[name].logs])
@pytest.mark.parametrize("writer", NAMES)
def test_a_job_s_log_is_read_everywhere(acme: World, done: dict[str, str], writer: str, reader: str) -> None:
    logs = APIS[reader].logs
    assert logs is not None
    assert isinstance(logs(acme, done[writer]), list)


@pytest.mark.parametrize("canceller", [name for name in NAMES if APIS[name].cancel])
@pytest.mark.parametrize("writer", NAMES)
def test_a_job_is_cancelled_and_restarted_everywhere(acme: World, writer: str, canceller: str) -> None:
    job = APIS[writer].submit(acme)
    for api in APIS.values():
        assert api.status(acme, job) == api.words[0]
    cancel = APIS[canceller].cancel
    assert cancel is not None
    cancel(acme, job)
    for api in APIS.values():
        assert api.status(acme, job) == api.words[2]
    for restarter in (api.restart for api in APIS.values() if api.restart):
        restarter(acme, job)
        for api in APIS.values():
            assert api.status(acme, job) == api.words[0]
        cancel(acme, job)
