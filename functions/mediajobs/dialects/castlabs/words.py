"""The Video Toolkit's words, and what they are here."""

import re
from typing import Any

from mediajobs.job import Status

#: The vendor shows 2 and 3; the others are ours.
CODES = {
    Status.PENDING: (0, "Queued"),
    Status.RUNNING: (1, "Running"),
    Status.SUCCESS: (2, "Completed"),
    Status.FAILED: (3, "Failed"),
    Status.CANCELLED: (4, "Cancelled"),
    # Of a task that was never begun.
    Status.SKIPPED: (4, "Cancelled"),
}

#: Behind the name of a tool: the task need not wait for the one before it. Here it may, so it does.
PARALLEL = "|p"

#: Parameters of the storage tools that nothing here stands for.
UNSUPPORTED_STORAGE = (
    "s3_endpoint_url",
    "http_credential_source",
    "az_acc_name",
    "az_container",
    "az_acc_key",
    "az_sas_token",
    "gc_adc_string",
)
#: Of bento:mp42ts.
UNSUPPORTED_TS = (
    "pmt_pid",
    "audio_pid",
    "video_pid",
    "segment",
    "segment_duration",
    "segment_duration_threshold",
    "playlist",
    "playlist_hls_version",
)

#: Where our words for a bad field are not the caller's.
_POINTERS = (
    (re.compile(r"/parameters/(sources|destinations)/\d+/role_arn\b.*"), "/parameters/role_arn"),
    (re.compile(r"/parameters/sources/\d+/name\b.*"), "/parameters/files"),
    (re.compile(r"/parameters/(sources|destinations)\b.*"), "/parameters/location"),
    (re.compile(r"/parameters/folder\b.*"), "/parameters/base_dir"),
    (re.compile(r"^/notify/\d+\b.*"), "/notify"),
    (re.compile(r"^/bundle_id\b"), "/job_bundle_id"),
    (re.compile(r"^/bundle\b"), "/job_bundle"),
)


def number(value: Any) -> int | None:
    """The number that a value is or spells; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def field(pointer: str) -> str:
    """A bad field as the caller knows it: `/tasks/0/parameters/sources/0/url` is
    `tasks.0.parameters.location`."""
    for ours, theirs in _POINTERS:
        pointer = ours.sub(theirs, pointer)
    return pointer.removeprefix("/query").strip("/").replace("/", ".")
