"""The vendor's words for what is ours, as tables."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from mediajobs.job import Job, Status
from mediajobs.media.codec import DEFAULT_CONTAINERS, LOSSLESS
from mediajobs.media.preset import PRESETS

#: A job that waits and one that runs have the same word; so have those that failed and were cancelled.
STATUSES: Mapping[Status, str] = {
    Status.PENDING: "QUEUED",
    Status.RUNNING: "QUEUED",
    Status.SUCCESS: "SUCCESS",
    Status.FAILED: "FAILURE",
    Status.CANCELLED: "FAILURE",
}

#: HTTP status → code and message, each as the vendor spells it.
ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("0050001", "Invalid Input"),
    403: ("0x0000003", "Invalid access token"),
    404: ("0x0050005", "Job does not exist"),
    500: ("0x0000001", "Internal Error"),
}

#: Of a failed job by the family of the task that failed. The vendor shows the one of media alone.
_FAILURES: Mapping[str, str] = {
    "media": "0x005015",
    "ffmpeg": "0x005015",
    "storage:get": "0x005f01",
    "storage:put": "0x005f02",
}
_FAILED = "0x005f00"
CANCELLED = ("0x005f03", "The job was cancelled")


def failure(job: Job, tools: list[str]) -> tuple[str | None, str | None]:
    """The code and message of a job that ended badly."""
    if job.status is Status.CANCELLED:
        return CANCELLED
    if job.failure is None:
        return None, None
    tool = "" if job.failure.task is None else tools[job.failure.task]
    code = _FAILURES.get(tool) or _FAILURES.get(tool.partition(":")[0], _FAILED)
    return code, job.failure.message


#: The fields of our index by which lists are sorted without reading the jobs.
INDEXED: Mapping[str, str] = {
    "created_at": "submitted",
    "id": "id",
    "href": "id",
    "finished_at": "ended",
    "status": "status",
    "user_data": "user_data",
    "input.file.name": "input_name",
}
#: Every key of a job that a list can be sorted by.
JOB_KEYS = frozenset(
    {*INDEXED, "pipeline", "pipeline.id", "application", "application.id", "user", "user.id", "input"}
    | {"input.input_name", "input.file", "input.file.id", "autograph", "output_prefix", "playlists"}
    | {"outputs", "percentage_completed", "error_msg", "error_code", "version", "updated_at", "title"}
    | {"unique_custom_key"}
)

#: Thumbnail presets: the size of the pictures, with bars where the shape is another.
THUMBNAILS: Mapping[str, tuple[int, int]] = {
    "thumbnails_small": (160, 90),
    "thumbnails_medium": (320, 180),
    "thumbnails_large": (640, 360),
}
THUMBNAIL_COUNT = 10

#: Logo presets: the width in percent, and the place: `Logo15`, `logo_30_bottom_right`.
_LOGO = re.compile(r"logo_?(\d{1,3})((?:_(?:top|bottom|left|right|center))*)", re.I)


def logo(preset: str) -> dict[str, Any] | None:
    """Our fields of a logo preset; None for an unknown one."""
    match = _LOGO.fullmatch(preset)
    if match is None or not 0 < int(match[1]) <= 100:
        return None
    place = match[2].strip("_").lower().replace("_", "-") or "bottom-right"
    return {"width_percent": int(match[1]), "position": place}


#: Containers by other names than ours.
CONTAINERS: Mapping[str, str] = {
    "matroska": "mkv",
    "mpegts": "ts",
    "mpeg-ts": "ts",
    "quicktime": "mov",
    "wmv": "asf",
    "m4v": "mp4",
}
#: The same of codecs' profiles: the lower case is ours.
CODECS: Mapping[str, str] = {
    "h264": "H.264 / AVC",
    "hevc": "H.265 / HEVC",
    "av1": "AV1",
    "vp9": "VP9",
    "aac": "MPEG-4 AAC",
    "opus": "Opus",
    "mp3": "MP3",
    "ac3": "AC-3",
    "flac": "FLAC",
    "pcm": "PCM",
    "copy": "copy",
}
VIDEO_CODECS = ("h264", "hevc", "av1", "vp9")


def fixed_id(kind: str, name: str) -> str:
    """The id of what is the same for everybody: 24 hexadecimal digits, above those of documents."""
    return hashlib.sha256(f"{kind} {name}".encode()).hexdigest()[:24]


#: Names by id.
SYSTEM_PRESETS: Mapping[str, str] = {fixed_id("preset", name): name for name in PRESETS}
CODEC_IDS: Mapping[str, str] = {fixed_id("codec", name): name for name in CODECS}


def container_of(rendition: Mapping[str, Any]) -> str:
    """The container, and the ending, of a rendition's file."""
    main = rendition.get("video") or rendition.get("audio") or {}
    return str(rendition.get("container") or DEFAULT_CONTAINERS.get(main.get("codec", ""), "mp4"))


def takes_bit_rate(codec: str) -> bool:
    """Whether a codec's bit rate can be chosen."""
    return codec not in LOSSLESS and codec != "copy"
