"""Short ways to tables, queues and machines of an emulator."""

import json
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

REGION = "eu-central-1"
#: An index of the tables, by kind and rank; it shows what is in it and one attribute more.
INDEX = "by_kind"
SHOWN = "shown"
ROLE = "arn:aws:iam::000000000000:role/any"


class Place:
    """What the tests ask AWS for; every table, queue and machine is a new one."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        self._make = make
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A client of a service."""
        if service not in self._clients:
            self._clients[service] = self._make(service)
        return self._clients[service]

    def close(self) -> None:
        """Let the connections go."""
        for client in self._clients.values():
            client.close()

    def table(self) -> "Table":
        """A table like ours: a sort key, an index, a stream."""
        name = _name("t")
        made = self.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind}
                for name, kind in (("pk", "S"), ("sk", "S"), ("kind", "S"), ("rank", "N"))
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": INDEX,
                    "KeySchema": [
                        {"AttributeName": "kind", "KeyType": "HASH"},
                        {"AttributeName": "rank", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": [SHOWN]},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        return Table(self, name, made["TableDescription"]["LatestStreamArn"])

    def queue(self, *, fifo: bool = False, **attributes: str) -> str:
        """A queue; its URL."""
        more = {"FifoQueue": "true"} if fifo else {}
        made = self.client("sqs").create_queue(
            QueueName=_name("q") + (".fifo" if fifo else ""), Attributes={**attributes, **more}
        )
        url: str = made["QueueUrl"]
        return url

    def queue_arn(self, url: str) -> str:
        """Its ARN."""
        found = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn: str = found["Attributes"]["QueueArn"]
        return arn

    def machine(self, **state: Any) -> str:
        """A state machine of one state; its ARN."""
        definition = {"StartAt": "Only", "States": {"Only": {**state, "End": True}}}
        made = self.client("stepfunctions").create_state_machine(
            name=_name("m"), definition=json.dumps(definition), roleArn=ROLE
        )
        arn: str = made["stateMachineArn"]
        return arn

    def waiting(self) -> tuple[str, str, str]:
        """An execution that waits for a task's token: machine, execution, token."""
        url = self.queue()
        machine = self.machine(
            Type="Task",
            Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            Parameters={"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}},
            HeartbeatSeconds=60,
            TimeoutSeconds=120,
        )
        execution = self.client("stepfunctions").start_execution(stateMachineArn=machine)["executionArn"]
        heard = self.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=10)
        token = json.loads(heard["Messages"][0]["Body"])["token"]
        self._until_known(token)
        return machine, execution, token

    def _until_known(self, token: str) -> None:
        """Wait until a token's heartbeat is taken: moto sends the message a moment before."""
        states = self.client("stepfunctions")
        for _ in range(200):
            with suppress(states.exceptions.InvalidToken):
                states.send_task_heartbeat(taskToken=token)
                return
            time.sleep(0.05)
        raise AssertionError("a token that was sent is not known")


class Table:
    """A table, with items as the wire has them."""

    def __init__(self, place: Place, name: str, stream: str) -> None:
        self.name = name
        self.stream = stream
        self._place = place

    @property
    def _client(self) -> Any:
        return self._place.client("dynamodb")

    def put(self, sort: str, *, partition: str = "p", **more: Any) -> dict[str, Any]:
        """Put an item; parameters of the call begin with a capital letter."""
        item, call = _split(more)
        found: dict[str, Any] = self._client.put_item(
            TableName=self.name, Item={**key(sort, partition), **item}, **call
        )
        return found

    def update(self, sort: str, expression: str, *, partition: str = "p", **more: Any) -> dict[str, Any]:
        """Update an item; values by name, as `:name` stands for them."""
        values, call = _split(more)
        given = {f":{name}": value for name, value in values.items()}
        found: dict[str, Any] = self._client.update_item(
            TableName=self.name,
            Key=key(sort, partition),
            UpdateExpression=expression,
            **({"ExpressionAttributeValues": given} if given else {}),
            **call,
        )
        return found

    def get(self, sort: str, *, partition: str = "p") -> dict[str, Any] | None:
        """An item, read consistently."""
        found: dict[str, Any] | None = self._client.get_item(
            TableName=self.name, Key=key(sort, partition), ConsistentRead=True
        ).get("Item")
        return found

    def delete(self, sort: str) -> None:
        """Delete an item."""
        self._client.delete_item(TableName=self.name, Key=key(sort))

    def query(self, **call: Any) -> dict[str, Any]:
        """One page of a partition, or of a kind where an index is named."""
        name, value = ("kind", "k") if "IndexName" in call else ("pk", "p")
        found: dict[str, Any] = self._client.query(
            TableName=self.name,
            KeyConditionExpression="#of = :of",
            ExpressionAttributeNames={"#of": name, **call.pop("Names", {})},
            ExpressionAttributeValues={":of": {"S": value}, **call.pop("Values", {})},
            **call,
        )
        return found

    def transact(self, *items: dict[str, Any], **call: Any) -> None:
        """A transaction of these writes, each `{"Put": {...}}` and the like."""
        named = [{verb: {"TableName": self.name, **write} for verb, write in item.items()} for item in items]
        self._client.transact_write_items(TransactItems=named, **call)

    def records(self) -> list[dict[str, Any]]:
        """What the stream has so far."""
        streams = self._place.client("dynamodbstreams")
        found = []
        for shard in streams.describe_stream(StreamArn=self.stream)["StreamDescription"]["Shards"]:
            iterator = streams.get_shard_iterator(
                StreamArn=self.stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            found += streams.get_records(ShardIterator=iterator)["Records"]
        return [record["dynamodb"] | {"event": record["eventName"]} for record in found]


def key(sort: str, partition: str = "p") -> dict[str, Any]:
    """The key of an item."""
    return {"pk": {"S": partition}, "sk": {"S": sort}}


def _split(more: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    call = {name: value for name, value in more.items() if name[0].isupper()}
    return {name: value for name, value in more.items() if name not in call}, call


def _name(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:8]}"
