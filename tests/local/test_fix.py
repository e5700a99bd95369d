"""Every fault of the emulator that is fixed: right with the fixes, and still wrong without.

A test of the second kind that fails says that its fix has had its day.
"""

import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from infra.local.emulator import Emulator
from infra.local.fix import Choice
from tests.local.place import REGION, ROLE, Place

WAIT: dict[str, Any] = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "P"}}}
COUNT = "def handler(event, context):\n    print('item', event)\n    if event == 1: raise ValueError\n"


def _start(place: Place, definition: dict[str, Any], **options: str) -> tuple[str, str]:
    states = place.client("stepfunctions")
    arn = place.machine(definition)
    return arn, states.start_execution(stateMachineArn=arn, **options)["executionArn"]


def _status(place: Place, execution: str) -> str:
    status: str = place.client("stepfunctions").describe_execution(executionArn=execution)["status"]
    return status


def _ended(place: Place, execution: str, seconds: float = 10) -> str:
    deadline = time.monotonic() + seconds
    while (status := _status(place, execution)) == "RUNNING" and time.monotonic() < deadline:
        time.sleep(0.05)
    return status


def _put(table: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Parameters": {"TableName": table, "Item": {"pk": {"S": "written"}}},
        "End": True,
    }


def _table(place: Place, **options: Any) -> str:
    name = f"t-{uuid.uuid4().hex[:8]}"
    place.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **options,
    )
    return name


def a_stopped_execution_does_nothing_more(place: Place) -> bool:
    table = _table(place)
    definition = {**WAIT, "States": {**WAIT["States"], "P": _put(table)}}
    # Inside a Map, because the emulator looks at the status between the outer states itself.
    outer = {
        "StartAt": "M",
        "States": {
            "M": {
                "Type": "Map",
                "ItemsPath": "$",
                "ItemProcessor": definition,
                "ResultPath": None,
                "End": True,
            }
        },
    }
    _, execution = _start(place, outer, input="[1]")
    time.sleep(0.5)
    place.client("stepfunctions").stop_execution(executionArn=execution)
    time.sleep(2)
    assert _status(place, execution) == "ABORTED"
    return "Item" not in place.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": "written"}})


def a_machine_ends_at_its_timeout(place: Place) -> bool:
    wait = {"Type": "Wait", "Seconds": 5, "End": True}
    _, execution = _start(place, {"StartAt": "W", "TimeoutSeconds": 1, "States": {"W": wait}})
    return _ended(place, execution) == "TIMED_OUT"


def starting_twice_with_the_same_input_is_the_same_execution(place: Place) -> bool:
    states = place.client("stepfunctions")
    wait = {"Type": "Wait", "Seconds": 5, "End": True}
    arn, execution = _start(place, {"StartAt": "W", "States": {"W": wait}}, name="one", input="{}")
    try:
        again = states.start_execution(stateMachineArn=arn, name="one", input="{}")
    except states.exceptions.ExecutionAlreadyExists:
        return False
    return bool(again["executionArn"] == execution)


def an_execution_starts_without_a_pause(place: Place) -> bool:
    def seconds() -> float:
        begin = time.monotonic()
        _, execution = _start(place, {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
        while _status(place, execution) == "RUNNING":
            time.sleep(0.002)
        return time.monotonic() - begin

    # On a busy machine, one of them.
    return any(seconds() < 0.15 for _ in range(20))


def a_task_without_heartbeats_fails(place: Place) -> bool:
    url = place.client("sqs").create_queue(QueueName=f"q-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": url, "MessageBody.$": "$$.Task.Token"},
        "HeartbeatSeconds": 1,
        "TimeoutSeconds": 30,
        "End": True,
    }
    _, execution = _start(place, {"StartAt": "T", "States": {"T": task}})
    return _ended(place, execution) == "FAILED"


def a_map_stops_at_its_first_failure(place: Place) -> bool:
    name = place.function(COUNT)
    arn = f"arn:aws:lambda:eu-central-1:000000000000:function:{name}"
    work = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": arn, "End": True}}}
    items = {"Type": "Map", "ItemsPath": "$", "MaxConcurrency": 1, "ItemProcessor": work, "End": True}
    _, execution = _start(place, {"StartAt": "M", "States": {"M": items}}, input="[0, 1, 2]")
    assert _ended(place, execution) == "FAILED"
    time.sleep(0.3)
    return [line for line in place.log(name) if line.startswith("item")] == ["item 0", "item 1"]


def a_slow_stream_handler_holds_up_no_queue(place: Place) -> bool:
    table = _table(place, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    stream = place.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    queue = f"q-{uuid.uuid4().hex[:8]}"
    url = place.client("sqs").create_queue(QueueName=queue)["QueueUrl"]
    slow = place.function("import time\ndef handler(event, context):\n    print('slow'); time.sleep(8)")
    quick = place.function("def handler(event, context):\n    print('quick')")
    place.invoke(quick)
    connect = place.client("lambda").create_event_source_mapping
    connect(FunctionName=slow, EventSourceArn=stream, StartingPosition="TRIM_HORIZON")
    connect(FunctionName=quick, EventSourceArn=f"arn:aws:sqs:eu-central-1:000000000000:{queue}")
    place.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "x"}})
    while "slow" not in place.log(slow):
        time.sleep(0.05)
    place.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    begin = time.monotonic()
    while place.log(quick).count("quick") < 2:
        time.sleep(0.05)
    return time.monotonic() - begin < 6


