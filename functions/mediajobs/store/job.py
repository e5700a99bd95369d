"""Jobs in the table: submitting one, and reading it with all that belongs to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

from mediajobs.event import Event
from mediajobs.job import RETENTION_DAYS, Job, Status
from mediajobs.store.read import between, each, get
from mediajobs.store.replay import Replay, record
from mediajobs.store.replay import key as replay_key
from mediajobs.store.write import Condition, ConditionFailed, Put, Update, transact, write
from mediajobs.table import DUE_SHARDS, job_key
from mediajobs.timestamp import DAY, MINUTE, now

#: A pending job is looked at so long after its submission, if no event has woken its pool.
FIRST_LOOK = MINUTE


@dataclass(frozen=True)
class Detail:
    """A job, its spec (as the SPEC row holds it) and the results of its attempts, by attempt and task."""

    job: Job
    spec: Mapping[str, Any]
    results: Mapping[tuple[int, int], Mapping[str, Any]]


def due_shard(job_id: str) -> str:
    """The partition of the due index in which a job's debts stand."""
    return f"DUE#{crc32(job_id.encode()) % DUE_SHARDS}"


def rows_ttl(deadline: int) -> int:
    """Until when a job's rows beside the hot one live, in seconds: longer than the job in any case."""
    return (deadline + (RETENTION_DAYS + 1) * DAY) // 1000


def submit(
    job: Job,
    spec: Mapping[str, Any],
    credentials: Mapping[str, bytes],
    *,
    replay: Replay | None = None,
) -> None:
    """Make the job, or nothing: its row, its spec, its sealed credentials, its first event and the record
    of its Idempotency-Key are one transaction. Raises ConditionFailed when that key has been used."""
    key, ttl = job_key(job.organization, job.id), rows_ttl(job.deadline)
    first = Event.next(
        replace(job, sequence=0), Status.PENDING, at=job.submitted, by=job.submitted_by, wakes_pool=True
    )
    changes = [
        Put({"pk": key, "sk": "JOB", **_row(job)}),
        Put({"pk": key, "sk": "SPEC", "ttl": ttl, "replay": replay and replay.digest, **spec}),
        Put({"pk": key, "sk": "EVENT#000001", "ttl": ttl, **first.to_row()}),
    ]
    if credentials:
        changes.append(Put({"pk": key, "sk": "CREDENTIALS", "ttl": ttl, "sealed": dict(credentials)}))
    if replay is not None:
        changes.append(record(job.organization, replay, job.id, at=job.submitted, ttl=ttl))
    transact(changes)


def find(organization: str, job_id: str, *, consistent: bool = True) -> Job | None:
    """A job's hot row; an expired job is absent whether or not its row still stands."""
    row = get(job_key(organization, job_id), "JOB", consistent=consistent)
    if row is None:
        return None
    job = Job.of(row)
    return None if job.has_expired(now()) else job


def detail(organization: str, job_id: str) -> Detail | None:
    """A job with its spec and results, by one query that passes over its events and credentials."""
    rows = {row["sk"]: row for row in between(job_key(organization, job_id), "JOB", "TASK$")}
    if "JOB" not in rows:
        return None
    job = Job.of(rows.pop("JOB"))
    spec = rows.pop("SPEC")
    if job.has_expired(now()):
        return None
    return Detail(job, spec, {_result_key(sort): row for sort, row in rows.items()})


def details(organization: str, job_ids: Sequence[str]) -> list[Detail]:
    """Many jobs with their specs and the results of their present attempts, in the order of the ids, without
    those that are gone; what has just been written may be missing yet."""
    keys = {job_id: job_key(organization, job_id) for job_id in job_ids}
    both = each((key, sort) for key in keys.values() for sort in ("JOB", "SPEC"))
    rows = {(row["pk"], row["sk"]): row for row in both}
    at = now()
    found = [
        (key, Job.of(rows[key, "JOB"]))
        for key in keys.values()
        if (key, "JOB") in rows and (key, "SPEC") in rows
    ]
    seen = [(key, job) for key, job in found if not job.has_expired(at)]
    results: dict[str, dict[tuple[int, int], Mapping[str, Any]]] = {key: {} for key, _ in seen}
    places = (
        (key, result_sort(job.attempt_of(index), index))
        for key, job in seen
        for index in range(min(job.cursor + 1, job.task_count))
    )
    for row in each(places):
        results[row["pk"]][_result_key(row["sk"])] = row
    return [Detail(job, rows[key, "SPEC"], results[key]) for key, job in seen]


def spec(organization: str, job_id: str) -> dict[str, Any]:
    """What was submitted: `tasks` and the rest of the SPEC row."""
    row = get(job_key(organization, job_id), "SPEC", consistent=False) or get(
        job_key(organization, job_id), "SPEC"
    )
    if row is None:
        raise LookupError(f"job {job_id} has no spec")
    return row


def results(job: Job) -> Sequence[dict[str, Any]]:
    """The results of the tasks of the present attempt, in order, with those it goes on from."""
    rows = between(job_key(job.organization, job.id), "TASK#", "TASK$")
    found = {_result_key(row["sk"]): row for row in rows}
    wanted = ((job.attempt_of(index), index) for index in range(job.task_count))
    return [found[key] for key in wanted if key in found]


def result(organization: str, job_id: str, attempt: int, index: int) -> dict[str, Any] | None:
    """The result of one task of an attempt."""
    return get(job_key(organization, job_id), result_sort(attempt, index))


def credentials(organization: str, job_id: str) -> Mapping[str, bytes]:
    """The job's sealed credentials by reference."""
    row = get(job_key(organization, job_id), "CREDENTIALS")
    return row["sealed"] if row else {}


def events(organization: str, job_id: str, after: int) -> Iterator[Event]:
    """The event log after an event."""
    key = job_key(organization, job_id)
    return map(Event.of, between(key, f"EVENT#{after + 1:06d}", "EVENT#~"))


def extend(job: Job, deadline: int) -> None:
    """Let the rows beside the hot one live long enough for an attempt with that deadline."""
    rows = [
        (row["pk"], row["sk"])
        for row in between(job_key(job.organization, job.id), "CREDENTIALS", "TASK$")
        if row["sk"] != "JOB"  # it may just have expired
    ]
    digest = spec(job.organization, job.id).get("replay")
    if digest:
        rows.append(replay_key(job.organization, digest))
    for row in rows:
        with suppress(ConditionFailed):  # the row has expired, or never was
            write(Update(row, {"ttl": rows_ttl(deadline)}, Condition("attribute_exists(#pk)")))


def result_sort(attempt: int, index: int) -> str:
    """The sort key of a task's result."""
    return f"TASK#{attempt:03d}#{index:02d}"


def _result_key(sort: str) -> tuple[int, int]:
    _, attempt, index = sort.split("#")
    return int(attempt), int(index)


def _row(job: Job) -> dict[str, Any]:
    row = {
        name: value
        for name in Job.__slots__
        if (value := getattr(job, name)) not in (None, 0, False, (), frozenset())
    }
    return row | {
        # Every job has these, also where they are 0.
        "priority": job.priority,
        "cursor": job.cursor,
        "announced": job.announced,
        "organization_status": f"{job.organization}#{job.status}",
        "organization_bundle": job.bundle_id and f"{job.organization}#{job.bundle_id}",
        "pool": f"{job.organization}#{job.region}",
        "rank": job.rank,
        "due": job.submitted + FIRST_LOOK,
        "due_shard": due_shard(job.id),
    }
