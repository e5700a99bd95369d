"""What AWS holds between two invocations, as plain data; how one ends, and what follows if it has failed."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.faults.state import Kept


class Broken(AssertionError):
    """The service broke a promise."""


class Again(StrEnum):
    """What follows a failed invocation."""

    #: What AWS does: the event comes again; the machine asks `settle` about a worker; a client sends again.
    REDELIVERED = "redelivered"
    #: AWS has given up: the event is in a dead-letter queue, the execution has failed, the client is gone.
    LOST = "lost"
    #: The machine invokes the worker anew without asking, as it does when Lambda itself failed.
    ANEW = "anew"


class Outcome(StrEnum):
    """How an invocation ended."""

    DONE = "done"
    FAILED = "failed"
    CRASHED = "crashed"


@dataclass
class Machine:
    """An execution: at which of its tasks it is, and what it does next."""

    name: str
    position: int = 0
    #: The worker's error that `settle` is to be asked about.
    error: str | None = None
    not_before: int = 0


@dataclass
class Waiting:
    """What is on its way, and what has been told: all that a Delivery remembers."""

    streamed: set[tuple[str, str]] = field(default_factory=set)
    records: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    #: Deduplication ids and when they were first sent.
    sent: dict[str, int] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    #: Messages of tries to deliver; their delay is not known here, so that some come too early.
    tries: list[dict[str, Any]] = field(default_factory=list)
    #: What receivers have got: URL and message id.
    received: frozenset[tuple[str, str]] = frozenset()
    machines: dict[str, Machine] = field(default_factory=dict)
    told: frozenset[tuple[str, int, str]] = frozenset()
    #: How many of the scenario's actions have been done.
    actions: int = 0
    #: Rounds of the sweeper.
    sweeps: int = 0
    #: Ids the client has been told, by what it calls the jobs.
    ids: dict[str, str] = field(default_factory=dict)


@dataclass
class Moment:
    """A moment to go back to."""

    kept: Kept
    waiting: Waiting
    dice: dict[str, int]
    at: int