def an_event_reaches_a_bus_of_another_region(place: Place) -> bool:
    name = f"b-{uuid.uuid4().hex[:8]}"
    there = "us-east-1"
    bus = place.client("events", there).create_event_bus(Name=name)["EventBusArn"]
    url = place.client("sqs", there).create_queue(QueueName=name)["QueueUrl"]
    queue = f"arn:aws:sqs:{there}:000000000000:{name}"
    pattern = json.dumps({"source": [name]})
    for region, rule, target in ((REGION, {}, bus), (there, {"EventBusName": name}, queue)):
        events = place.client("events", region)
        events.put_rule(Name=name, EventPattern=pattern, **rule)
        events.put_targets(Rule=name, Targets=[{"Id": "one", "Arn": target, "RoleArn": ROLE}], **rule)
    happened = {"Source": name, "DetailType": "x", "Detail": "{}"}
    place.client("events").put_events(Entries=[happened])
    return "Messages" in place.client("sqs", there).receive_message(QueueUrl=url, WaitTimeSeconds=5)


def _api(place: Place, source: str, key: str = "GET /") -> str:
    gateway = place.client("apigatewayv2")
    name = place.function(source)
    api = gateway.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=f"arn:aws:lambda:eu-central-1:000000000000:function:{name}",
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{integration}")
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return f"/_aws/execute-api/{api}/$default/"


def _request(place: Place, method: str, path: str) -> tuple[int, bytes]:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", place.emulator.port)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def an_api_without_cors_routes_options(place: Place) -> bool:
    answer = "def handler(event, context): return event['requestContext']['http']['method']"
    path = _api(place, answer, "$default")
    return _request(place, "OPTIONS", path) == (200, b"OPTIONS")


def a_crash_of_a_handler_is_not_shown(place: Place) -> bool:
    status, body = _request(
        place, "GET", _api(place, "def handler(event, context): raise ValueError('secret')")
    )
    return (status, json.loads(body)) == (500, {"message": "Internal Server Error"})


