"""The calls of the API as data: what both clients send, and what they get back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from mediajobs import answer
from mediajobs.header import IDEMPOTENCY_KEY, IF_NONE_MATCH, PREFER
from mediajobs.identifier import new_token

T_co = TypeVar("T_co", covariant=True)

#: Methods that do the same when they are sent again.
_IDEMPOTENT = frozenset({"GET", "PUT", "DELETE"})


@dataclass(frozen=True)
class Call(Generic[T_co]):
    """One call; its type says what the API answers. `None` in the query is left out."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, str]:
        """The query as it is sent: several values joined by commas."""
        return {name: _text(value) for name, value in self.query.items() if value is not None}

    @property
    def is_repeatable(self) -> bool:
        """Whether sending it again after a lost answer changes nothing more."""
        return self.method in _IDEMPOTENT or IDEMPOTENCY_KEY.name in self.headers


def path_of(*parts: str) -> str:
    """A path of these parts, whatever characters they have."""
    head, *rest = parts
    return "/".join((head, *(quote(part, safe="") for part in rest)))


def submit(spec: Mapping[str, Any], idempotency_key: str | None = None) -> Call[answer.Job]:
    """Without a key it gets one, so that it can be sent again."""
    return Call("POST", "/jobs", body=dict(spec), headers=_key(idempotency_key))


def plan(spec: Mapping[str, Any]) -> Call[answer.Plan]:
    """A dry run: nothing is stored or started."""
    return Call("POST", "/jobs", {"dry_run": True}, dict(spec), _key(None))


def job(job_id: str, *, etag: str | None = None, wait: int | None = None) -> Call[answer.Job]:
    """With `wait` (seconds) the answer comes when something changes, with `etag` only if it did."""
    headers = {IF_NONE_MATCH.name: etag} if etag else {}
    if wait:
        headers[PREFER.name] = f"wait={wait}"
    return Call("GET", path_of("/jobs", job_id), headers=headers)


def jobs(filters: Mapping[str, Any]) -> Call[answer.JobPage]:
    """A page; the filters are those of `GET /jobs`."""
    return Call("GET", "/jobs", filters)


def cancel(job_id: str) -> Call[answer.Job]:
    return Call("POST", path_of("/jobs", job_id, "cancel"))


def restart(
    job_id: str, *, from_failed: bool = False, idempotency_key: str | None = None
) -> Call[answer.Job]:
    """From the first task, or from the first one that did not succeed."""
    body = {"start_at": "failed" if from_failed else "first"}
    return Call("POST", path_of("/jobs", job_id, "restart"), body=body, headers=_key(idempotency_key))


def resubmit(
    job_id: str, patch: Mapping[str, Any] | None = None, idempotency_key: str | None = None
) -> Call[answer.Job]:
    """A new job from that one's spec, with a merge patch (RFC 7396) to it."""
    body = {} if patch is None else {"patch": dict(patch)}
    return Call("POST", path_of("/jobs", job_id, "resubmit"), body=body, headers=_key(idempotency_key))


def events(job_id: str, after: int = 0) -> Call[answer.EventPage]:
    """The event log after an event."""
    return Call("GET", path_of("/jobs", job_id, "events"), {"after": after or None})


def logs(job_id: str, task: int, next_token: str | None = None) -> Call[answer.LogPage]:
    """A page of one task's log: 20 calls a minute and 1,000 a day for each key."""
    return Call("GET", path_of("/jobs", job_id, "tasks", str(task), "logs"), {"next_token": next_token})


def metrics(job_id: str) -> Call[answer.Metrics]:
    return Call("GET", path_of("/jobs", job_id, "metrics"))


def months(filters: Mapping[str, Any]) -> Call[answer.Months]:
    """What the organization has consumed, by month and tag."""
    return Call("GET", "/metrics", filters)


def bundles(filters: Mapping[str, Any]) -> Call[answer.BundlePage]:
    return Call("GET", "/bundles", filters)


def bundle(bundle_id: str) -> Call[answer.CountedBundle]:
    return Call("GET", path_of("/bundles", bundle_id))


def create_bundle(name: str) -> Call[answer.Bundle]:
    return Call("POST", "/bundles", body={"name": name})


def job_deliveries(job_id: str, next_token: str | None = None) -> Call[answer.DeliveryPage]:
    """What the job's own receivers were told, or could not be told."""
    return Call("GET", path_of("/jobs", job_id, "deliveries"), {"next_token": next_token})


def tools() -> Call[answer.Tools]:
    return Call("GET", "/tools")


def tool(name: str) -> Call[answer.Tool]:
    return Call("GET", path_of("/tools", name))


def pools() -> Call[answer.Pools]:
    return Call("GET", "/pools")


def pool(region: str) -> Call[answer.WatchedPool]:
    return Call("GET", path_of("/pools", region))


def set_pool(region: str, capacity: int, max_priority: int | None = None) -> Call[answer.Pool]:
    body = {"capacity": capacity, "max_priority": max_priority}
    return Call("PUT", path_of("/pools", region), body={k: v for k, v in body.items() if v is not None})


def take_work(tools: Sequence[str]) -> Call[answer.Work | None]:
    """A task for an outside worker with these tools, if one waits."""
    return Call("POST", "/work", body={"tools": list(tools)})


def keep_work(work: str, progress: int | None, lines: Sequence[str]) -> Call[answer.Lease]:
    return Call(
        "POST", path_of("/work", work, "heartbeat"), body={"progress": progress, "lines": list(lines)}
    )


def link_work(work: str, name: str, content_type: str | None = None) -> Call[answer.WorkLink]:
    """To leave a file of that type, or without one to load a file."""
    return Call("POST", path_of("/work", work, "links"), body={"name": name, "content_type": content_type})


def finish_work(work: str, result: Mapping[str, Any]) -> Call[None]:
    return Call("POST", path_of("/work", work, "result"), body=dict(result))


def fail_work(work: str, code: str | None, message: str = "", *, retryable: bool = False) -> Call[None]:
    """Without a code the worker only lets go."""
    body = {"code": code, "message": message, "retryable": retryable}
    return Call("POST", path_of("/work", work, "failure"), body=body)


def organizations() -> Call[answer.Organizations]:
    return Call("GET", "/organizations")


def _key(given: str | None) -> dict[str, str]:
    return {IDEMPOTENCY_KEY.name: given or new_token(24)}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    try:
        return ",".join(map(str, value))
    except TypeError:
        return str(value)
