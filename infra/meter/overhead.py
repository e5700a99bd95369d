"""What the service adds to the work itself: a transcode job against the bare command that its log shows."""

import json
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

import imageio_ffmpeg

from infra.local.caller import Caller
from infra.local.emulator import client
from infra.local.stack import Local

#: Seconds of the clip by which the real one's length is found.
_SAMPLE_SECONDS = 8
_LOOK = 0.5
#: The part by which times of the same work may differ on a machine that is fit to compare them.
_STEADY = 0.1
_RENDITION = {"output": "out.mp4", "video": {"speed": "slow"}, "audio": {}}


class OverheadFailed(Exception):
    """A job failed, or its log does not show a command."""


@dataclass(frozen=True)
class Overhead:
    """Seconds of each round, one after the other: the bare command, then the job, and the job's own command
    by the times of its log (from its start to the task's end)."""

    bare: tuple[float, ...]
    jobs: tuple[float, ...]
    commands: tuple[float, ...]

    @property
    def percent(self) -> float:
        """By how much the job takes longer than the bare command, by the medians; on a machine whose own load
        varies, by how much it takes longer than its own command."""
        work = self.bare if self.is_steady else self.commands
        return (median(self.jobs) / median(work) - 1) * 100

    @property
    def is_steady(self) -> bool:
        """Whether the same bare command took about the same time in every round, and in the job."""
        same = (*self.bare, *self.commands)
        return max(same) / min(same) < 1 + _STEADY


def measure(local: Local, *, work_seconds: float, rounds: int, say: Callable[[str], None]) -> Overhead:
    """Alternate the bare command and the job: storage:get, media:transcode, storage:put of one clip whose
    transcode takes about `work_seconds`. Raises OverheadFailed."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        sample = directory / "sample.mp4"
        _make_clip(sample, _SAMPLE_SECONDS)
        command = _job(local, sample).command
        rate = _bare(command, sample, directory) / _SAMPLE_SECONDS
        clip = directory / "clip.mp4"
        _make_clip(clip, max(_SAMPLE_SECONDS, round(work_seconds / rate)))
        bare, jobs, commands = [], [], []
        for number in range(1, rounds + 1):
            bare.append(_bare(command, clip, directory))
            done = _job(local, clip)
            jobs.append(done.seconds)
            commands.append(done.command_seconds)
            say(
                f"round {number}: the bare command {bare[-1]:.2f} s, the job {jobs[-1]:.2f} s, "
                f"of them its command {commands[-1]:.2f} s"
            )
        return Overhead(tuple(bare), tuple(jobs), tuple(commands))


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


@dataclass(frozen=True)
class _Done:
    """A job: its seconds from submission to end, the command that it ran, and that command's seconds."""

    seconds: float
    command: list[str]
    command_seconds: float


def _job(local: Local, clip: Path) -> _Done:
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
    log = caller.call("GET", f"/jobs/{job['id']}/tasks/1/logs")["logs"]
    shown = [line for line in log if line["message"].startswith("ffmpeg ")]
    if not shown:
        raise OverheadFailed(f"the log of the transcode shows no command: {log}")
    # What comes before the last command only looks at the input.
    return _Done(
        _seconds(job["submitted"], job["ended"]),
        shlex.split(shown[-1]["message"]),
        _seconds(shown[-1]["timestamp"], log[-1]["timestamp"]),
    )


def _seconds(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
