"""What a page of 100 jobs costs to read, in an organization of few jobs and of many."""

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from infra.config import Config
from infra.local.caller import Caller
from infra.local.emulator import ACCOUNT, client
from infra.local.host import STAGE
from infra.local.stack import Local
from infra.meter.bill import of_job, read
from infra.name import Names
from mediajobs.identifier import new_id
from mediajobs.table import job_key

PAGE = 100
#: Jobs of the organization, the few and the many; the emulator looks at all of them for every page.
SIZES = (200, 4_000)
_BATCH = 25


def measure(local: Local, record: Path, job_id: str) -> dict[int, float]:
    """Read units of a page by how many jobs there are, all of them like the finished job of this id."""
    table = Names(Config.of_stage(STAGE), ACCOUNT, "aws").table
    store = client(local.endpoint_url, "dynamodb", local.home_region)
    key = {"pk": {"S": job_key(local.organization_id, job_id)}, "sk": {"S": "JOB"}}
    row = store.get_item(TableName=table, Key=key)["Item"]
    caller = Caller(local)
    found, laid = {}, 0
    for size in SIZES:
        copies = _copies(row, local.organization_id, size - laid)
        while batch := list(islice(copies, _BATCH)):
            store.batch_write_item(RequestItems={table: batch})
        laid = size
        # The first one reads the key and other things that a process keeps.
        for _ in range(2):
            begin = len(read(record))
            page = caller.call("GET", f"/jobs?limit={PAGE}")
        if len(page["jobs"]) != PAGE:
            raise ValueError(f"a page of {PAGE} has {len(page['jobs'])} jobs")
        found[size] = of_job(_of_listing(read(record)[begin:])).total("read")
    return found


def _copies(row: dict[str, Any], organization: str, count: int) -> Iterator[dict[str, Any]]:
    at = int(time.time() * 1000)
    for number in range(count):
        job_id = new_id(at - number)
        copy = {**row, "id": {"S": job_id}, "pk": {"S": job_key(organization, job_id)}}
        yield {"PutRequest": {"Item": copy}}


def _of_listing(lines: Sequence[Any]) -> list[Any]:
    return [line for line in lines if line.get("caller", "").endswith("api-list-jobs")]
