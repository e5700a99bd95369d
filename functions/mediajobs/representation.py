"""Jobs, tasks and pools as our API shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mediajobs import payload
from mediajobs.identifier import task_number
from mediajobs.job import Failure, Job, Status
from mediajobs.store.pack import unpack
from mediajobs.timestamp import MINUTE, SECOND, to_text

if TYPE_CHECKING:
    # A cold start that shows a job does not wait for the types of everything else.
    from mediajobs import answer
    from mediajobs.consumption import Consumption
    from mediajobs.event import Event
    from mediajobs.listing import Row
    from mediajobs.store.bundle import Bundle
    from mediajobs.store.job import Detail
    from mediajobs.store.pool import Pool
    from mediajobs.store.template import Head, Version

GB = 10**9

#: Region, key and name of a file → a link to it.
Linker = Callable[[str, str, str], str]


def job(detail: Detail, link: Linker, queue_position: int | None = None) -> answer.Job:
    """A whole job: what was asked, where it is, what came of it, with links to its files, as many as fit."""
    shown = state(detail, queue_position)
    room = payload.MAX_BYTES - payload.size(shown)
    for index, task in enumerate(shown["tasks"]):
        keys = _keys(detail, index)
        for file in task["files"]:
            url = link(detail.job.region, keys[file["name"]], file["name"])
            room -= payload.size({"url": url})
            if room < 0:
                return shown
            file["url"] = url
    return shown


def state(detail: Detail, queue_position: int | None = None) -> answer.Job:
    """A whole job without the links, which differ at every look; without what does not fit of the data that
    its tools have found."""
    row = detail.job
    shown: answer.Job = {
        **_head(row),
        "organization_id": row.organization,
        "progress": row.percent,
        "queue_position": queue_position,
        "resubmitted_from": detail.spec.get("resubmitted_from"),
        "deadline": to_text(row.deadline),
        "submitted_by": row.submitted_by,
        "error": _failure(row.failure),
        "notify": [_receiver(receiver) for receiver in unpack(detail.spec["notify"])]
        if "notify" in detail.spec
        else [],
        "tasks": [
            _task(row, index, task, detail.results.get((row.attempt_of(index), index), {}))
            for index, task in enumerate(unpack(detail.spec["tasks"]))
        ],
    }
    _fit(shown)
    return shown


def row(row: Row) -> answer.JobRow:
    """A job as a list shows it."""
    return {**_head(row), "tools": list(row.tools), "failure_code": row.failure_code}


def _head(row: Job | Row) -> answer.JobHead:
    return {
        "id": row.id,
        "status": row.status,
        "attempt": row.attempt,
        "region": row.region,
        "priority": row.priority,
        "submitted": to_text(row.submitted),
        "started": _time(row.started),
        "ended": _time(row.ended),
        "duration": _seconds(row.started, row.ended),
        "expiry": _time(row.ttl and row.ttl * SECOND),
        "tags": list(row.tags),
        "bundle_id": row.bundle_id,
        "template_id": row.template_id,
        "input_name": row.input_name,
        "user_data": row.user_data,
    }


def _fit(shown: answer.Job) -> None:
    """Take out data, the largest first, until an answer holds the job."""
    excess = payload.size(shown) - payload.MAX_BYTES
    if excess <= 0:
        return
    for size, task in sorted((-payload.size(task["data"]), task["index"]) for task in shown["tasks"]):
        if excess > 0:
            shown["tasks"][task]["data"] = None
            excess += size


def event(entry: Event) -> answer.Event:
    """An entry of a job's event log."""
    return {
        "sequence": entry.sequence,
        "attempt": entry.attempt,
        "time": to_text(entry.at),
        "by": entry.by,
        "status": entry.status,
        "task": entry.task,
        "task_status": entry.task_status,
        "reason": entry.reason,
    }