def a_template_sets_the_time_to_live(place: Place) -> bool:
    table = f"t-{uuid.uuid4().hex[:8]}"
    properties = {
        "TableName": table,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
    }
    template = {"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}
    formation = place.client("cloudformation")
    formation.create_stack(StackName=table, TemplateBody=json.dumps(template))
    while formation.describe_stacks(StackName=table)["Stacks"][0]["StackStatus"] == "CREATE_IN_PROGRESS":
        time.sleep(0.05)
    told = place.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    return bool(told.get("AttributeName") == "ttl")


def a_task_timeout_may_be_an_expression(place: Place) -> bool:
    arn = "arn:aws:states:::lambda:invoke"
    task = {
        "Type": "Task",
        "Resource": arn,
        "Arguments": {"FunctionName": place.function("def handler(event, context): return 1")},
        "TimeoutSeconds": "{% $states.input.seconds %}",
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "T", "States": {"T": task}}
    _, execution = _start(place, definition, input='{"seconds": 5}')
    return _ended(place, execution) == "SUCCEEDED"


def a_function_signs_links(place: Place) -> bool:
    bucket = f"b-{uuid.uuid4().hex[:8]}"
    place.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    place.client("s3").put_object(Bucket=bucket, Key="k", Body=b"content")
    name = place.function(
        "from botocore.session import Session\n"
        "def handler(event, context):\n"
        "    s3 = Session().create_client('s3')\n"
        "    return s3.generate_presigned_url('get_object', Params={'Bucket': event, 'Key': 'k'})\n"
    )
    link, _ = place.invoke(name, bucket)
    try:
        with urlopen(link, timeout=10) as answer:
            return bool(answer.read() == b"content")
    except HTTPError:
        return False


FIXED = [
    a_function_signs_links,
    an_event_reaches_a_bus_of_another_region,
    a_stopped_execution_does_nothing_more,
    a_machine_ends_at_its_timeout,
    starting_twice_with_the_same_input_is_the_same_execution,
    an_execution_starts_without_a_pause,
    a_task_without_heartbeats_fails,
    a_map_stops_at_its_first_failure,
    a_slow_stream_handler_holds_up_no_queue,
    an_api_without_cors_routes_options,
    a_crash_of_a_handler_is_not_shown,
    a_template_sets_the_time_to_live,
    a_task_timeout_may_be_an_expression,
]


@pytest.mark.parametrize("holds", FIXED)
def test_with_the_fixes(place: Place, holds: Callable[[Place], bool]) -> None:
    assert holds(place)


@pytest.mark.parametrize("holds", FIXED)
def test_and_not_without(unfixed: Place, holds: Callable[[Place], bool]) -> None:
    assert not holds(unfixed)


def _restarted(state: Path, choice: Choice) -> tuple[bool, bool]:
    """Whether, over a restart, a stream's next record and a message that was being handled come."""
    before = Place(Emulator.start(state=state, fixes=choice))
    table = _table(before, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    stream = before.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    reader = before.function("def handler(event, context):\n    print('read', len(event['Records']))")
    before.client("lambda").create_event_source_mapping(
        FunctionName=reader, EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
    )
    before.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "1"}})
    while "read 1" not in before.log(reader):
        time.sleep(0.05)
    sqs = before.client("sqs")
    url = sqs.create_queue(QueueName=f"q-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    assert sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
    before.stop()
    after = Place(Emulator.start(state=state, fixes=choice))
    try:
        after.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "2"}})
        deadline = time.monotonic() + (2 if choice is Choice.NONE else 20)
        while after.log(reader).count("read 1") < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        visible = after.client("sqs").receive_message(QueueUrl=url).get("Messages")
        return after.log(reader).count("read 1") == 2, bool(visible)
    finally:
        after.stop()


def test_streams_and_messages_outlive_a_restart(tmp_path: Path) -> None:
    assert _restarted(tmp_path, Choice.NEEDED) == (True, True)


def test_and_do_not_without_the_fixes(tmp_path: Path) -> None:
    assert _restarted(tmp_path, Choice.NONE) == (False, False)


def _killed(state: Path, choice: Choice) -> list[tuple[str, str | None]]:
    """What a table has of three writes after a hard kill: one saved, one acknowledged since, one refused; and
    whether the stream's reader comes to see the second."""
    before = Place(Emulator.start(state=state, fixes=choice))
    table = _table(before, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    stream = before.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
    reader = before.function(
        "def handler(event, context):\n    print(event['Records'][-1]['dynamodb']['Keys'])"
    )
    before.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "saved"}, "n": {"N": "1"}})
    before.emulator.save()
    time.sleep(1)
    before.client("dynamodb").transact_write_items(
        TransactItems=[
            {"Put": {"TableName": table, "Item": {"pk": {"S": "since"}}}},
            {
                "Update": {
                    "TableName": table,
                    "Key": {"pk": {"S": "saved"}},
                    "UpdateExpression": "ADD n :one",
                    "ExpressionAttributeValues": {":one": {"N": "1"}},
                }
            },
        ]
    )
    with pytest.raises(before.client("dynamodb").exceptions.ConditionalCheckFailedException):
        before.client("dynamodb").put_item(
            TableName=table, Item={"pk": {"S": "since"}}, ConditionExpression="attribute_not_exists(pk)"
        )
    before.kill()
    for _ in range(2):
        # The second time after an end that was no better.
        after = Place(Emulator.start(state=state, fixes=choice))
        rows = after.client("dynamodb").scan(TableName=table)["Items"]
        if choice is not Choice.NONE:
            after.client("lambda").create_event_source_mapping(
                FunctionName=reader, EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
            )
            while not any("since" in line or "saved" in line for line in after.log(reader)):
                time.sleep(0.05)
        after.kill()
    return sorted((row["pk"]["S"], row.get("n", {}).get("N")) for row in rows)


def test_what_was_acknowledged_outlives_a_hard_kill(tmp_path: Path) -> None:
    assert _killed(tmp_path, Choice.NEEDED) == [("saved", "2"), ("since", None)]


def test_and_does_not_without_the_fix(tmp_path: Path) -> None:
    assert _killed(tmp_path, Choice.NONE) == [("saved", "1")]
