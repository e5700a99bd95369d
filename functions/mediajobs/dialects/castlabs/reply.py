"""Our jobs and bundles as the Video Toolkit shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from mediajobs.answer import LogLine
from mediajobs.dialects.castlabs.words import CODES
from mediajobs.identifier import task_number
from mediajobs.job import Job
from mediajobs.representation import GB
from mediajobs.said import said_of
from mediajobs.store.bundle import Bundle
from mediajobs.store.job import Detail
from mediajobs.store.organization import Organization
from mediajobs.store.pack import unpack
from mediajobs.timestamp import MINUTE, SECOND, from_text


@dataclass(frozen=True)
class Around:
    """What a job's rows only name by an id."""

    organization: Organization
    #: Whose key has submitted it, if that is still known.
    user: str | None
    bundle: Bundle | None


def job(detail: Detail, around: Around, origin: str) -> dict[str, Any]:
    """A job. Tasks and `notify` are shown as they were said, those of another API's job as they are here."""
    row = detail.job
    said = said_of(detail)
    words = said.request if said is not None and said.dialect == "castlabs" else {}
    code, text = CODES[row.status]
    bundle = around.bundle
    name, number = (None, None) if bundle is None else (bundle.name, bundle.number)
    return {
        "id": row.id,
        "url": job_url(row.id, origin),
        "tasks": _tasks(detail, words.get("tasks")),
        "notify": words["notify"] if "notify" in words else _receivers(detail),
        "organization": around.organization.name,
        "organization_id": around.organization.number,
        "user": around.user,
        "status": code,
        "status_text": text,
        "created": _time(row.submitted),
        "modified": _time(_modified(detail)),
        "project_offer": None,
        "purchase_order": name,
        "purchase_order_id": number,
        "job_bundle": name,
        "job_bundle_id": number,
        "tags": list(row.tags),
        "region": f"aws:{row.region}",
        "role_arn": words.get("role_arn"),
    }


def job_url(job_id: str, origin: str) -> str:
    """Where a job is."""
    return f"{origin}/api/jobs/{job_id}/"


def metrics(row: Job) -> dict[str, Any]:
    """What the last attempt of a job has consumed; minutes that were begun count whole."""
    used = row.consumed
    return {
        "id": row.id,
        "cus": used.compute_units,
        "video_minutes_in": ceil(used.ms_in / MINUTE),
        "video_minutes_out": ceil(used.ms_out / MINUTE),
        "gb_in": used.bytes_in / GB,
        "gb_out": used.bytes_out / GB,
    }


def logs(lines: Sequence[LogLine]) -> dict[str, Any]:
    """The log of a task, oldest first; times are seconds since the epoch."""
    return {
        "logs": [
            {"timestamp": from_text(line["timestamp"]) // SECOND, "message": line["message"]}
            for line in lines
        ]
    }


def bundle(row: Bundle, organization: Organization, origin: str) -> dict[str, Any]:
    """A bundle; the vendor's page does not show one."""
    return {
        "id": row.number,
        "url": f"{origin}/api/job_bundle/{row.number}/",
        "name": row.name,
        "organization": organization.name,
        "organization_id": organization.number,
        "created": _time(row.created),
    }


def page(rows: Sequence[Any], total: int, start: int, limit: int, address: str) -> dict[str, Any]:
    """A part of a list; `address` is that of the list, with its filters."""

    def link(offset: int) -> str:
        return f"{address}{'&' if '?' in address else '?'}limit={limit}&offset={offset}"

    return {
        "count": total,
        "next": link(start + limit) if start + limit < total else None,
        "previous": link(max(0, start - limit)) if start else None,
        "results": list(rows),
    }


def _tasks(detail: Detail, said: Any) -> list[dict[str, Any]]:
    row, stored = detail.job, unpack(detail.spec["tasks"])
    shown: Sequence[Mapping[str, Any]] = said if isinstance(said, list) else stored
    tasks = []
    for index, task in enumerate(shown):
        code, text = CODES[row.task_status(index)]
        tasks.append(
            {
                "id": task_number(row.id, index),
                "tool": task["tool"],
                "parameters": task.get("parameters", {}),
                "status": code,
                "status_text": text,
            }
        )
    return tasks


def _receivers(detail: Detail) -> Any:
    """Null, a URL, or several, of whom another API's client wants to be told."""
    urls = [row["url"] for row in unpack(detail.spec["notify"])] if "notify" in detail.spec else []
    return urls[0] if len(urls) == 1 else urls or None


def _modified(detail: Detail) -> int:
    """When the job or a task of it is known to have begun or ended last."""
    row = detail.job
    moments = [row.submitted, row.started, row.ended, row.run_started]
    moments += [result.get(name) for result in detail.results.values() for name in ("started", "ended")]
    return max(moment for moment in moments if moment)


def _time(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"