def figures(consumed: Consumption, jobs: int) -> answer.Figures:
    """What so many jobs have consumed."""
    return {
        "cus": consumed.compute_units,
        "video_minutes_in": round(consumed.ms_in / MINUTE, 4),
        "video_minutes_out": round(consumed.ms_out / MINUTE, 4),
        "gb_in": consumed.bytes_in / GB,
        "gb_out": consumed.bytes_out / GB,
        "cost_usd": consumed.cost(jobs),
    }


def pool(row: Pool) -> answer.Pool:
    """A pool: how many of the organization's jobs may run there, how urgently, and how many do."""
    return {
        "region": row.region,
        "capacity": row.capacity,
        "max_priority": row.max_priority,
        "running": len(row.holders),
    }


def bundle(row: Bundle) -> answer.Bundle:
    """A bundle; `number` is its id in dialects that name it by one."""
    return {
        "id": row.id,
        "name": row.name,
        "number": row.number,
        "created": to_text(row.created),
        "created_by": row.created_by,
    }


def counted_bundle(row: Bundle, counts: Mapping[Status, int]) -> answer.CountedBundle:
    """A bundle with the number of its jobs of each status."""
    return {**bundle(row), "jobs": {status.value: count for status, count in counts.items()}}


def template(row: Version, *, is_live: bool) -> answer.TemplateVersion:
    """A version of a template."""
    return {
        "id": row.id,
        "name": row.name,
        "version": row.version,
        "description": row.content.get("description"),
        "parameters": row.content.get("parameters", {}),
        "job": row.content["job"],
        "created": to_text(row.created),
        "created_by": row.created_by,
        "deleted": not is_live,
    }


def template_head(row: Head) -> answer.TemplateHead:
    """A template as a list shows it."""
    return {
        "name": row.name,
        "version": row.version,
        "description": row.description,
        "updated": to_text(row.updated),
        "updated_by": row.updated_by,
    }


def _task(row: Job, index: int, task: dict[str, Any], result: Mapping[str, Any]) -> answer.Task:
    status = row.task_status(index)
    made = unpack(result["result"]) if "result" in result else {"files": [], "usage": None, "data": None}
    started = result.get("started")
    if started is None and index == row.cursor:
        started = row.run_started or None
    return {
        "index": index,
        "number": task_number(row.id, index),
        "tool": task["tool"],
        "parameters": task["parameters"],
        "retry": {"count": 0, "delay_seconds": 5, "on": None} | task["retry"],
        "timeout_seconds": task["timeout_seconds"],
        "executor": task.get("executor", "lambda"),
        "status": status,
        "progress": 100 if status is Status.SUCCESS else row.progress if index == row.cursor else 0,
        "tries": result.get("tries", row.tries + 1 if status is Status.RUNNING else 0),
        "started": _time(started),
        "ended": _time(result.get("ended")),
        "error": _failure(_result_failure(index, result)),
        "files": [
            {"name": file["name"], "size": file["size"], "content_type": file["content_type"]}
            for file in made["files"]
        ],
        "usage": made["usage"],
        "data": made["data"],
    }


def _receiver(row: Mapping[str, Any]) -> answer.ShownReceiver:
    return {
        "url": row["url"],
        "on": row["on"],
        "format": row["format"],
        "credentials": row.get("credentials"),
    }


def _keys(detail: Detail, index: int) -> dict[str, str]:
    """Where the files of a task are."""
    result = detail.results.get((detail.job.attempt_of(index), index), {})
    files = unpack(result["result"])["files"] if "result" in result else ()
    return {file["name"]: file["key"] for file in files}


def _result_failure(index: int, result: Mapping[str, Any]) -> Failure | None:
    failure = result.get("failure")
    return failure and Failure(failure["code"], failure["message"], failure["retryable"], index)


def _failure(failure: Failure | None) -> answer.Failure | None:
    if failure is None:
        return None
    return {
        "code": failure.code,
        "message": failure.message,
        "retryable": failure.retryable,
        "task": failure.task,
    }


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else to_text(milliseconds)


def _seconds(start: int | None, end: int | None) -> float | None:
    return None if start is None or end is None else (end - start) / 1000
