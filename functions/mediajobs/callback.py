"""What a receiver is sent: the formats by name, ours and those of the dialects."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from mediajobs import representation
from mediajobs.event import Event
from mediajobs.store.job import Detail

#: Bytes of a message of ours; the job is left out of one that would be longer.
MAX_BYTES = 128 * 1024


@dataclass(frozen=True)
class Callback:
    """The body of a POST, and what it needs beside the headers that every message has."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})

    @classmethod
    def of_json(cls, value: Any, **headers: str) -> "Callback":
        """JSON, with headers whose names are written with `_` for `-`."""
        more = {name.replace("_", "-"): text for name, text in headers.items()}
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(body, {"content-type": "application/json", **more})


#: What a job's change of status looks like to a receiver. The event says what is told; the detail is the job
#: as it is now, which may have moved on.
Format = Callable[[Detail, Event], Callback]


def ours(detail: Detail, event: Event) -> Callback:
    """`{"type", "timestamp", "data"}`, as Standard Webhooks advises; data is what the bus is told, and the
    job as our API shows it."""
    return of_kind(f"job.{event.status.lower()}", detail, event)


def of_kind(kind: str, detail: Detail, event: Event) -> Callback:
    """Our message of a type, about the job or about the task that the event tells of."""
    wanted = "Task Status Changed" if kind.startswith("task.") else "Job Status Changed"
    (told,) = (told for subject, told in event.announcements() if subject == wanted)
    return of_ours(kind, told, representation.state(detail))


def of_ours(kind: str, told: Mapping[str, Any], job: Mapping[str, Any] | None) -> Callback:
    """A message of ours of a type, such as `job.success`, about a job or not."""
    message = {"type": kind, "timestamp": told["time"], "data": {**told, "job": job}}
    made = Callback.of_json(message)
    return made if job is None or len(made.body) <= MAX_BYTES else of_ours(kind, told, None)


@cache
def format_of(name: str) -> Format:
    """The format of that name: `mediajobs`, or a dialect's `mediajobs.dialects.<name>.callback.callback`;
    ours where a dialect has none."""
    if name == "mediajobs":
        return ours
    module = f"mediajobs.dialects.{name}.callback"
    try:
        found: Format = import_module(module).callback
    except ModuleNotFoundError as error:
        # Only its own absence: what it imports in vain is an error.
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        return ours
    return found
