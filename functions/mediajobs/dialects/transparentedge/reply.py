"""From our jobs to the vendor's answers. Of a job that another API submitted, what an order would say is
derived from its tasks, or null."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mediajobs.dialects.transparentedge import words
from mediajobs.dialects.transparentedge.uri import Uri
from mediajobs.job import Job, Status
from mediajobs.said import said_of
from mediajobs.store.document import Document
from mediajobs.store.job import Detail
from mediajobs.store.pack import unpack
from mediajobs.store.usage import Month
from mediajobs.timestamp import MINUTE, SECOND

#: Renditions of one task; an order with more sub-jobs has several.
_RENDITIONS = 10
_MAIL = "mailto:"


def order(detail: Detail) -> dict[str, Any]:
    """An order with its sub-jobs."""
    job, tasks = detail.job, unpack(detail.spec["tasks"])
    said = said_of(detail)
    if said is not None and said.dialect == "transparentedge":
        asked = said.request["order"]
        origin: Uri | None = Uri.of(asked["origin"])
        uploads = [Uri.of(text) for text in asked["destinations"]]
        told = [(each.get("call"), each.get("email")) for each in asked.get("notifications") or ()]
        jobs = list(_sub_jobs(job, asked["jobs"], said.request["profiles"]))
    else:
        origin = next(_locations(tasks, "storage:get", "sources"), None)
        uploads = list(_locations(tasks, "storage:put", "destinations"))
        told = [_receiver(each["url"]) for each in _notified(detail)]
        jobs = list(_renditions(detail, tasks))
    results = list(_results(detail))
    first = jobs[0] if jobs else {}
    return {
        "order_id": job.id,
        "transcodingupload_set": [_place("upload", uri) for uri in uploads],
        "transcodingdownload": _place("download", origin),
        "transcodingnotification_set": [
            {"callback_url": call and Uri.of(call).shown, "email": email} for call, email in told
        ],
        "transcodingjob_set": jobs,
        "duration": _duration(tasks, results),
        "size": _size(tasks, results),
        "filename": first.get("filename"),
        "label": first.get("label"),
        "status": words.status(job.status, tool(detail)),
        "timestamp": moment(job.submitted),
        "comment": comment(job),
    }


def row(job_id: str, submitted: int, status: str) -> dict[str, Any]:
    """An order as a list shows it."""
    return {"id": job_id, "created_on": moment(submitted), "status": status}


def tool(detail: Detail) -> str:
    """The tool of the job's present task."""
    tasks = unpack(detail.spec["tasks"])
    return str(tasks[min(detail.job.cursor, len(tasks) - 1)]["tool"])


def comment(job: Job) -> str:
    """What is to be said of an order's status."""
    match job.status:
        case Status.SUCCESS:
            said = "finished"
        case Status.CANCELLED:
            said = "cancelled"
        case Status.FAILED:
            said = f"failed: {job.failure_message}" if job.failure_message else "failed"
        case Status.RUNNING:
            said = "in progress"
        case _:
            said = "queued"
    return f"Order {job.id} {said}"


def moment(milliseconds: int) -> str:
    """`2021-09-08 09:15:55.875000+00:00`, with six digits after the point in any case."""
    seconds, rest = divmod(milliseconds, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest * 1000:06d}+00:00"


def profile(company: int, document: Document, *, is_whole: bool) -> dict[str, Any]:
    """A profile; a list shows them without their custom profiles."""
    shown = {"id": document.number, "company": company, **document.content}
    return shown if is_whole else {name: value for name, value in shown.items() if name != "custom_profiles"}


def consumed_minutes(months: Iterable[Month]) -> dict[str, Any]:
    """Minutes of what came out, by month; there is no plan of minutes here."""
    minutes = [
        {
            "duration": month.consumed.ms_out / MINUTE,
            "year": int(month.month[:4]),
            "month": int(month.month[5:]),
        }
        for month in months
    ]
    return {"minutes": minutes, "minutes_plan": 0}


