"""Everything that lasts when all processes are gone: read without an AWS call, kept, put back, compared.

It reaches into moto's stores, so that looking at the world neither costs a call nor meets a fault.
"""

import copy
import hashlib
import json
import pickle
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.models import stepfunctions_backends

from mediajobs.event import Event
from mediajobs.job import Job
from mediajobs.store.item import from_item
from mediajobs.store.pool import Pool
from mediajobs.timestamp import now
from tests.moto_account import ACCOUNT, ENVIRONMENT, REGION

BUCKET = ENVIRONMENT["WORKSPACE_BUCKETS"]
Row = dict[str, Any]


@dataclass(frozen=True)
class State:
    """The service at one moment, as an observer sees it who can look everywhere."""

    at: int
    jobs: dict[str, Job]
    #: The job's rows as they stand.
    rows: dict[str, Row]
    events: dict[str, list[Event]]
    #: By job, attempt and task.
    results: dict[str, dict[tuple[int, int], Row]]
    pools: dict[tuple[str, str], Pool]
    #: The job of each Idempotency-Key's digest.
    replays: dict[str, str]
    #: Status by name.
    executions: dict[str, str]
    #: Keys of the workspace.
    objects: frozenset[str]
    deliveries: dict[str, Row]
    webhooks: dict[str, Row]
    #: What receivers have got: URL and message id.
    received: frozenset[tuple[str, str]]
    #: What the bus has been told: job, number of the event, detail-type.
    told: frozenset[tuple[str, int, str]] = frozenset()
    #: Workers inside a tool: job, attempt, run.
    at_work: tuple[tuple[str, int, str], ...] = ()


def look(
    told: frozenset[tuple[str, int, str]],
    received: frozenset[tuple[str, str]],
    at_work: tuple[tuple[str, int, str], ...],
) -> State:
    """The state of moto now, with what it does not know."""
    return understand(
        table_rows(),
        executions=executions(),
        objects=objects(),
        received=received,
        told=told,
        at_work=at_work,
    )


def understand(
    items: Iterable[dict[str, Any]],
    *,
    executions: dict[str, str],
    objects: frozenset[str],
    received: frozenset[tuple[str, str]],
    told: frozenset[tuple[str, int, str]],
    at_work: tuple[tuple[str, int, str], ...] = (),
) -> State:
    """The state that the table's items tell of, with what they do not know."""
    deliveries: dict[str, Row] = {}
    webhooks: dict[str, Row] = {}
    jobs: dict[str, Job] = {}
    rows: dict[str, Row] = {}
    events: dict[str, list[Event]] = defaultdict(list)
    results: dict[str, dict[tuple[int, int], Row]] = defaultdict(dict)
    pools: dict[tuple[str, str], Pool] = {}
    replays: dict[str, str] = {}
    for item in items:
        row = from_item(item)
        kind, sort = row["pk"].split("#")[2:3], row["sk"].split("#")
        if sort[0] == "DELIVERY":
            deliveries[sort[1]] = row
        elif sort[0] == "WEBHOOK":
            webhooks[sort[1]] = row
        elif kind == ["JOB"]:
            job_id = row["pk"].split("#")[3]
            if sort[0] == "JOB":
                rows[job_id], jobs[job_id] = row, Job.of(row)
            elif sort[0] == "EVENT":
                events[job_id].append(Event.of(row))
            elif sort[0] == "TASK":
                results[job_id][int(sort[1]), int(sort[2])] = row
        elif kind == ["POOL"] and sort == ["POOL"]:
            holders = row.get("holders", frozenset())
            pools[row["organization_id"], row["region"]] = Pool(
                row["organization_id"], row["region"], row["capacity"], holders, row["sequence"]
            )
        elif kind == ["IDEMPOTENCY"]:
            replays[row["pk"]] = row["job_id"]
    for log in events.values():
        log.sort(key=lambda event: event.sequence)
    return State(
        *(now(), jobs, rows, events, results, pools, replays, executions, objects),
        *(deliveries, webhooks, received, told, at_work),
    )


