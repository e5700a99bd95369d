"""Records, inside the emulator's process, everything that AWS would bill: one JSON line each, as it happens.

The product knows nothing of it: the emulator's own functions that serve, start or deliver something are
wrapped by ones that write down what passed. Every line has `at` (seconds since the epoch) and a `kind`:

- `call`: a request to a service other than DynamoDB: `caller`, `service`, `operation`, `region`, `status`,
  and `entries`, how many a batch has;
- `rows`: a request to DynamoDB, with the image of each row before and after it, or the rows that a Query
  evaluated;
- `invocation`: a run of a Lambda function: `function`, `source` (who started it), `memory`, `milliseconds`;
- `transition`: a state that an execution of a state machine entered, or tried again;
- `delivery`: an event that the event bus put into a queue;
- `log`: the bytes of one line that a function wrote.
"""

import functools
import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mediajobs.table import PARTITION_KEY, SORT_KEY

#: States that the emulator gives to a function of this name; Succeed and Fail it passes over by itself.
_STATES = ("pass", "task", "choice", "wait", "parallel", "map")

_Request = dict[str, Any]


def install(path: Path) -> None:
    """Record into `path` from now on, in the place of what it held."""
    path.parent.mkdir(parents=True, exist_ok=True)
    record = _Record(path)
    _record_calls(record)
    _record_rows(record)
    _record_invocations(record)
    _record_transitions(record)
    _record_deliveries(record)
    _record_logs(record)


class _Record:
    """The file, written by many threads."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, kind: str, **content: Any) -> None:
        line = json.dumps({"at": time.time(), "kind": kind, **content}, default=_to_json)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()


def _to_json(value: Any) -> str:
    return b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _caller(headers: dict[str, str]) -> str:
    """The calling function, whose session token is its name on the local stack; else `client`."""
    return headers.get("x-amz-security-token") or "client"


def _record_calls(record: _Record) -> None:
    from ministack import app
    from ministack.core.iam_actions import extract_iam_action
    from ministack.core.router import detect_service, extract_region

    serve = app._dispatch_service_request

    @functools.wraps(serve)
    async def recorded(
        method: str, path: str, headers: dict[str, str], body: bytes, query: _Request, *more: Any
    ) -> Any:
        answer = await serve(method, path, headers, body, query, *more)
        service = detect_service(method, path, headers, query)
        if service != "dynamodb":
            action = extract_iam_action(service, method, path, headers, body, query) or method
            record.write(
                "call",
                caller=_caller(headers),
                service=service,
                operation=action.rpartition(":")[2],
                region=extract_region(headers),
                status=answer[0],
                entries=_entries(headers, body),
            )
        return answer

    app._dispatch_service_request = recorded


def _entries(headers: dict[str, str], body: bytes) -> int:
    request = json.loads(body or "{}") if "x-amz-target" in headers else {}
    return len(request.get("Entries") or [request])


def _record_rows(record: _Record) -> None:
    from ministack.services import dynamodb, stepfunctions

    evaluated: list[_Request] = []
    paginate = dynamodb._paginate_evaluated_items

    def remember(*arguments: Any, **options: Any) -> Any:
        answer = paginate(*arguments, **options)
        evaluated[:] = answer[0]
        return answer

    def image(table: str, key: _Request) -> _Request | None:
        found = dynamodb._tables.get(dynamodb._normalize_table_name(table))
        return dynamodb._get_item_by_key(found, key) if found else None

    def watch(operation: str, request: _Request, caller: str) -> Callable[[str | None], None]:
        """Take the rows as they are, and give what is to be called with the answer's error, if any."""
        touched = list(_touched(operation, request))
        before = [image(table, key) for _, table, key in touched]
        evaluated.clear()

        def answered(error: str | None) -> None:
            record.write(
                "rows",
                caller=caller,
                operation=operation,
                error=error,
                consistent=_is_consistent(request),
                index=request.get("IndexName"),
                rows=[
                    {"verb": verb, "key": key, "before": old, "after": image(table, key)}
                    for (verb, table, key), old in zip(touched, before, strict=True)
                ],
                evaluated=list(evaluated),
            )

        return answered

    serve, act = dynamodb.handle_request, stepfunctions._invoke_dynamodb

    @functools.wraps(serve)
    async def recorded(method: str, path: str, headers: dict[str, str], body: bytes, query: _Request) -> Any:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        answered = watch(operation, json.loads(body or "{}"), _caller(headers))
        status, answer_headers, answer = await serve(method, path, headers, body, query)
        if operation.endswith(("Item", "Items", "Query", "Scan")):
            answered(_error(answer) if status >= 400 else None)
        return status, answer_headers, answer

    @functools.wraps(act)
    def acted(operation: str, request: _Request) -> Any:
        answered = watch(operation[0].upper() + operation[1:], request, "states")
        try:
            answer = act(operation, request)
        except stepfunctions._ExecutionError as error:
            answered(error.error.rpartition(".")[2])
            raise
        answered(None)
        return answer

    dynamodb._paginate_evaluated_items = remember
    dynamodb.handle_request = recorded
    # The reads and writes of a state machine do not come as requests.
    stepfunctions._invoke_dynamodb = acted


