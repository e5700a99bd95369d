"""Where moto is not like AWS, for every suite that cares: put right in one place.

- A transaction that is sent again with the same client token takes effect once.
- Refusals: what each service answers when it is throttled, and a transaction in conflict with another.
- An index that lags behind its table.
- Time to live really deletes.
"""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.botocore_stubber import BotocoreStubber
from moto.dynamodb.models import dynamodb_backends

from tests.world import ACCOUNT, ENVIRONMENT, REGION

Answer = tuple[int, dict[str, str], bytes]

#: What a service says when it is called too often; DynamoDB's word by default.
_THROTTLED = {
    "dynamodb": "ProvisionedThroughputExceededException",
    "sqs": "com.amazonaws.sqs#RequestThrottled",
    "states": "ThrottlingException",
    "events": "ThrottlingException",
    "kms": "ThrottlingException",
    "logs": "ThrottlingException",
}
_SLOW_DOWN = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>slow down</Message></Error>"


def throttled(service: str) -> Answer:
    """The answer of a service that refuses a call for now; the client sends it again."""
    if service == "s3":
        return 503, {"content-type": "application/xml"}, _SLOW_DOWN
    body = {"__type": _THROTTLED[service], "message": "slow down"}
    return 400, {"content-type": "application/x-amz-json-1.0"}, json.dumps(body).encode()


def conflict(writes: int | None) -> Answer:
    """What a write hears when a transaction is under way on its row, `writes` being the size of its own
    transaction if it is one; the client does not send it again."""
    if writes is None:
        body: dict[str, Any] = {"__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException"}
    else:
        reasons = [{"Code": "TransactionConflict", "Message": "ongoing"}] + [{"Code": "None"}] * (writes - 1)
        body = {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled",
            "CancellationReasons": reasons,
        }
    return 400, {"content-type": "application/x-amz-json-1.0"}, json.dumps(body).encode()


@contextmanager
def transaction_tokens() -> Iterator[None]:
    """A transaction whose token has succeeded is answered again and not done again."""
    real = BotocoreStubber.process_request
    answers: dict[str, Any] = {}

    def process(self: BotocoreStubber, request: Any) -> Any:
        if not str(request.headers.get("X-Amz-Target", "")).endswith("TransactWriteItems"):
            return real(self, request)
        token = json.loads(request.body)["ClientRequestToken"]
        if token not in answers:
            answer = real(self, request)
            if answer is None or answer[0] != 200:
                return answer
            answers[token] = answer
        return answers[token]

    BotocoreStubber.process_request = process  # type: ignore[method-assign]
    try:
        yield
    finally:
        BotocoreStubber.process_request = real  # type: ignore[method-assign]


def rows() -> Any:
    """A copy of the table's rows, as `stale_indexes` wants them."""
    return copy.deepcopy(dynamodb_backends[ACCOUNT][REGION].tables[ENVIRONMENT["TABLE_NAME"]].items)


@contextmanager
def stale_indexes(seen: Any) -> Iterator[None]:
    """Inside, every query of an index answers from those earlier rows."""
    real = BotocoreStubber.process_request

    def process(self: BotocoreStubber, request: Any) -> Any:
        asks_index = str(request.headers.get("X-Amz-Target", "")).endswith("Query") and "IndexName" in (
            json.loads(request.body)
        )
        if not asks_index:
            return real(self, request)
        now = dynamodb_backends[ACCOUNT][REGION].tables[ENVIRONMENT["TABLE_NAME"]]
        fresh, now.items = now.items, seen
        try:
            return real(self, request)
        finally:
            now.items = fresh

    BotocoreStubber.process_request = process  # type: ignore[method-assign]
    try:
        yield
    finally:
        BotocoreStubber.process_request = real  # type: ignore[method-assign]


def delete_expired(now_seconds: int) -> int:
    """What time to live does, sooner or later; how many rows it deleted."""
    table = dynamodb_backends[ACCOUNT][REGION].tables[ENVIRONMENT["TABLE_NAME"]]
    gone = [
        (partition, sort)
        for partition, rows in table.items.items()
        for sort, row in rows.items()
        if "ttl" in row.attrs and int(row.attrs["ttl"].value) <= now_seconds
    ]
    for partition, sort in gone:
        del table.items[partition][sort]
    return len(gone)
