"""What the service adds to the work itself: a transcode job against the bare command that its log shows."""

import json
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import imageio_ffmpeg

from infra.local.caller import Caller
from infra.local.emulator import client
from infra.local.stack import Local

#: Seconds of the clip by which the real one's length is found.
_SAMPLE_SECONDS = 8
_LOOK = 0.5
_RENDITION = {"output": "out.mp4", "video": {"speed": "slow"}, "audio": {}}


class OverheadFailed(Exception):
    """A job failed, or its log does not show a command."""


@dataclass(frozen=True)
class Overhead:
    """Seconds of each round, one after the other: the bare command, then the job."""

    bare: tuple[float, ...]
    jobs: tuple[float, ...]

    @property
    def percent(self) -> float:
        """By how much the job takes longer, by the medians."""
        return (median(self.jobs) / median(self.bare) - 1) * 100


def measure(local: Local, *, work_seconds: float, rounds: int, say: Callable[[str], None]) -> Overhead:
    """Alternate the bare command and the job: storage:get, media:transcode, storage:put of one clip whose
    transcode takes about `work_seconds`. Raises OverheadFailed."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        sample = directory / "sample.mp4"
        _make_clip(sample, _SAMPLE_SECONDS)
        _, command = _job(local, sample)
        rate = _bare(command, sample, directory) / _SAMPLE_SECONDS
        clip = directory / "clip.mp4"
        _make_clip(clip, max(_SAMPLE_SECONDS, round(work_seconds / rate)))
        bare, jobs = [], []
        for number in range(1, rounds + 1):
            bare.append(_bare(command, clip, directory))
            seconds, command = _job(local, clip)
            jobs.append(seconds)
            say(f"round {number}: the bare command {bare[-1]:.2f} s, the job {seconds:.2f} s")
        return Overhead(tuple(bare), tuple(jobs))


def _make_clip(path: Path, seconds: int) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y"]
    command += ["-f", "lavfi", "-i", f"testsrc2=size=1920x1080:rate=25:duration={seconds}"]
    command += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path)]
    subprocess.run(command, check=True)


def _bare(command: Sequence[str], clip: Path, directory: Path) -> float:
    """Seconds that the command takes by itself on the clip, in a directory of its own."""
    with tempfile.TemporaryDirectory(dir=directory) as name:
        (Path(name) / "in0.bin").symlink_to(clip)
        begin = time.monotonic()
        done = subprocess.run(
            [imageio_ffmpeg.get_ffmpeg_exe(), *command[1:]],
            cwd=name,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - begin
    if done.returncode:
        raise OverheadFailed(f"{shlex.join(command)}: {done.stderr}")
    return seconds


def _job(local: Local, clip: Path) -> tuple[float, list[str]]:
    """Seconds from the job's submission to its end, and the command that it ran."""
    bucket = local.media_buckets[local.home_region]
    folder = f"{local.organization_id}/overhead"
    with clip.open("rb") as content:
        client(local.endpoint_url, "s3", local.home_region).put_object(
            Bucket=bucket, Key=f"{folder}/{clip.name}", Body=content
        )
    caller = Caller(local)
    job = caller.call(
        "POST",
        "/jobs",
        {
            "tasks": [
                {
                    "tool": "storage:get",
                    "parameters": {"sources": [{"url": f"s3://{bucket}/{folder}/{clip.name}"}]},
                },
                {"tool": "media:transcode", "parameters": {"renditions": [_RENDITION]}},
                {
                    "tool": "storage:put",
                    "parameters": {
                        "files": ["out.mp4"],
                        "destinations": [{"url": f"s3://{bucket}/{folder}/out/"}],
                    },
                },
            ]
        },
    )
    while job["status"] in ("Pending", "Running"):
        time.sleep(_LOOK)
        job = caller.call("GET", f"/jobs/{job['id']}")
    if job["status"] != "Success":
        raise OverheadFailed(json.dumps(job["error"]))
    return _seconds(job), _command(caller, job["id"])


def _seconds(job: Mapping[str, Any]) -> float:
    submitted, ended = (datetime.fromisoformat(job[name]) for name in ("submitted", "ended"))
    return (ended - submitted).total_seconds()


def _command(caller: Caller, job_id: str) -> list[str]:
    """The last command of the transcode's log: what comes before it only looks at the input."""
    page = caller.call("GET", f"/jobs/{job_id}/tasks/1/logs")
    shown = [line["message"] for line in page["logs"] if line["message"].startswith("ffmpeg ")]
    if not shown:
        raise OverheadFailed(f"the log of the transcode shows no command: {page}")
    return shlex.split(shown[-1])
