"""Where moto is not like AWS, for every suite that cares: put right in one place.

- A transaction that is sent again with the same client token takes effect once.
- Refusals: what each service answers when it is throttled, and a transaction in conflict with another.
- Batches that are done only in part.
- An index that lags behind its table.
- Time to live really deletes.
"""

import copy
import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from moto.core.botocore_stubber import BotocoreStubber
from moto.dynamodb.models import dynamodb_backends

from tests.moto_account import ACCOUNT, ENVIRONMENT, REGION

Answer = tuple[int, dict[str, str], bytes]

#: What a service says when it is called too often; DynamoDB's word by default.
_THROTTLED = {
    "dynamodb": "ProvisionedThroughputExceededException",
    "sqs": "com.amazonaws.sqs#RequestThrottled",
    "states": "ThrottlingException",
    "events": "ThrottlingException",
    "kms": "ThrottlingException",
    "logs": "ThrottlingException",
    "sesv2": "TooManyRequestsException",
}
_MISMATCH: Answer = (
    400,
    {"content-type": "application/x-amz-json-1.0"},
    json.dumps({"__type": "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException"}).encode(),
)
#: Of those that speak XML.
_SLOW_DOWN: dict[str, Answer] = {
    "s3": (503, {"content-type": "application/xml"}, b"<Error><Code>SlowDown</Code></Error>"),
    "sts": (
        400,
        {"content-type": "text/xml"},
        b"<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>",
    ),
}


def throttled(service: str) -> Answer:
    """The answer of a service that refuses a call for now; the client sends it again."""
    if service in _SLOW_DOWN:
        return _SLOW_DOWN[service]
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


def _target(request: Any) -> str:
    """The service and operation that a request names, if it names them in a header; that may be bytes."""
    target = request.headers.get("X-Amz-Target", "")
    return target.decode() if isinstance(target, bytes) else str(target)


@contextmanager
def transaction_tokens() -> Iterator[None]:
    """A transaction whose token has succeeded is answered again and not done again; another one under that
    token is refused."""
    real = BotocoreStubber.process_request
    answers: dict[str, tuple[Any, Any]] = {}

    def process(self: BotocoreStubber, request: Any) -> Any:
        if not _target(request).endswith("TransactWriteItems"):
            return real(self, request)
        body = json.loads(request.body)
        token = body["ClientRequestToken"]
        if token not in answers:
            answer = real(self, request)
            if answer is None or answer[0] != 200:
                return answer
            answers[token] = body, answer
        first, answer = answers[token]
        return answer if first == body else _MISMATCH

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
        asks_index = _target(request).endswith("Query") and "IndexName" in json.loads(request.body)
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


@contextmanager
def lagging_indexes(lag: Callable[[], int], most: int) -> Iterator[None]:
    """Inside, an index shows each row as it was so many writes ago as `lag` says, `most` at the most."""
    real = BotocoreStubber.process_request
    past = deque([rows()], maxlen=most + 1)

    def process(self: BotocoreStubber, request: Any) -> Any:
        target = _target(request)
        if not target.startswith("DynamoDB"):
            return real(self, request)
        if target.endswith("Query") and "IndexName" in json.loads(request.body):
            table = dynamodb_backends[ACCOUNT][REGION].tables[ENVIRONMENT["TABLE_NAME"]]
            fresh, table.items = table.items, _mixed(past, lag)
            try:
                return real(self, request)
            finally:
                table.items = fresh
        answer = real(self, request)
        if not target.endswith(("Query", "GetItem")):
            past.append(rows())
        return answer

    BotocoreStubber.process_request = process  # type: ignore[method-assign]
    try:
        yield
    finally:
        BotocoreStubber.process_request = real  # type: ignore[method-assign]


def _mixed(past: Sequence[Any], lag: Callable[[], int]) -> Any:
    """The rows, each as it was at a moment of its own."""
    shown: Any = defaultdict(dict)
    keys = {(partition, sort): None for seen in past for partition, found in seen.items() for sort in found}
    for partition, sort in keys:
        row = past[-1 - min(lag(), len(past) - 1)].get(partition, {}).get(sort)
        if row is not None:
            shown[partition][sort] = row
    return shown


@contextmanager
def partly(operation: str, share: Callable[[int], int]) -> Iterator[None]:
    """Inside, of a BatchGetItem or PutEvents of so many entries only the first `share` of them are done."""
    real = BotocoreStubber.process_request

    def process(self: BotocoreStubber, request: Any) -> Any:
        if not _target(request).endswith(operation):
            return real(self, request)
        body = json.loads(request.body)
        if operation == "PutEvents":
            entries = body["Entries"]
        else:
            ((table, wanted),) = body["RequestItems"].items()
            entries = wanted["Keys"]
        done = share(len(entries))
        left = entries[done:]
        del entries[done:]
        answer: Any = {"Responses": {}, "Entries": []}
        if done:
            request.body = json.dumps(body).encode()
            response = real(self, request)
            assert response is not None
            answer = json.loads(response[2])
        if operation == "PutEvents":
            answer["FailedEntryCount"] = len(left)
            answer["Entries"] += [{"ErrorCode": "ThrottlingException"}] * len(left)
        else:
            answer["UnprocessedKeys"] = {table: {"Keys": left}} if left else {}
        return 200, {"content-type": "application/x-amz-json-1.0"}, json.dumps(answer).encode()

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
