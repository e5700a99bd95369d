"""An upgrade with jobs in flight: what earlier versions have left in the table, in queues and in executions,
today's code reads and drives to its end."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import time_machine

from mediajobs import aws, drift
from mediajobs.settings import settings
from tests.moto_account import REGION, table_rows
from tests.unit.golden.make import HERE, MOMENT, tools
from tests.world import World

_VERSIONS = sorted(HERE.glob("v*.json"))


def _read(value: Any) -> Any:
    """A row as a client of DynamoDB sends it."""
    if isinstance(value, dict):
        return {
            name: base64.b64decode(part) if name == "B" and isinstance(part, str) else _read(part)
            for name, part in value.items()
        }
    return [_read(part) for part in value] if isinstance(value, list) else value


def _put_back(acme: World, left: dict[str, Any]) -> None:
    """The deployment as it was left, in the place of the world's own."""
    table = aws.client("dynamodb", REGION)
    for row in table_rows():
        table.delete_item(TableName=settings().table_name, Key={name: row[name] for name in ("pk", "sk")})
    for row in left["rows"]:
        table.put_item(TableName=settings().table_name, Item=_read(row))
    for key, text in left["files"].items():
        aws.media_client(REGION).put_object(Bucket="workspace", Key=key, Body=text.encode())
    for name, given in left["executions"].items():
        aws.client("stepfunctions", REGION).start_execution(
            stateMachineArn=settings().state_machine_arn(REGION), name=name, input=json.dumps(given)
        )
    acme.records()  # they were streamed then
    acme.organization, acme.key = left["organization"], left["key"]
    acme.tools |= tools()


@pytest.mark.parametrize("is_deaf", [False, True], ids=["with what was on its way", "with all of that lost"])
@pytest.mark.parametrize("path", _VERSIONS, ids=lambda path: path.stem)
def test_what_a_version_left_is_read_and_driven_to_its_end(acme: World, path: Path, is_deaf: bool) -> None:
    left = json.loads(path.read_text())
    with time_machine.travel(MOMENT, tick=False) as clock:
        _put_back(acme, left)
        before = {name: acme.job(job_id)["status"] for name, job_id in left["jobs"].items()}
        assert before["succeeded"] == "Success"
        assert "Success" not in {status for name, status in before.items() if name != "succeeded"}
        if not is_deaf:
            acme.announce(left["records"])
            acme.dispatch(left["messages"])
            for event in left["events"]:
                acme.drive(event)
        for _ in range(8):
            acme.settle_down()
            clock.shift(61)
            acme.sweep()
        for name, job_id in left["jobs"].items():
            job = acme.job(job_id)
            assert job["status"] == left["ends"].get(name, "Success"), (name, job.get("error"))
            events = acme.call("GET", f"/jobs/{job_id}/events").body["events"]
            assert [each["sequence"] for each in events] == list(range(1, len(events) + 1))
        assert len(acme.call("GET", "/jobs").body["jobs"]) == len(left["jobs"])
        assert acme.pool().holders == frozenset()
        assert [row["pk"]["S"] for row in table_rows() if "due" in row] == []
        assert list(drift.of_organization(acme.organization)) == []
        assert "RUNNING" not in acme.executions().values()


def test_there_is_a_version_to_go_on_from() -> None:
    assert [path.stem for path in _VERSIONS][:1] == ["v1"]