def allowed_values() -> dict[str, list[str]]:
    """What a profile can say; clients know the last one by either name."""
    return {
        "video_formats": list(words.VIDEO_FORMATS),
        "video_codecs": list(words.VIDEO_CODECS),
        "audio_codecs": list(words.AUDIO_CODECS),
        "aspect_ratio": list(words.ASPECTS),
        "video_aspect": list(words.ASPECTS),
    }


def _sub_jobs(
    job: Job, asked: Sequence[Mapping[str, Any]], profiles: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for index, each in enumerate(asked):
        number = int(each["profile_id"])
        # The task after the one that loads, and so on.
        progress = _progress(job, 1 + index // _RENDITIONS)
        yield _sub_job(number, profiles[str(number)], each["filename"], each.get("label"), progress)


def _renditions(detail: Detail, tasks: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What a job transcodes into, as sub-jobs."""
    for index, task in enumerate(tasks):
        if task["tool"] != "media:transcode":
            continue
        outputs = (_data(detail, index) or {}).get("outputs", [])
        for number, rendition in enumerate(task["parameters"]["renditions"]):
            made = outputs[number]["name"] if number < len(outputs) else rendition.get("output")
            yield _sub_job(None, rendition.get("name"), made, None, _progress(detail.job, index))


def _sub_job(
    number: int | None, name: str | None, filename: str | None, label: str | None, progress: float
) -> dict[str, Any]:
    return {
        "profile": {"id": number, "name": name},
        "filename": filename,
        "label": label,
        "progress": progress,
    }


def _progress(job: Job, index: int) -> float:
    """Percent of a task."""
    if job.task_status(index) is Status.SUCCESS:
        return 100.0
    return float(job.progress) if index == job.cursor else 0.0


def _locations(tasks: Sequence[Mapping[str, Any]], name: str, field: str) -> Iterator[Uri]:
    for task in tasks:
        if task["tool"] == name:
            for location in task["parameters"][field]:
                yield Uri.of(location["url"])


def _place(kind: str, uri: Uri | None) -> dict[str, str | None]:
    return {
        f"{kind}_url": uri.shown if uri else None,
        f"{kind}_protocol": uri.protocol if uri else None,
        f"{kind}_user": uri.user if uri else None,
    }


def _notified(detail: Detail) -> list[dict[str, Any]]:
    receivers: list[dict[str, Any]] = unpack(detail.spec["notify"]) if "notify" in detail.spec else []
    return receivers


def _receiver(url: str) -> tuple[str | None, str | None]:
    """Callback and mail address."""
    return (None, url.removeprefix(_MAIL)) if url.startswith(_MAIL) else (url, None)


def _result(detail: Detail, index: int) -> dict[str, Any] | None:
    row = detail.results.get((detail.job.attempt_of(index), index), {})
    found: dict[str, Any] | None = unpack(row["result"]) if "result" in row else None
    return found


def _data(detail: Detail, index: int) -> dict[str, Any] | None:
    result = _result(detail, index)
    return result and result["data"]


def _results(detail: Detail) -> Iterator[dict[str, Any] | None]:
    return (_result(detail, index) for index in range(detail.job.task_count))


def _size(tasks: Sequence[Mapping[str, Any]], results: Sequence[dict[str, Any] | None]) -> int | None:
    """Bytes of the first file that was loaded."""
    for task, result in zip(tasks, results, strict=True):
        if task["tool"] == "storage:get":
            return int(result["files"][0]["size"]) if result else None
    return None


def _duration(tasks: Sequence[Mapping[str, Any]], results: Sequence[dict[str, Any] | None]) -> float | None:
    """Seconds of what the first media task has read."""
    for task, result in zip(tasks, results, strict=True):
        if task["tool"].partition(":")[0] in ("media", "ffmpeg"):
            return float(result["usage"]["seconds_in"]) if result else None
    return None
