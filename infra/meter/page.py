"""What a call of the API costs in an organization of few jobs and of many."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from infra.config import Config
from infra.local.caller import Caller
from infra.local.emulator import ACCOUNT, client
from infra.local.host import STAGE
from infra.local.stack import Local
from infra.meter.bill import Line, of_job
from infra.name import Names
from mediajobs.identifier import new_id
from mediajobs.table import job_key

#: Jobs of the organization.
SIZES = (200, 2_000, 20_000)
PAGE = "GET /jobs, a page of 100"
_BATCH = 25


@dataclass(frozen=True)
class Call:
    """A call of the API, and the function that answers it."""

    function: str
    method: str
    path: str
    body: Any = None


@dataclass(frozen=True)
class Cost:
    """Capacity units of one call."""

    read: float
    write: float


#: What calls cost: by call, by how many jobs there are.
Costs = Mapping[str, Mapping[int, Cost]]


def measure(local: Local, record: Path, job_id: str, tasks: Sequence[Mapping[str, Any]]) -> Costs:
    """The cost of each call; all jobs are like the finished job of this id. Jobs of these tasks are submitted
    and do not start."""
    table = Names(Config.of_stage(STAGE), ACCOUNT, "aws").table
    store = client(local.endpoint_url, "dynamodb", local.home_region)
    key = {"pk": {"S": job_key(local.organization_id, job_id)}, "sk": {"S": "JOB"}}
    row = store.get_item(TableName=table, Key=key)["Item"]
    caller = Caller(local)
    caller.call("PUT", f"/pools/{local.home_region}", {"capacity": 0})
    found: dict[str, dict[int, Cost]] = {}
    laid = 0
    for size in SIZES:
        copies = _copies(row, local.organization_id, size - laid)
        while batch := list(islice(copies, _BATCH)):
            store.batch_write_item(RequestItems={table: batch})
        laid = size
        for name, call in _calls(job_id, tasks).items():
            found.setdefault(name, {})[size] = _cost(caller, record, call)
    return found


def _calls(job_id: str, tasks: Sequence[Mapping[str, Any]]) -> dict[str, Call]:
    return {
        PAGE: Call("list-jobs", "GET", "/jobs?limit=100"),
        "… of one status": Call("list-jobs", "GET", "/jobs?limit=100&status=Success"),
        "… of a tag that no job has": Call("list-jobs", "GET", "/jobs?limit=100&tag=none"),
        "… by any other field, or by offset with the exact total": Call(
            "list-jobs", "GET", "/jobs?limit=100&sort=priority"
        ),
        "GET /jobs/{id}": Call("get-job", "GET", f"/jobs/{job_id}"),
        "POST /jobs": Call("submit-job", "POST", "/jobs", {"tasks": list(tasks)}),
    }


def _cost(caller: Caller, record: Path, call: Call) -> Cost:
    # The first one reads the key and other things that a process keeps.
    for _ in range(2):
        begin = record.stat().st_size
        caller.call(call.method, call.path, call.body)
    lines = [
        line for line in _since(record, begin) if line.get("caller", "").endswith(f"api-{call.function}")
    ]
    bill = of_job(lines)
    return Cost(bill.total("read"), bill.total("write"))


def _since(record: Path, begin: int) -> list[Line]:
    """The lines after a byte of a recording; the last one may still be in writing."""
    with record.open(encoding="utf-8") as file:
        file.seek(begin)
        return [json.loads(line) for line in file.read().split("\n")[:-1]]


def _copies(row: dict[str, Any], organization: str, count: int) -> Iterator[dict[str, Any]]:
    at = int(time.time() * 1000)
    for number in range(count):
        job_id = new_id(at - number)
        copy = {**row, "id": {"S": job_id}, "pk": {"S": job_key(organization, job_id)}}
        yield {"PutRequest": {"Item": copy}}
