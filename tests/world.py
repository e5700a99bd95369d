"""The whole service in one process, on moto: real handlers, real table, events moved by hand.

A `World` holds what AWS would hold between two handler calls: stream records, queue messages, bus events and
executions. A test decides which of them arrive, how often and in which order; `settle_down` delivers
everything until nothing is left to deliver.
"""

import base64
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from mediajobs import aws
from mediajobs.settings import settings
from mediajobs.tools import catalog
from mediajobs.tools.tool import Model, Result, Run, Worker
from tests.contract import check
from tests.moto_account import ACCOUNT, ENVIRONMENT, OTHER_REGION, REGION, end_execution, make, table_rows
from tests.server import ecs


@dataclass
class Context:
    """What Lambda hands to a handler."""

    milliseconds: int = 900_000
    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:test"
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


class NoParameters(Model):
    """A test tool's parameters: whatever it likes to be told."""

    say: str = ""
    fail: str = ""
    size: int = 4


def tool(do: Callable[[Run, NoParameters], Result], worker: Worker = Worker.MEDIA) -> Any:
    """A tool for tests."""
    return SimpleNamespace(WORKER=worker, Parameters=NoParameters, run=do, __doc__="A test's tool.")


@dataclass
class World:
    """The service, with one organization and its admin key."""

    organization: str = ""
    key: str = ""
    #: Tools of this test by name, beside the real ones.
    tools: dict[str, Any] = field(default_factory=dict)
    #: Whether no inspector can be reached.
    is_inspector_away: bool = False
    #: Executions by name that have been started and not yet run.
    _streamed: set[tuple[str, str]] = field(default_factory=set)

    # --- the API -------------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> SimpleNamespace:
        """One HTTP request through the real endpoint; `raw` bodies are sent as they are."""
        from mediajobs.routes import ROUTES

        bearer = {"authorization": f"Bearer {self.key if key is None else key}"}
        route, found = self._send(ROUTES, method, path, body, bearer | (headers or {}))
        check(route, found.status, found.headers, found.body)
        return found

    def vendor(
        self,
        dialect: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> SimpleNamespace:
        """One HTTP request through a vendor's endpoint, as `mediajobs.fallback` would hand it on; without
        other headers, the key is sent as a Bearer."""
        from mediajobs.routes import DIALECTS

        sent = {"host": "api.example.com", "authorization": f"Bearer {self.key}", **(headers or {})}
        bare, query, rest = path.partition("?")
        _, found = self._send(DIALECTS[dialect], method, bare.rstrip("/") + query + rest, body, sent)
        return found

    def _send(
        self, routes: Iterable[Any], method: str, path: str, body: Any, headers: dict[str, str]
    ) -> tuple[Any, SimpleNamespace]:
        bare, _, query = path.partition("?")
        segments = bare.split("/")[1:]
        matches = [
            (route, parameters)
            for route in routes
            if route.method == method and (parameters := route.match(segments)) is not None
        ]
        assert matches, f"no route {method} {bare}"
        route, parameters = min(matches, key=lambda match: len(match[1]))
        module, _, name = route.handler.rpartition(".")
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        event = {
            "version": "2.0",
            "rawPath": bare,
            "headers": headers,
            "queryStringParameters": dict(parse_qsl(query, keep_blank_values=True)),
            "pathParameters": parameters,
            "requestContext": {"requestId": "request-1", "http": {"method": method}},
            "body": base64.b64encode(raw).decode(),
            "isBase64Encoded": True,
        }
        answer = getattr(import_module(module), name)(event, Context())
        found = SimpleNamespace(status=answer["statusCode"], headers=answer["headers"], body=_body(answer))
        return route, found

    def key_of(self, role: str, organization: str | None = None) -> str:
        """A new key with a role in our organization, or in that one."""
        from mediajobs.organization import Role
        from mediajobs.store import account
        from mediajobs.timestamp import now

        key, _ = account.create_key(
            organization or self.organization, Role(role), user="test", by="test", at=now()
        )
        return key.text

    def submit(self, *tools: str, **more: Any) -> str:
        """A job of those tools; its id."""
        answer = self.call("POST", "/jobs", {"tasks": [{"tool": name} for name in tools], **more})
        assert answer.status == 201, answer.body
        return str(answer.body["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """The job as the API shows it."""
        answer = self.call("GET", f"/jobs/{job_id}")
        assert answer.status == 200, answer.body
        return dict(answer.body)

    def pool(self, region: str = REGION) -> Any:
        from mediajobs.store import pool

        return pool.find(self.organization, region)

    # --- what moves between the handlers -------------------------------------------------------------

    def records(self) -> list[dict[str, Any]]:
        """Stream records of the event rows that were inserted and not yet delivered."""
        rows = table_rows()
        fresh = [
            row
            for row in sorted(rows, key=lambda row: (row["pk"]["S"], row["sk"]["S"]))
            if row["sk"]["S"].startswith("EVENT#") and (row["pk"]["S"], row["sk"]["S"]) not in self._streamed
        ]
        self._streamed |= {(row["pk"]["S"], row["sk"]["S"]) for row in fresh}
        return [{"eventName": "INSERT", "dynamodb": {"NewImage": row}} for row in fresh]

    def announce(self, records: list[dict[str, Any]]) -> None:
        from mediajobs.reactions import announce

        announce.handler({"Records": records}, Context())

    def messages(self) -> list[dict[str, Any]]:
        """Messages of the dispatch queue."""
        return self._take(settings().dispatch_queue_url)

    def _take(self, url: str) -> list[dict[str, Any]]:
        queue = aws.client("sqs", REGION)
        taken = []
        while found := queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                taken.append({"messageId": message["MessageId"], "body": message["Body"]})
        return taken

    def tries(self) -> list[dict[str, Any]]:
        """Messages of the queue of the deliveries whose time has come."""
        return self._take(settings().notify_queue_url)

    def notify(self, message: dict[str, Any]) -> dict[str, Any]:
        from mediajobs.reactions import notify

        return notify.handler({"Records": [message]}, Context())

    def dispatch(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        from mediajobs.reactions import dispatch

        return dispatch.handler({"Records": messages}, Context())

    def bus_events(self) -> list[dict[str, Any]]:
        """Events that were put on the bus and not yet taken."""
        queue = aws.client("sqs", REGION)
        url = queue.get_queue_url(QueueName="bus")["QueueUrl"]
        taken = []
        while found := queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                taken.append(json.loads(message["Body"]))
        return taken

    def drive(self, event: dict[str, Any]) -> None:
        from mediajobs.reactions import drive

        if event["detail-type"] == "Job Status Changed":
            drive.handler(event, Context())

    def executions(self, region: str = REGION) -> dict[str, str]:
        """Executions by name with their status."""
        states = aws.client("stepfunctions", region)
        listed = states.list_executions(stateMachineArn=settings().state_machine_arn(region))
        return {entry["name"]: entry["status"] for entry in listed["executions"]}

    def run(self, name: str, region: str = REGION, *, milliseconds: int = 900_000) -> bool:
        """Run an execution to its end as the state machine would; False if it was stopped."""
        states = aws.client("stepfunctions", region)
        arn = settings().state_machine_arn(region).replace(":stateMachine:", ":execution:") + f":{name}"
        given = json.loads(states.describe_execution(executionArn=arn)["input"])
        for task in given["tasks"]:
            payload = {
                **{key: given[key] for key in ("organization", "job", "attempt")},
                "task": task["index"],
                "worker": task["worker"],
                "seconds": task["seconds"],
            }
            for _ in range(20):
                if self.executions(region)[name] != "RUNNING":
                    return False
                error = self.work(payload, milliseconds)
                if error is None:
                    break
                answer = self.settle({**payload, "error": {"Error": error, "Cause": ""}})
                if answer["next"] == "done":
                    break
                if answer["next"] == "stop":
                    end_execution(arn, "FAILED")
                    return True
                self.pause(answer["pause"])
        end_execution(arn, "SUCCEEDED")
        return True

    def offer(self, name: str, token: str = "token", region: str = REGION) -> None:
        """What the state machine does first for the next task of an execution that is done outside."""
        step = self.step(name, region)
        assert step["executor"] == "outside"
        self.offer_task({**step, "token": token})

    def offer_task(self, payload: dict[str, Any]) -> None:
        """One invocation of what offers tasks to outside workers."""
        from mediajobs.reactions import offer

        offer.handler(payload, Context())

    def step(self, name: str, region: str = REGION) -> dict[str, Any]:
        """What the state machine says of the task of an execution that has its turn."""
        arn = settings().state_machine_arn(region).replace(":stateMachine:", ":execution:") + f":{name}"
        given = json.loads(aws.client("stepfunctions", region).describe_execution(executionArn=arn)["input"])
        statuses = [task["status"] for task in self.job(given["job"])["tasks"]]
        index = next(n for n, status in enumerate(statuses) if status in ("Pending", "Running"))
        (step,) = [dict(step) for step in given["mixed"] if step["index"] == index]
        place = {key: given[key] for key in ("organization", "job", "attempt")}
        return {**place, **step, "task": index}

    def contain(self, payload: dict[str, Any]) -> int:
        """The exit code of a container that is started for a task; its worker runs in this process."""
        from mediajobs.worker import container

        with ecs.metadata() as place:
            told = {
                "TASK": json.dumps(payload),
                "CONTAINER_MB": "8192",
                "ECS_CONTAINER_METADATA_URI_V4": place,
            }
            os.environ.update(told)
            try:
                return container.main()
            finally:
                for name in told:
                    del os.environ[name]

    def convert(self, payload: dict[str, Any]) -> dict[str, Any]:
        """One invocation of what stands before and after a job in MediaConvert."""
        from mediajobs.reactions import convert

        return convert.handler(payload, Context())

    def follow(self, event: dict[str, Any]) -> None:
        """What MediaConvert tells of a job there."""
        from mediajobs.reactions import follow

        follow.handler(event, Context())

    def pause(self, seconds: int) -> None:
        """What a Wait state does; tests that travel in time replace it."""
        assert seconds == 0, f"the machine would wait {seconds} s"

    def work(self, payload: dict[str, Any], milliseconds: int = 900_000) -> str | None:
        """One invocation of a worker; the name of the error it ended with."""
        module = __import__(f"mediajobs.worker.{payload['worker']}", fromlist=["handler"])
        try:
            module.handler(payload, Context(milliseconds))
        except Exception as error:
            return type(error).__name__
        return None

    def inspect(self, payload: dict[str, Any]) -> dict[str, Any]:
        """One invocation of the inspector."""
        from mediajobs.worker import inspect

        return dict(inspect.handler(payload, Context(20_000)))

    def settle(self, payload: dict[str, Any]) -> dict[str, Any]:
        from mediajobs.reactions import settle

        return settle.handler(payload, Context())

    def arrive(self, event: dict[str, Any], *, receives: int = 1) -> dict[str, Any]:
        """An event from outside, as the queue of the triggers hands it on for so many times."""
        from mediajobs.reactions import submit_on_event

        attributes = {"ApproximateReceiveCount": str(receives)}
        record = {"messageId": "message-1", "body": json.dumps(event), "attributes": attributes}
        return submit_on_event.handler({"Records": [record]}, Context())

    def sweep(self) -> dict[str, int]:
        from mediajobs.reactions import sweep

        return sweep.handler({}, Context())

    def deliver(self) -> bool:
        """Deliver what is there now, once; whether there was anything."""
        records, messages, events = self.records(), self.messages(), self.bus_events()
        tries = self.tries()
        if records:
            self.announce(records)
        if messages:
            self.dispatch(messages)
        for event in events:
            self.drive(event)
        for message in tries:
            self.notify(message)
        return bool(records or messages or events or tries)

    def settle_down(self) -> None:
        """Deliver and run everything until nothing moves any more."""
        for _ in range(1000):
            if self.deliver():
                continue
            running = [name for name, status in self.executions().items() if status == "RUNNING"]
            if not running:
                return
            self.run(running[0])
        raise AssertionError("the world does not come to rest")


@contextmanager
def world(capacity: int = 4) -> Iterator[World]:
    """A fresh world on moto."""
    _forget()
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT)
    with mock_aws():
        make()
        made = World()
        from mediajobs.bootstrap import bootstrap

        account = bootstrap("Acme", capacity, [REGION, OTHER_REGION])
        made.organization, made.key = account.organization_id, account.api_key
        made.records()
        events = aws.session().get_component("event_emitter")
        invoke = partial(_invoke, made)
        events.register("before-call.lambda.Invoke", invoke)
        real = catalog.find
        catalog.find = lambda name: made.tools.get(name) or real(name)
        try:
            yield made
        finally:
            catalog.find = real
            events.unregister("before-call.lambda.Invoke", invoke)
            os.environ.clear()
            os.environ.update(before)
            _forget()


def _body(answer: dict[str, Any]) -> Any:
    """The JSON of an answer, or its text; None if it is empty."""
    text = answer["body"]
    return json.loads(text) if text and answer["headers"]["content-type"].endswith("json") else text or None


def _invoke(world: World, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
    """Lambda's answer to a call of the inspector, which moto does not run."""
    if world.is_inspector_away:
        raise EndpointConnectionError(endpoint_url=params["url"])
    try:
        said, failure = world.inspect(json.loads(params["body"])), {}
    except Exception as error:
        said, failure = {"errorType": type(error).__name__}, {"FunctionError": "Unhandled"}
    return SimpleNamespace(status_code=200), {"Payload": BytesIO(json.dumps(said).encode()), **failure}


def _forget() -> None:
    from mediajobs.store import account

    # Clients take their session's hooks over when they are made.
    aws.function_client.cache_clear()
    settings.cache_clear()
    account._cache.clear()
