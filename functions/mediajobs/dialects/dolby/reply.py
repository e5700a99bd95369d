"""A job as Dolby.io shows it: a row of the list, and the status and result of one job."""

from collections.abc import Mapping, Sequence
from typing import Any

from mediajobs import representation
from mediajobs.dialects.dolby.words import API_VERSION, PATHS
from mediajobs.job import Status
from mediajobs.said import said_of
from mediajobs.store.job import Detail

#: What of a probed file the vendor has a word for.
_CONTAINER = {
    "format": "kind",
    "duration_seconds": "duration",
    "bit_rate": "bitrate",
    "size_bytes": "size",
}
_SOUND = {"codec": "codec", "channels": "channels", "sample_rate": "sample_rate", "bit_rate": "bitrate"}
_PICTURE = {
    "codec": "codec",
    "frame_rate": "frame_rate",
    "height": "height",
    "width": "width",
    "bit_rate": "bitrate",
}


def row(detail: Detail) -> dict[str, Any]:
    """A job of the list. `duration` is the media's, in seconds, once a tool has read it."""
    shown = representation.state(detail)
    return {
        "job_id": shown["id"],
        "api_version": API_VERSION,
        "path": path(detail),
        "status": shown["status"],
        "progress": shown["progress"],
        "duration": _duration(shown["tasks"]),
        "time_submitted": shown["submitted"],
        "time_started": shown["started"],
        "time_completed": shown["ended"],
        "expiry": shown["expiry"],
    }


def job(detail: Detail, status: Status | None = None) -> dict[str, Any]:
    """The status of a job, and its result or error once it has ended; `status` is another one that it had."""
    shown = representation.state(detail)
    is_past = status not in (None, shown["status"])
    status = status or shown["status"]
    answer: dict[str, Any] = {
        "path": path(detail),
        "status": status,
        "progress": 100 if status is Status.SUCCESS else None if is_past else shown["progress"],
        "api_version": API_VERSION,
    }
    if status is Status.SUCCESS:
        answer["result"] = _result(path(detail), shown["tasks"])
    if status is Status.FAILED and not is_past and (error := shown["error"]) is not None:
        # The vendor's clients read the one or the other.
        reason = {"detail": error["message"], "details": error["message"]}
        answer["error"] = {"type": f"urn:mediajobs:error:{error['code']}", "title": error["code"], **reason}
    return answer


def path(detail: Detail) -> str | None:
    """The API that the job was asked of; of a job from elsewhere the one that does the like, if any does."""
    said = said_of(detail)
    if said is not None and said.dialect == "dolby":
        return f"/media/{said.request['api']}"
    return next((PATHS[tool] for tool in detail.job.tools.split(",") if tool in PATHS), None)


def _duration(tasks: Sequence[Mapping[str, Any]]) -> float | None:
    read = (task["usage"]["seconds_in"] for task in tasks if task["usage"])
    return next((round(seconds, 3) for seconds in read if seconds), None)


def _result(api: str | None, tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the job has found out, as far as there is a word for it."""
    found = {task["tool"]: task["data"] for task in tasks if task["data"]}
    match api:
        case "/media/master" | "/media/master/preview":
            data = found.get("media:enhance", {})
            names = {"before": "initial_level", "after": "final_level"}
            return {theirs: data[ours]["integrated_lufs"] for ours, theirs in names.items() if ours in data}
        case "/media/analyze":
            audio = _audio(found)
            region = {"start": 0, "end": _seconds(found), "audio": audio}
            return {**_media_info(found), "audio": audio, "processed_region": region}
        case "/media/diagnose":
            return {**_media_info(found), "audio": _audio(found)}
    return {}


def _media_info(found: Mapping[str, Any]) -> dict[str, Any]:
    probe = found.get("media:probe")
    if probe is None:
        return {}
    info = {"container": _renamed(probe, _CONTAINER)}
    for kind, words in (("audio", _SOUND), ("video", _PICTURE)):
        stream = next((each for each in probe["streams"] if each["type"] == kind), None)
        if stream is not None:
            info[kind] = _renamed(stream, words)
    return {"media_info": info}


def _audio(found: Mapping[str, Any]) -> dict[str, Any]:
    """Loudness and silence; nothing is told of what is not measured here."""
    data = found.get("media:analyze", {})
    audio: dict[str, Any] = {}
    if (loudness := data.get("loudness")) is not None:
        names = {"integrated_lufs": "measured", "range_lu": "range", "true_peak_dbtp": "true_peak"}
        audio["loudness"] = _renamed(loudness, names)
    silence, length = data.get("silence"), _seconds(found)
    if silence is not None and length:
        quiet = sum(part["duration"] for part in silence)
        audio["silence"] = {
            "percentage": round(100 * quiet / length, 2),
            "at_beginning": next((part["end"] for part in silence if part["start"] <= _EDGE), 0),
            "at_end": next((part["duration"] for part in silence if part["end"] >= length - _EDGE), 0),
            "num_sections": len(silence),
        }
    return audio


#: Seconds within which silence counts as touching the begin or the end.
_EDGE = 0.1


def _seconds(found: Mapping[str, Any]) -> float | None:
    seconds: float | None = found.get("media:analyze", {}).get("duration_seconds")
    return seconds


def _renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {theirs: values[ours] for ours, theirs in names.items() if values.get(ours) is not None}
