"""The recorder in a running emulator: what reaches AWS is in the file, with the rows it changed."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.emulator import ACCOUNT, Emulator
from mediajobs.table import DUE, PARTITION_KEY, SORT_KEY

REGION = "eu-central-1"
TABLE = "jobs"

HANDLER = """
import json, os, urllib.request
from botocore.session import get_session

def handler(event, context):
    print("hello")
    client = get_session().create_client("sqs", region_name=os.environ["AWS_REGION"])
    client.create_queue(QueueName="made-by-a-function")
    return event
"""

MACHINE = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "Work",
                "States": {"Work": {"Type": "Task", "Resource": "FUNCTION", "End": True}},
            },
            "MaxConcurrency": 1,
            "ItemsPath": "$.items",
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}


class Recorded:
    """An emulator and what it has recorded."""

    def __init__(self, emulator: Emulator, path: Path) -> None:
        self.emulator = emulator
        self._path = path

    def client(self, service: str) -> Any:
        return self.emulator.client(service, REGION)

    def lines(self, kind: str) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self._path.read_text().splitlines()]
        return [line for line in found if line["kind"] == kind]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    path = tmp_path_factory.mktemp("record") / "calls.jsonl"
    emulator = Emulator.start(record=path)
    try:
        stack = Recorded(emulator, path)
        stack.client("dynamodb").create_table(
            TableName=TABLE,
            KeySchema=[
                {"AttributeName": PARTITION_KEY, "KeyType": "HASH"},
                {"AttributeName": SORT_KEY, "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind}
                for name, kind in [
                    (PARTITION_KEY, "S"),
                    (SORT_KEY, "S"),
                    (DUE.partition_key, "S"),
                    (DUE.sort_key, DUE.sort_type),
                ]
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": DUE.name,
                    "KeySchema": [
                        {"AttributeName": DUE.partition_key, "KeyType": "HASH"},
                        {"AttributeName": DUE.sort_key, "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield stack
    finally:
        emulator.stop()


def key(name: str) -> dict[str, Any]:
    return {PARTITION_KEY: {"S": name}, SORT_KEY: {"S": "JOB"}}


def test_a_write_is_recorded_with_the_row_before_and_after(recorded: Recorded) -> None:
    table = recorded.client("dynamodb")
    table.put_item(TableName=TABLE, Item={**key("a"), "n": {"N": "1"}})
    table.update_item(
        TableName=TABLE,
        Key=key("a"),
        UpdateExpression="SET n = :two",
        ExpressionAttributeValues={":two": {"N": "2"}},
    )
    put, update = recorded.lines("rows")[-2:]
    assert put["rows"] == [
        {"verb": "Put", "key": key("a"), "before": None, "after": {**key("a"), "n": {"N": "1"}}}
    ]
    assert update["operation"] == "UpdateItem"
    assert update["rows"][0]["before"]["n"] == {"N": "1"}
    assert update["rows"][0]["after"]["n"] == {"N": "2"}
    assert update["error"] is None
    assert update["caller"] == "client"


def test_a_cancelled_transaction_is_recorded_with_its_error_and_changes_nothing(recorded: Recorded) -> None:
    table = recorded.client("dynamodb")
    new = {"Put": {"TableName": TABLE, "Item": key("b")}}
    refused = {
        "Update": {
            "TableName": TABLE,
            "Key": key("nobody"),
            "UpdateExpression": "SET n = :n",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": {":n": {"N": "1"}},
        }
    }
    with pytest.raises(table.exceptions.TransactionCanceledException):
        table.transact_write_items(TransactItems=[new, refused])
    line = recorded.lines("rows")[-1]
    assert line["error"] == "TransactionCanceledException"
    assert [row["verb"] for row in line["rows"]] == ["Put", "Update"]
    assert [row["after"] for row in line["rows"]] == [None, None]


def test_a_query_is_recorded_with_what_it_evaluated_not_with_what_it_returned(recorded: Recorded) -> None:
    table = recorded.client("dynamodb")
    for number in range(3):
        due = {DUE.partition_key: {"S": "DUE#1"}, DUE.sort_key: {"N": str(number)}}
        table.put_item(TableName=TABLE, Item={**key(f"due{number}"), **due})
    found = table.query(
        TableName=TABLE,
        IndexName=DUE.name,
        KeyConditionExpression="due_shard = :shard",
        FilterExpression="pk = :one",
        ExpressionAttributeValues={":shard": {"S": "DUE#1"}, ":one": {"S": "due1"}},
    )
    assert found["Count"] == 1
    line = recorded.lines("rows")[-1]
    assert line["index"] == DUE.name
    assert len(line["evaluated"]) == 3


def test_a_machines_run_is_recorded_with_its_states_its_functions_and_their_calls(recorded: Recorded) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("work.py", HANDLER)
    function = recorded.client("lambda").create_function(
        FunctionName="worker",
        Runtime="python3.11",
        Role=f"arn:aws:iam::{ACCOUNT}:role/any",
        Handler="work.handler",
        Code={"ZipFile": archive.getvalue()},
        MemorySize=512,
        Timeout=30,
    )["FunctionArn"]
    states = recorded.client("stepfunctions")
    machine = states.create_state_machine(
        name="machine",
        definition=json.dumps(MACHINE).replace("FUNCTION", function),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
    )["stateMachineArn"]
    run = states.start_execution(stateMachineArn=machine, name="one", input=json.dumps({"items": [1, 2]}))
    deadline = time.monotonic() + 60
    while states.describe_execution(executionArn=run["executionArn"])["status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    entered = [line["state"] for line in recorded.lines("transition") if line["execution"] == "one"]
    assert entered == ["Each", "Work", "Work", "Done"]
    invoked = recorded.lines("invocation")
    assert [(line["function"], line["source"], line["memory"]) for line in invoked] == [
        ("worker", "states", 512)
    ] * 2
    made = [line for line in recorded.lines("call") if line["operation"] == "CreateQueue"]
    assert [(line["service"], line["caller"]) for line in made] == [("sqs", "worker")] * 2
    written = [line for line in recorded.lines("log") if line["group"] == "/aws/lambda/worker"]
    assert sum(line["bytes"] == len("hello") for line in written) == 2
