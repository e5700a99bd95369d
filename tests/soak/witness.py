"""What can be seen of a running stack from outside: its table, its bus, its buckets, its processes."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.emulator import client
from infra.name import Names
from mediajobs.store.item import to_item
from tests.e2e.clock import TABLE, sweep
from tests.e2e.process import ffmpegs
from tests.faults.property import RECEIVER
from tests.faults.state import State, understand
from tests.server.http import Server
from tests.soak.killer import handlers, variables
from tests.stack import RunningStack

_LISTENER = "soak"
_BUS = "mediajobs-local"


class Witness:
    """Listens to the bus from its beginning on; looks at all the rest when it is asked."""

    def __init__(self, stack: RunningStack, names: Names, receiver: Server) -> None:
        self._stack = stack
        self._names = names
        self._receiver = receiver
        self._told: set[tuple[str, int, str]] = set()
        self._over = threading.Event()
        self._queue = self._listen()
        self._thread = threading.Thread(target=self._hear, name="witness")
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._over.set()
        self._thread.join()

    def _listen(self) -> str:
        events, sqs = self._stack.client("events"), self._stack.client("sqs")
        url: str = sqs.create_queue(QueueName=_LISTENER)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        kinds = ["Job Status Changed", "Task Status Changed"]
        events.put_rule(Name=_LISTENER, EventBusName=_BUS, EventPattern=json.dumps({"detail-type": kinds}))
        events.put_targets(Rule=_LISTENER, EventBusName=_BUS, Targets=[{"Id": _LISTENER, "Arn": arn}])
        # Of all this only the table outlives a kill.
        self._stack.save()
        return url

    def _hear(self) -> None:
        sqs = client(self._stack.endpoint_url, "sqs", self._stack.home_region)
        while not self._over.is_set():
            try:
                heard = sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
                for message in heard.get("Messages", ()):
                    event = json.loads(message["Body"])
                    detail = event["detail"]
                    self._told.add((detail["job_id"], detail["sequence"], event["detail-type"]))
                    sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            except (BotoCoreError, ClientError):
                # The stack is being started again.
                time.sleep(0.2)
        sqs.close()

    def look(self) -> State:
        """The service as its table, its machines and its workspaces show it."""
        received = {
            (RECEIVER, request.headers.get("webhook-id", "")) for request in list(self._receiver.requests)
        }
        return understand(
            self._rows(),
            executions=dict(self._executions()),
            objects=frozenset(self._objects()),
            received=frozenset(received),
            told=frozenset(self._told),
        )

    def _rows(self) -> Iterator[dict[str, Any]]:
        for page in (
            self._stack.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=TABLE, ConsistentRead=True)
        ):
            yield from page["Items"]

    def _executions(self) -> Iterator[tuple[str, str]]:
        for region in self._stack.local.regions:
            for page in (
                self._stack.client("stepfunctions", region)
                .get_paginator("list_executions")
                .paginate(stateMachineArn=self._names.state_machine_arn(region))
            ):
                for execution in page["executions"]:
                    yield execution["name"], execution["status"]

    def _objects(self) -> Iterator[str]:
        for region in self._stack.local.regions:
            for page in (
                self._stack.client("s3", region)
                .get_paginator("list_objects_v2")
                .paginate(Bucket=self._names.bucket("workspace", region))
            ):
                for entry in page.get("Contents", ()):
                    yield entry["Key"]

    def leaks(self) -> Iterator[str]:
        """What nobody needs any more when all jobs are at rest, in words."""
        for region in self._stack.local.regions:
            for purpose in ("workspace", "media"):
                bucket = self._names.bucket(purpose, region)
                for upload in (
                    self._stack.client("s3", region).list_multipart_uploads(Bucket=bucket).get("Uploads", ())
                ):
                    yield f"the upload {upload['Key']} in {bucket} was neither finished nor aborted"
        if pids := ffmpegs(self._stack):
            yield f"ffmpeg runs in {pids}"
        emulator = variables(self._stack.local.emulator_pid)
        living = {variables(pid).get("TMPDIR") for pid in handlers(self._stack)}
        for directory in Path(emulator["TMPDIR"]).glob("environment-*"):
            if str(directory) not in living:
                yield f"{directory} is of a handler that is gone"
            elif files := [path for path in directory.rglob("*") if path.is_file()]:
                yield f"files of a worker that does nothing: {files}"

    def parked(self) -> Counter[str]:
        """How many messages wait in the service's queues, and lie in the queues behind them."""
        sqs = self._stack.client("sqs")
        count: Counter[str] = Counter()
        for url in sqs.list_queues(QueueNamePrefix=_BUS).get("QueueUrls", ()):
            found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            count[url.rpartition("/")[2]] = int(found["Attributes"]["ApproximateNumberOfMessages"])
        return +count

    def turn_clock(self, state: State) -> None:
        """Bring forward every look that is owed, and the ends of the leases of workers that are gone; then
        have the sweeper make its round."""
        before = int(time.time() * 1000) - 60_000
        alive = {variables(pid).get("AWS_LAMBDA_LOG_STREAM_NAME") for pid in handlers(self._stack)}
        dynamodb = self._stack.client("dynamodb")
        for row in [*state.rows.values(), *state.deliveries.values()]:
            if "due" not in row:
                continue
            changes = {"due": before}
            if "run" in row and str(row.get("run_log")).rpartition("|")[2] not in alive:
                changes["run_until"] = before
            with suppress(dynamodb.exceptions.ConditionalCheckFailedException):
                dynamodb.update_item(
                    TableName=TABLE,
                    Key=to_item({"pk": row["pk"], "sk": row["sk"]}),
                    UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in changes),
                    ConditionExpression="due = :seen"
                    + (" AND #run = :run" if "run_until" in changes else ""),
                    ExpressionAttributeValues=to_item(
                        {f":{name}": value for name, value in changes.items()}
                        | {":seen": row["due"]}
                        | ({":run": row["run"]} if "run_until" in changes else {})
                    ),
                    **({"ExpressionAttributeNames": {"#run": "run"}} if "run_until" in changes else {}),
                )
        sweep(self._stack)
