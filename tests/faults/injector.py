"""Makes the n-th AWS call of the service fail, in every way a call can fail.

A fault is put where botocore raises its own events, so the real handlers run to the last line. A crash is no
`Exception`: neither botocore nor a handler can swallow it. A dead process reaches nothing any more, whatever
its `finally` blocks try.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber

from mediajobs import aws
from tests import moto_gap


class Mode(StrEnum):
    """How a call fails."""

    #: The process dies, and the call has not been made.
    CRASH_BEFORE = "crash before"
    #: The call takes effect, and the process dies before it sees the answer.
    CRASH_AFTER = "crash after"
    #: The first sending takes effect but its answer is lost; the client sends again.
    LOST_REPLY = "lost reply"
    #: The first sending is refused; the client sends again.
    THROTTLE = "throttle"
    #: Every sending takes effect and no answer ever comes: the handler meets an error.
    NO_REPLY = "no reply"
    #: Every sending is refused: the handler meets an error.
    REFUSAL = "refusal"
    #: A write meets a transaction on its row, once; only the handler itself tries again.
    CONFLICT = "conflict"

    @property
    def is_heard(self) -> bool:
        """Whether anybody hears of it: otherwise AWS's client, or the write, sends again by itself."""
        return self not in (Mode.LOST_REPLY, Mode.THROTTLE, Mode.CONFLICT)

    def concerns(self, operation: str) -> bool:
        """Whether a call can fail so."""
        return self is not Mode.CONFLICT or operation in _WRITES


_WRITES = frozenset(
    f"dynamodb.{verb}" for verb in ("TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem")
)


class Crash(BaseException):
    """The death of a process."""


@dataclass(frozen=True)
class Call:
    """A call that a process made."""

    process: str
    operation: str
    #: Where in our code it is made.
    place: str = field(default="", compare=False)


@dataclass
class _Process:
    name: str
    dead: bool = False


class Injector:
    """Counts the AWS calls that are made inside a `process`, and lets those of the plan fail."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        #: By the number of the call, from 0.
        self.plan: dict[int, Mode] = {}
        #: How calls fail that the plan does not name.
        self.storm: Callable[[Call], Mode | None] = lambda _call: None
        self.fired: list[tuple[Call, Mode]] = []
        #: Called before every call with its operation and request, and after it with its answer.
        self.before: Callable[[str, dict[str, Any]], None] = lambda _operation, _request: None
        self.after: Callable[[Any], None] = lambda _answer: None
        self._local = threading.local()
        self._mode: Mode | None = None
        self._sent = 0
        self._writes: int | None = None

    @contextmanager
    def installed(self) -> Iterator["Injector"]:
        """Hook every client that is made inside; those made before are forgotten, and these after."""
        _forget_clients()
        events = aws.session().get_component("event_emitter")
        events.register_first("before-call.*.*", self._before_call)
        # On the very node where moto answers: handlers of a longer name would all run before it.
        events.register_first("before-send", self._before_send)
        events.register_last("before-send", self._after_send)
        events.register_first("after-call.*.*", self._after_call)
        try:
            yield self
        finally:
            _forget_clients()

    def reset(self, plan: dict[int, Mode] | None = None) -> None:
        """Forget what was called, and follow another plan."""
        self.calls, self.fired, self.plan = [], [], plan or {}

    @contextmanager
    def process(self, name: str) -> Iterator[None]:
        """A new process of the service, which may run inside another one's call."""
        self._processes.append(_Process(name))
        try:
            yield
        finally:
            self._processes.pop()

    @property
    def _processes(self) -> list[_Process]:
        """The processes of this thread, the innermost last; other threads, such as a watch, have none."""
        stack: list[_Process] = self._local.__dict__.setdefault("stack", [])
        return stack

    def _before_call(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        self._mode = None
        if not self._processes:
            return
        process = self._processes[-1]
        if process.dead:
            raise Crash(f"{process.name} is dead")
        operation = f"{model.service_model.service_name}.{model.name}"
        self.before(operation, params)
        self._sent = 0
        call = Call(process.name, operation, _place())
        self._mode = self.plan.get(len(self.calls)) or self.storm(call)
        if self._mode is not None and not self._mode.concerns(operation):
            self._mode = None
        self.calls.append(call)
        if self._mode is None:
            return
        self.fired.append((call, self._mode))
        if self._mode is Mode.CONFLICT:
            items = json.loads(params["body"]).get("TransactItems")
            self._writes = items and len(items)
        if self._mode is Mode.CRASH_BEFORE:
            process.dead = True
            raise Crash(str(call))

    def _before_send(self, request: Any, **_: Any) -> AWSResponse | None:
        self._sent += 1
        match self._mode:
            case Mode.THROTTLE if self._sent == 1:
                pass
            case Mode.CONFLICT if self._sent == 1:
                pass
            case Mode.REFUSAL:
                pass
            case _:
                return None
        # Every handler of this event is called, whatever this one answers: moto must not hear of it.
        botocore_stubber.enabled = False
        if self._mode is Mode.CONFLICT:
            status, headers, body = moto_gap.conflict(self._writes)
        else:
            service = self.calls[-1].operation.partition(".")[0]
            status, headers, body = moto_gap.throttled({"stepfunctions": "states"}.get(service, service))
        return AWSResponse(request.url, status, headers, MockRawResponse(body))

    def _after_send(self, request: Any, **_: Any) -> None:
        botocore_stubber.enabled = True
        if self._mode is Mode.NO_REPLY or (self._mode is Mode.LOST_REPLY and self._sent == 1):
            raise ReadTimeoutError(endpoint_url=request.url)

    def _after_call(self, parsed: Any, **_: Any) -> None:
        if self._processes:
            self.after(parsed)
        if self._mode is Mode.CRASH_AFTER and self._processes:
            self._processes[-1].dead = True
            raise Crash(str(self.calls[-1]))
        self._mode = None


#: Modules through which all calls go.
_PASSAGES = ("/aws.py", "/store/read.py", "/store/write.py", "/outage.py")


def _place() -> str:
    """The line of our code that wants the call."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        name = frame.f_code.co_filename
        if "/mediajobs/" in name and not name.endswith(_PASSAGES):
            return f"{name.rpartition('/mediajobs/')[2]}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def _forget_clients() -> None:
    for made in (aws.client, aws.media_client, aws.session):
        made.cache_clear()