def table_rows() -> list[dict[str, Any]]:
    """Every row as an item, in the order of its keys."""
    items = dynamodb_backends[ACCOUNT][REGION].tables[ENVIRONMENT["TABLE_NAME"]].items
    return [
        row.to_json()["Attributes"]
        for _, rows in sorted(items.items())
        for _, row in sorted(rows.items(), key=lambda entry: str(entry[0]))
    ]


def executions() -> dict[str, str]:
    """Status of the home region's executions by name."""
    return {execution.name: execution.status for execution in _executions()}


def execution_input(name: str) -> dict[str, Any]:
    """What an execution was started with."""
    found: dict[str, Any] = json.loads(
        next(execution.execution_input for execution in _executions() if execution.name == name)
    )
    return found


def end_execution(name: str, status: str) -> None:
    """Let a running execution end."""
    for execution in _executions():
        if execution.name == name and execution.status == "RUNNING":
            execution.status = status


def objects() -> frozenset[str]:
    """Keys of the workspace."""
    return frozenset(s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys)


def take_messages(queue: str) -> list[tuple[str | None, str]]:
    """Empty a queue: deduplication id and body of each message, in order."""
    queues = sqs_backends[ACCOUNT][REGION].queues
    taken = [(message.deduplication_id, message.body) for message in queues[queue]._messages]
    queues[queue]._messages.clear()
    return taken


@dataclass
class Kept:
    """What `keep` keeps of moto."""

    #: Pickled: that is many times as quick as a deep copy.
    items: bytes
    executions: list[Any]
    objects: dict[str, bytes]
    messages: dict[str, list[Any]]


def keep() -> Kept:
    """A copy of what moto holds of the service."""
    bucket = s3_backends[ACCOUNT]["aws"].buckets[BUCKET]
    return Kept(
        pickle.dumps(dynamodb_backends[ACCOUNT][REGION].tables[ENVIRONMENT["TABLE_NAME"]].items, -1),
        _copied(_executions()),
        {name: bucket.keys[name].value for name in bucket.keys},
        {queue.name: _copied(queue._messages) for queue in _queues()},
    )


def put_back(kept: Kept) -> None:
    """Make moto hold what was kept."""
    dynamodb_backends[ACCOUNT][REGION].tables[ENVIRONMENT["TABLE_NAME"]].items = pickle.loads(kept.items)
    _executions()[:] = _copied(kept.executions)
    s3 = s3_backends[ACCOUNT]["aws"]
    bucket = s3.buckets[BUCKET]
    for name in set(bucket.keys) - set(kept.objects):
        bucket.keys.pop(name)
    for name, value in kept.objects.items():
        if name not in bucket.keys or bucket.keys[name].value != value:
            s3.put_object(BUCKET, name, value)
    for queue in _queues():
        queue._messages[:] = _copied(kept.messages[queue.name])


def fingerprint(more: Any, names: list[str]) -> str:
    """The same for two worlds that differ in nothing but the random `names` drawn in them."""
    text = json.dumps(
        [now(), table_rows(), sorted(executions().items()), sorted(objects()), more],
        sort_keys=True,
        default=str,
    )
    places = sorted((text.find(name), name) for name in names if name in text)
    for number, (_, name) in enumerate(places):
        text = text.replace(name, f"<{number}>")
    return hashlib.sha256(text.encode()).hexdigest()


def _copied(things: list[Any]) -> list[Any]:
    """Each of them as it is now, whatever becomes of it."""
    return [copy.copy(thing) for thing in things]


def _queues() -> list[Any]:
    return list(sqs_backends[ACCOUNT][REGION].queues.values())


def _executions() -> list[Any]:
    (machine,) = stepfunctions_backends[ACCOUNT][REGION].state_machines
    made: list[Any] = machine.executions
    return made
