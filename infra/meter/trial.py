"""One job on a recorded stack, from its submission until nothing more happens for it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.caller import Caller
from infra.meter.bill import Bill, Line, concerns_job, of_job, read
from mediajobs.job import Status

#: Seconds without a new line after which nothing more is expected.
QUIET = 1.5


class TrialFailed(Exception):
    """The job did not succeed, or did not come to rest."""


@dataclass(frozen=True)
class Trial:
    """A job that succeeded, and what it cost."""

    job_id: str
    bill: Bill


def run(
    caller: Caller,
    record: Path,
    tasks: Sequence[Mapping[str, Any]],
    *,
    headers: Mapping[str, str] | None = None,
    seconds: float = 120,
) -> Trial:
    """Submit a job and wait for its end and for every reaction to it, by the recording alone: looking by the
    API would be recorded, too. Raises TrialFailed."""
    deadline = time.monotonic() + seconds
    while not _is_quiet(before := read(record)) and time.monotonic() < deadline:
        time.sleep(0.1)
    begin = len(before)
    job = caller.call("POST", "/jobs", {"tasks": list(tasks)}, dict(headers or {}))
    lines: Sequence[Line] = ()
    while time.monotonic() < deadline:
        lines = read(record)[begin:]
        row = _row(lines, job["id"])
        if row.get("status") in ("Failed", "Cancelled"):
            raise TrialFailed(f"the job ended as {row['status']}: {caller.call('GET', '/jobs/' + job['id'])}")
        if row.get("status") == Status.SUCCESS and "due" not in row and _is_quiet(lines):
            return Trial(job["id"], of_job(lines))
        time.sleep(0.1)
    raise TrialFailed(f"the job did not come to rest in {seconds:g} s: {_row(lines, job['id'])}")


def _row(lines: Sequence[Line], job_id: str) -> dict[str, Any]:
    """The job's row as it was written last, in plain values."""
    row: Mapping[str, Mapping[str, Any]] = {}
    for touched in _written(lines):
        if touched["key"]["sk"]["S"] == "JOB" and touched["key"]["pk"]["S"].endswith(job_id):
            row = touched["after"]
    return {name: next(iter(value.values())) for name, value in row.items()}


def _written(lines: Sequence[Line]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        if line["kind"] == "rows":
            yield from (row for row in line["rows"] if row["verb"] != "Get" and row["after"])


def _is_quiet(lines: Sequence[Line]) -> bool:
    last = max((line["at"] for line in lines if concerns_job(line)), default=0)
    return bool(time.time() - last > QUIET)
