"""Writes down a deployment as a version of the code leaves it, in the middle of its work: `v<n>.json`.

Run it once, when a version is released or changes what is stored: `PYTHONPATH=functions:. python
tests/unit/golden/make.py 2`. Files of earlier versions are never written again.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import time_machine

from mediajobs import aws
from mediajobs.errors import InvalidMedia
from mediajobs.settings import settings
from mediajobs.tools.tool import Result
from tests.moto_account import REGION, table_rows
from tests.world import World, tool, world

HERE = Path(__file__).parent
MOMENT = "2026-11-22T12:00:00Z"


def tools() -> dict[str, Any]:
    """What the jobs of every version use."""

    def makes(run: Any, _: Any) -> Result:
        (run.directory / "made").write_text("made")
        return Result(files=[run.save(run.directory / "made", "made")])

    def takes(run: Any, _: Any) -> Result:
        assert run.open("made").read_text() == "made"
        return Result()

    def breaks(_run: Any, _parameters: Any) -> Result:
        raise InvalidMedia("no video")

    return {"test:make": tool(makes), "test:take": tool(takes), "test:break": tool(breaks)}


def make() -> dict[str, Any]:
    """Jobs in every state, and what was on its way between the functions."""
    with time_machine.travel(MOMENT, tick=False), world(capacity=4) as acme:
        acme.tools |= tools()
        two = ("test:make", "test:take")
        jobs = {"succeeded": acme.submit(*two), "failed": acme.submit("test:break")}
        acme.settle_down()
        jobs |= {name: acme.submit(*two) for name in ("between", "started", "cancelled")}
        for _ in range(3):
            acme.deliver()
        first = {"organization": acme.organization, "job": jobs["between"], "attempt": 1, "task": 0}
        assert acme.work({**first, "worker": "media", "seconds": 930}) is None
        assert acme.call("POST", f"/jobs/{jobs['cancelled']}/cancel").status == 200
        acme.call("POST", f"/jobs/{jobs['failed']}/restart")
        jobs["waiting"] = acme.submit(*two, tags=["a"], user_data="b", priority=7)
        # What the stream, the queue and the bus hold just then.
        acme.announce(acme.records())
        jobs["unannounced"] = acme.submit(*two)
        return {
            "key": acme.key,
            "organization": acme.organization,
            "jobs": jobs,
            "ends": {"failed": "Failed", "cancelled": "Cancelled"},
            "messages": acme.messages(),
            "events": acme.bus_events(),
            "records": acme.records(),
            "rows": [_written(row) for row in table_rows()],
            "executions": _executions(acme),
            "files": _files(),
        }


def _executions(acme: World) -> dict[str, Any]:
    states = aws.client("stepfunctions", REGION)
    arn = settings().state_machine_arn(REGION).replace(":stateMachine:", ":execution:")
    return {
        name: json.loads(states.describe_execution(executionArn=f"{arn}:{name}")["input"])
        for name, status in acme.executions().items()
        if status == "RUNNING"
    }


def _files() -> dict[str, str]:
    store = aws.media_client(REGION)
    listed = store.list_objects_v2(Bucket="workspace").get("Contents", [])
    return {
        entry["Key"]: store.get_object(Bucket="workspace", Key=entry["Key"])["Body"].read().decode()
        for entry in listed
    }


def _written(value: Any) -> Any:
    """JSON of a row, its binary values in base64."""
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case dict():
            return {name: _written(part) for name, part in value.items()}
        case list():
            return [_written(part) for part in value]
    return value


if __name__ == "__main__":
    path = HERE / f"v{int(sys.argv[1])}.json"
    if path.exists():
        sys.exit(f"{path} has been written down already")
    path.write_text(json.dumps(make(), indent=1, sort_keys=True) + "\n")
