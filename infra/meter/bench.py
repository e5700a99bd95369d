"""`make bench`: what a job costs and how fast the service is, measured on a local stack of its own.

Prints the tables, and writes `build/bench.json` and the call-by-call budget, `docs/budget.md`.
"""

import argparse
import json
import secrets
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local import demo, stack
from infra.local.caller import Caller, CallFailed
from infra.local.emulator import ROOT, client
from infra.meter import cold_start, findings, overhead, page, trial
from infra.meter.bill import Bill
from infra.meter.cold_start import CountFailed
from infra.meter.findings import LARGE, ONE, THREE, Findings
from infra.meter.overhead import OverheadFailed

JSON = ROOT / "build" / "bench.json"
BUDGET = ROOT / "docs" / "budget.md"

#: What can be left out.
PARTS = ("cold-start", "overhead", "page", "size")


def main() -> int:
    """Run it; the exit code tells whether all was measured, and not whether the targets are met."""
    failed = False
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--without", nargs="*", default=[], choices=PARTS)
    parser.add_argument("--work-seconds", type=float, default=60, help="of the bare transcode")
    parser.add_argument("--rounds", type=int, default=2, help="of the bare transcode and the job")
    given = parser.parse_args()
    found = Findings(notes=dict.fromkeys(given.without, "left out"))
    with _stack() as (local, record):
        jobs = lay_jobs(local)
        say("running jobs")
        found.bills = measure(local, record, jobs)
        job = trial.run(Caller(local), record, jobs[THREE]).job_id

        def overheads() -> None:
            found.overhead = overhead.measure(
                local, work_seconds=given.work_seconds, rounds=given.rounds, say=say
            )

        def cold_starts() -> None:
            if cold_start.counter() is None:
                found.notes["cold-start"] = "neither valgrind nor perf can count instructions here"
            found.cold_starts = cold_start.measure(local, job, {"tasks": list(jobs[THREE])})

        def pages() -> None:
            found.pages = page.measure(local, record, job, jobs[THREE])

        def size() -> None:
            found.size = cold_start.size()

        # The pages last, since they fill the table.
        for name, part in (
            ("overhead", overheads),
            ("cold-start", cold_starts),
            ("size", size),
            ("page", pages),
        ):
            if name not in found.notes:
                say(f"{name} …")
                try:
                    part()
                except (CallFailed, CountFailed, OverheadFailed) as error:
                    say(str(error))
                    found.notes[name] = "failed: " + str(error).partition("\n")[0]
                    failed = True
    print(findings.text(found))
    _write(found)
    return int(failed)


def say(line: str) -> None:
    """Tell how far it is, beside the result."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _stack() -> Iterator[tuple[stack.Local, Path]]:
    """A recorded stack on free ports, in a directory that goes away."""
    with tempfile.TemporaryDirectory(prefix="mediajobs-bench-") as name:
        directory, record = Path(name), Path(name) / "record.jsonl"
        local = stack.up(directory, port=0, record=record, say=say)
        try:
            yield local, record
        finally:
            stack.down(directory)


#: Bytes of parameters of a large job.
LARGE_BYTES = 20_000


def lay_jobs(local: stack.Local) -> dict[str, Sequence[Mapping[str, Any]]]:
    """The tasks of each kind of job, light on media; their sources are laid down here."""
    bucket, folder = local.media_buckets[local.home_region], f"{local.organization_id}/bench"
    storage = client(local.endpoint_url, "s3", local.home_region)
    with tempfile.TemporaryDirectory() as name:
        clip = Path(name) / "clip.mp4"
        demo.make_clip(clip, 1)
        content = clip.read_bytes()
    storage.put_object(Bucket=bucket, Key=f"{folder}/clip.mp4", Body=content)
    # Random names, so that no compression makes them small again.
    names = [f"{secrets.token_hex(450)}.bin" for _ in range(LARGE_BYTES // 1000)]
    for each in names:
        storage.put_object(Bucket=bucket, Key=f"{folder}/{each}", Body=b"-")
    root = f"s3://{bucket}/{folder}"
    clip_source = {"url": f"{root}/clip.mp4"}
    many = [{"url": f"{root}/{each}", "name": f"{number}.bin"} for number, each in enumerate(names[1:])]
    get = {"tool": "storage:get", "parameters": {"sources": [clip_source]}}
    probe = {"tool": "media:probe", "parameters": {}}
    put = {"tool": "storage:put", "parameters": {"destinations": [{"url": f"{root}/out/"}]}}
    large = {"tool": "storage:get", "parameters": {"sources": [clip_source, *many]}}
    return {ONE: [get], THREE: [get, probe, put], LARGE: [large, probe, put]}


def measure(
    local: stack.Local, record: Path, jobs: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, Bill]:
    """The bill of each job, on warm functions and with an Idempotency-Key each. Raises TrialFailed."""
    caller = Caller(local)
    trial.run(caller, record, jobs[THREE])
    return {
        name: trial.run(caller, record, tasks, headers={"Idempotency-Key": str(uuid.uuid4())}).bill
        for name, tasks in jobs.items()
    }


def _write(found: Findings) -> None:
    JSON.parent.mkdir(parents=True, exist_ok=True)
    JSON.write_text(json.dumps(findings.plain(found), indent=2) + "\n")
    BUDGET.parent.mkdir(parents=True, exist_ok=True)
    BUDGET.write_text(findings.budget(found))


if __name__ == "__main__":
    sys.exit(main())
