"""The demo: one job on a real clip over HTTP, from its source to playable files, with live progress."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from infra.local.caller import Caller, CallFailed
from infra.local.emulator import ROOT, client
from infra.local.stack import DIRECTORY, Local

OUT = ROOT / "out"
#: Seconds of the clip that is made.
CLIP_SECONDS = 10
#: What the clip becomes.
RENDITIONS = [
    {"preset": "h264-720p", "output": "720p.mp4"},
    {"preset": "h264-360p", "output": "360p.mp4"},
]
#: Seconds between two looks at the job.
LOOK = 0.3
ENDED = {"Success", "Failed", "Cancelled"}


class DemoFailed(Exception):
    """The demo cannot be run; the message says why."""


def run(local: Local, given: str | None) -> int:
    """Run it, on a made clip or the given file or URL; the exit code, 0 only for a job that succeeded."""
    console = Console()
    bucket = local.media_buckets[local.home_region]
    storage = client(local.endpoint_url, "s3", local.home_region)
    folder = f"{local.organization_id}/demo"
    caller = Caller(local)
    try:
        source = _source(given, storage, bucket, folder, console)
        results = f"{folder}/out/{uuid.uuid4()}/"
        job = caller.call("POST", "/jobs", _spec(source, f"s3://{bucket}/{results}"))
        console.print(f"job {job['id']} on {source}", highlight=False, soft_wrap=True)
        job = _follow(caller, job, console)
    except (CallFailed, DemoFailed) as error:
        print(error, file=sys.stderr)
        return 1
    console.print_json(json.dumps(job))
    for task in job["tasks"]:
        console.rule(f"{task['index']} {task['tool']}: {task['status']}", align="left")
        for line in _lines(caller, job["id"], task["index"]):
            console.print(
                f"{line['timestamp']} {line['level']:<5} {line['message']}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
    console.rule(f"{job['status']}", align="left")
    for path in _download(storage, bucket, results, OUT / job["id"]):
        console.print(str(path), markup=False, highlight=False, soft_wrap=True)
    console.print(f"{local.console_url} shows it; the key is in {DIRECTORY / 'local.json'}", soft_wrap=True)
    return 0 if job["status"] == "Success" else 1


def _source(given: str | None, storage: Any, bucket: str, folder: str, console: Console) -> str:
    """The URL of what the job works on; a file goes to the media bucket first."""
    if given and "://" in given:
        return given
    if given:
        path = Path(given).expanduser()
        if not path.is_file():
            raise DemoFailed(f"there is no file {given}")
    else:
        path = OUT / "clip.mp4"
        console.print(f"making a clip of {CLIP_SECONDS} s: {path}", highlight=False, soft_wrap=True)
        make_clip(path, CLIP_SECONDS)
    key = f"{folder}/{path.name}"
    with path.open("rb") as content:
        storage.put_object(Bucket=bucket, Key=key, Body=content)
    return f"s3://{bucket}/{quote(key)}"


def make_clip(path: Path, seconds: int) -> None:
    """Make a clip with a moving picture and a tone."""
    import imageio_ffmpeg

    path.parent.mkdir(parents=True, exist_ok=True)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y"]
    command += ["-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate=25:duration={seconds}"]
    command += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    command += ["-c:a", "aac", "-movflags", "+faststart", str(path)]
    subprocess.run(command, check=True)


def _spec(source: str, destination: str) -> dict[str, Any]:
    return {
        "tasks": [
            {"tool": "storage:get", "parameters": {"sources": [{"url": source}]}},
            {"tool": "media:probe"},
            {"tool": "media:transcode", "parameters": {"renditions": RENDITIONS}},
            {"tool": "media:thumbnails", "parameters": {"count": 4, "width": 320, "name": "thumbnail"}},
            {
                "tool": "storage:put",
                "parameters": {
                    "files": [*(each["output"] for each in RENDITIONS), "thumbnail*"],
                    "destinations": [{"url": destination}],
                },
            },
        ],
        "tags": ["demo"],
    }


def _follow(caller: Caller, job: dict[str, Any], console: Console) -> dict[str, Any]:
    """Show the tasks' progress until the job has ended: bars on a terminal, else a line a change."""
    if not console.is_terminal:
        return _follow_in_lines(caller, job, console)
    columns = (
        TextColumn("{task.description:<18}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[status]:<9}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bars = [
            progress.add_task(escape(task["tool"]), total=100, status=task["status"], start=False)
            for task in job["tasks"]
        ]
        while True:
            for bar, task in zip(bars, job["tasks"], strict=True):
                if task["status"] != "Pending" and not progress.tasks[bar].started:
                    progress.start_task(bar)
                progress.update(bar, completed=task["progress"], status=task["status"])
                if task["status"] in ENDED:
                    progress.stop_task(bar)
            if job["status"] in ENDED:
                return job
            time.sleep(LOOK)
            job = caller.call("GET", f"/jobs/{job['id']}")


def _follow_in_lines(caller: Caller, job: dict[str, Any], console: Console) -> dict[str, Any]:
    shown: dict[int, str] = {}
    while True:
        for task in job["tasks"]:
            line = f"{task['tool']} {task['status']} {task['progress'] // 10 * 10} %"
            if shown.get(task["index"]) != line:
                shown[task["index"]] = line
                console.print(line, highlight=False)
        if job["status"] in ENDED:
            return job
        time.sleep(LOOK)
        job = caller.call("GET", f"/jobs/{job['id']}")


def _lines(caller: Caller, job_id: str, index: int) -> Iterator[dict[str, Any]]:
    path = f"/jobs/{job_id}/tasks/{index}/logs"
    query = ""
    while True:
        page = caller.call("GET", path + query)
        yield from page["logs"]
        if not page.get("next_token"):
            return
        query = f"?next_token={quote(page['next_token'], safe='')}"


def _download(storage: Any, bucket: str, prefix: str, directory: Path) -> Iterator[Path]:
    """The files under a prefix of the emulator's S3, into a directory."""
    for page in storage.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", []):
            path = directory / found["Key"].removeprefix(prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            body = storage.get_object(Bucket=bucket, Key=found["Key"])["Body"]
            with path.open("wb") as target:
                for chunk in body.iter_chunks(1024 * 1024):
                    target.write(chunk)
            yield path