def _error(answer: bytes) -> str:
    name: str = json.loads(answer)["__type"]
    return name.rpartition("#")[2]


def _touched(operation: str, request: _Request) -> Iterator[tuple[str, str, _Request]]:
    """The verb, table and key of each row that a request names."""

    def key_of(content: _Request) -> _Request:
        named: _Request = content.get("Key") or content.get("Item") or {}
        return {name: named[name] for name in (PARTITION_KEY, SORT_KEY) if name in named}

    match operation:
        case "PutItem" | "UpdateItem" | "DeleteItem" | "GetItem":
            yield operation.removesuffix("Item"), request["TableName"], key_of(request)
        case "TransactWriteItems" | "TransactGetItems":
            for member in request["TransactItems"]:
                ((verb, content),) = member.items()
                yield verb, content["TableName"], key_of(content)
        case "BatchGetItem":
            for table, content in request["RequestItems"].items():
                yield from (("Get", table, key) for key in content["Keys"])
        case "BatchWriteItem":
            for table, members in request["RequestItems"].items():
                for member in members:
                    ((verb, content),) = member.items()
                    yield verb.removesuffix("Request"), table, key_of(content)


def _is_consistent(request: _Request) -> bool:
    batches = request.get("RequestItems") or {}
    return bool(request.get("ConsistentRead")) or any(
        isinstance(batch, dict) and batch.get("ConsistentRead") for batch in batches.values()
    )


def _record_invocations(record: _Record) -> None:
    from ministack.services import lambda_svc

    run = lambda_svc._execute_function_dispatch

    @functools.wraps(run)
    def recorded(function: Any, config: _Request, event: Any, request_id: str, started: float) -> Any:
        result = run(function, config, event, request_id, started)
        record.write(
            "invocation",
            function=config["FunctionName"],
            source=_source(event),
            memory=int(config.get("MemorySize") or 128),
            milliseconds=round((time.time() - started) * 1000, 3),
            failed=bool(isinstance(result, dict) and result.get("error")),
            request_id=request_id,
        )
        return result

    lambda_svc._execute_function_dispatch = recorded


def _source(event: Any) -> str:
    """Who started an invocation, by the shape of its event."""
    match event:
        case {"requestContext": _}:
            return "api"
        case {"Records": [{"eventSource": source}, *_]}:
            return str(source).removeprefix("aws:")
        case {"detail-type": "Scheduled Event"}:
            return "schedule"
        case {"detail-type": _}:
            return "events"
    return "states"


def _record_transitions(record: _Record) -> None:
    from ministack.services import stepfunctions

    #: The state that this thread has entered.
    entered = threading.local()

    def wrap(name: str) -> None:
        enter = getattr(stepfunctions, f"_execute_{name}")

        @functools.wraps(enter)
        def recorded(definition: _Request, given: Any, *more: Any) -> Any:
            context = more[-1] or {}
            entered.state = context.get("State", {}).get("Name")
            # A task counts when it is scheduled, which it is again for each retry.
            if name != "task":
                execution = context.get("Execution", {}).get("Name")
                record.write("transition", execution=execution, state=entered.state, type=definition["Type"])
            return enter(definition, given, *more)

        setattr(stepfunctions, f"_execute_{name}", recorded)

    for name in _STATES:
        wrap(name)
    add_event = stepfunctions._add_event

    @functools.wraps(add_event)
    def recorded(execution: _Request, event: str, details: Any = None) -> Any:
        if event == "TaskScheduled":
            record.write("transition", execution=execution["name"], state=entered.state, type="Task")
        elif event in ("SucceedStateEntered", "FailStateEntered"):
            state, kind = details["stateEnteredEventDetails"]["name"], event.removesuffix("StateEntered")
            record.write("transition", execution=execution["name"], state=state, type=kind)
        return add_event(execution, event, details)

    stepfunctions._add_event = recorded


def _record_deliveries(record: _Record) -> None:
    from ministack.services import eventbridge

    deliver = eventbridge._dispatch_to_sqs

    @functools.wraps(deliver)
    def recorded(target: Any, *more: Any) -> Any:
        record.write("delivery", queue=target.resource)
        return deliver(target, *more)

    eventbridge._dispatch_to_sqs = recorded


def _record_logs(record: _Record) -> None:
    from infra.local.log import LogStream

    write = LogStream.write

    @functools.wraps(write)
    def recorded(stream: LogStream, line: str) -> None:
        record.write("log", group=stream.group, bytes=len(line.encode()))
        write(stream, line)

    LogStream.write = recorded  # type: ignore[method-assign, assignment]
