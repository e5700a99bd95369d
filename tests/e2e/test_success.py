"""A job that goes all the way, on real media."""

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.clip import clip
from tests.e2e import task
from tests.e2e.bucket import Bucket, Workspace, look, seconds
from tests.stack import RunningStack


def lines(stack: RunningStack, job: dict[str, Any], index: int) -> list[str]:
    """The messages of a task's log, page by page."""
    found: list[str] = []
    query = ""
    while True:
        page = stack.call("GET", f"/jobs/{job['id']}/tasks/{index}/logs{query}")
        found += [line["message"] for line in page["logs"]]
        if not page["next_token"]:
            return found
        query = f"?next_token={page['next_token']}"


@pytest.mark.slow
def test_a_clip_is_fetched_probed_transcoded_pictured_and_delivered(
    stack: RunningStack, media: Bucket, tmp_path: Path
) -> None:
    source = media.put("success/clip.mp4", clip("minute.mp4"))
    renditions = [
        {"preset": "h264-360p", "name": "360p"},
        {
            "name": "tiny",
            "container": "webm",
            "video": {"codec": "vp9", "height": 90},
            "audio": {"codec": "opus"},
        },
    ]
    job = stack.submit(
        task.get(source),
        {"tool": "media:probe"},
        {"tool": "media:transcode", "parameters": {"duration_seconds": 30, "renditions": renditions}},
        {"tool": "media:thumbnails", "parameters": {"input": "clip-360p.mp4", "count": 3, "width": 160}},
        task.put(media.url("success/out/"), files=["clip-*"]),
        tags=["e2e"],
        user_data="mine",
    )
    assert job["status"] == "Pending"
    assert (job["tags"], job["user_data"]) == (["e2e"], "mine")

    seen = [job]
    while seen[-1]["status"] in ("Pending", "Running"):
        time.sleep(0.2)
        seen.append(stack.job(job["id"]))
    job = seen[-1]

    assert job["status"] == "Success", job["error"]
    assert [each["status"] for each in job["tasks"]] == ["Success"] * 5
    assert (job["progress"], job["error"]) == (100, None)
    assert job["submitted"] <= job["started"] <= job["ended"] < job["expiry"]
    assert all(before["ended"] <= after["started"] for before, after in pairwise(job["tasks"]))

    progress = [each["progress"] for each in seen]
    assert progress == sorted(progress)
    assert len(set(progress)) > 4, "the job's progress rises by steps"
    transcoding = [each["tasks"][2]["progress"] for each in seen]
    assert transcoding == sorted(transcoding)
    assert any(0 < percent < 100 for percent in transcoding), "a task's progress is ffmpeg's own"

    probed = job["tasks"][1]["data"]
    assert probed["duration_seconds"] == 60
    assert (probed["streams"][0]["width"], probed["streams"][0]["height"]) == (640, 360)
    pictures = ["clip-360p-0001.jpg", "clip-360p-0002.jpg", "clip-360p-0003.jpg"]
    assert sorted(media.names("success/out/")) == [*pictures, "clip-360p.mp4", "clip-tiny.webm"]
    for name, codec, size in (("clip-360p.mp4", "h264", "640x360"), ("clip-tiny.webm", "vp9", "160x90")):
        (tmp_path / name).write_bytes(media.get(f"success/out/{name}"))
        said = look(tmp_path / name)
        assert f"Video: {codec}" in said
        assert "Audio: " in said
        assert size in said
        assert abs(seconds(said) - 30) < 0.2
    for name in pictures:
        (tmp_path / name).write_bytes(media.get(f"success/out/{name}"))
        assert "160x90" in look(tmp_path / name)


def test_each_task_has_a_log_of_its_own_with_the_ffmpeg_command_it_ran(
    stack: RunningStack, media: Bucket
) -> None:
    source = media.put("logs/clip.mp4", clip("clip.mp4"))
    job = stack.submit(
        task.get(source),
        {"tool": "media:transcode", "parameters": {"renditions": [{"preset": "h264-360p"}]}},
        task.encode(seconds=1),
        task.put(media.url("logs/out/")),
    )
    job = stack.wait(job["id"])
    assert job["status"] == "Success", job["error"]
    fetched, transcoded, made, stored = (lines(stack, job, index) for index in range(4))

    assert any("'clip.mp4'" in line and source in line for line in fetched)
    command = next(line for line in transcoded if line.startswith("ffmpeg "))
    assert "libx264" in command
    assert "in0.bin" in command, "the command reads a local file of a fixed name"
    assert any(line.startswith("ffmpeg ") and "testsrc2" in line for line in made)
    assert any("made.mp4" in line and media.url("logs/out/made.mp4") in line for line in stored)
    assert not any("testsrc2" in line for line in transcoded), "no task's log has another one's lines"


def test_a_job_of_the_second_region_runs_there(stack: RunningStack) -> None:
    region = next(each for each in stack.local.regions if each != stack.home_region)
    there = Bucket(stack, region=region)
    source = there.put("second/clip.mp4", clip("clip.mp4"))
    job = stack.submit(task.get(source), {"tool": "media:probe"}, region=f"aws:{region}")
    assert job["region"] == region
    job = stack.wait(job["id"])
    assert job["status"] == "Success", job["error"]
    assert job["tasks"][1]["data"]["duration_seconds"] == 2
    assert len(Workspace(stack, region).of(job)) == 1, "its file lies in that region"
    assert not Workspace(stack).of(job), "and not at home"
    assert any("h264" in line for line in lines(stack, job, 1)), "its log is read from that region"
