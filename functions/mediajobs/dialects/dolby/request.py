"""What Dolby.io's clients ask for, as the body of a job of ours: load, work, store."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from mediajobs.dialects.dolby.location import (
    Storage,
    ending_of,
    listed,
    name_of,
    refused,
    unsupported,
)
from mediajobs.dialects.dolby.output import is_stream, made
from mediajobs.dialects.dolby.words import (
    AMOUNTS,
    ENHANCED,
    ENHANCED_LOUDNESS,
    HIGH_PASS_HZ,
    MASTERED_LOUDNESS,
)

Task = dict[str, Any]

#: Headers of the connection or with credentials; no callback echoes them.
_UNECHOED = frozenset({"authorization", "x-api-key", "cookie", "host", "x-job-id"})


def order(api: str, body: Any, temporary: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """The body of our own POST /jobs for a request of `/media/<api>`. `temporary` is the `s3://` URL of what
    `dlb://` leads to; `headers` are the request's. Raises InvalidRequest."""
    if not isinstance(body, dict):
        raise refused("", "a JSON object")
    storage = Storage.of(temporary, body.get("storage"))
    tasks = _TASKS.get(api, _missing)(body, storage)
    return {"tasks": tasks, "notify": _receivers(body.get("on_complete"), headers)}


def _missing(_body: Mapping[str, Any], _storage: Storage) -> list[Task]:
    raise unsupported("", "this analysis is not available")


def _transcode(body: Mapping[str, Any], storage: Storage) -> list[Task]:
    name, load = _load(body, storage)
    outputs = listed(body.get("outputs", body.get("output")))
    if not outputs:
        raise refused("/outputs", "at least one output")
    cut = _segment(_first(body)[0], "/inputs/0/segment")
    if cut and any(map(is_stream, outputs)):
        raise unsupported("/inputs/0/segment", "hls and dash take the whole input")
    renditions: list[dict[str, Any]] = []
    tasks: list[Task] = []
    puts: list[Task] = []
    for index, output in enumerate(outputs):
        pointer = f"/outputs/{index}"
        if not isinstance(output, dict):
            raise refused(pointer, "an object")
        where = storage.location(output.get("destination"), f"{pointer}/destination")
        one = made(output, pointer, where, f"{PurePosixPath(name).stem[:100]}-{index + 1}")
        renditions += one.renditions
        tasks += [
            {"tool": task["tool"], "parameters": {"input": name, **task["parameters"]}} for task in one.tasks
        ]
        puts.append(_put(one.files, one.destination))
    if renditions:
        tasks.insert(0, _task("media:transcode", input=name, renditions=renditions, **cut))
    return [load, *tasks, *puts]


def _enhance(body: Mapping[str, Any], storage: Storage) -> list[Task]:
    if body.get("region") is not None:
        raise unsupported("/region")
    name, load = _load(body, storage)
    where = storage.location(body.get("output"), "/output")
    stem = PurePosixPath(name).stem[:100]
    ending = next((each for each in (ending_of(where), _suffix(name)) if each in ENHANCED), None)
    output = {"output": f"{stem}-enhanced.{ending}"} if ending else {}
    work = _task("media:enhance", input=name, **output, **_sound(body))
    return [load, work, _put([f"{stem}-enhanced.{ending or '*'}"], where)]


def _sound(body: Mapping[str, Any]) -> dict[str, Any]:
    """What is done to the sound: its loudness and steady noise, unless the request says otherwise."""
    audio = _object(body.get("audio"), "/audio")
    is_music = _object(body.get("content"), "/content").get("type") == "music"
    for name in ("speech", "music"):
        _without(_object(audio.get(name), f"/audio/{name}"), f"/audio/{name}")
    sound: dict[str, Any] = {}
    if (loudness := _wanted(audio, "/audio/loudness", default=True)) is not None:
        sound["loudness"] = _level(loudness, ENHANCED_LOUDNESS)
    reduction = _wanted(
        _object(audio.get("noise"), "/audio/noise"), "/audio/noise/reduction", default=not is_music
    )
    if reduction is not None:
        sound["noise"] = {"level": _amount(reduction, "/audio/noise/reduction")}
    dynamics = _object(audio.get("dynamics"), "/audio/dynamics")
    if (control := _wanted(dynamics, "/audio/dynamics/range_control")) is not None:
        sound["dynamics"] = _amount(control, "/audio/dynamics/range_control")
    filters = _object(audio.get("filter"), "/audio/filter")
    for name in ("dynamic_eq", "hum"):
        if _wanted(filters, f"/audio/filter/{name}") is not None:
            raise unsupported(f"/audio/filter/{name}")
    if (high_pass := _wanted(filters, "/audio/filter/high_pass")) is not None:
        sound["high_pass_hz"] = high_pass.get("frequency", HIGH_PASS_HZ)
    return sound


def _analyze(body: Mapping[str, Any], storage: Storage) -> list[Task]:
    if _object(body.get("loudness"), "/loudness").get("profile") is not None:
        raise unsupported("/loudness/profile")
    name, load = _load(body, storage)
    silence = _object(_object(body.get("content"), "/content").get("silence"), "/content/silence")
    wanted = {"threshold_db": silence.get("threshold"), "duration_seconds": silence.get("duration")}
    report = f"{PurePosixPath(name).stem[:100]}-analysis.json"
    is_stored = body.get("output") is not None
    analysis = _task(
        "media:analyze",
        input=name,
        black=None,
        silence={key: value for key, value in wanted.items() if value is not None},
        **({"report": report} if is_stored else {}),
    )
    puts = [_put([report], storage.location(body["output"], "/output"))] if is_stored else []
    return [load, _task("media:probe", input=name), analysis, *puts]


def _master(body: Mapping[str, Any], storage: Storage) -> list[Task]:
    name, load = _load(body, storage)
    outputs = listed(body.get("outputs", body.get("output")))
    if not outputs:
        raise refused("/outputs", "at least one output")
    tasks = [load]
    if cut := _segment(_first(body)[0], "/inputs/0/segment"):
        part = f"{PurePosixPath(name).stem[:100]}-segment.wav"
        rendition = {"output": part, "video": None, "audio": {"codec": "pcm"}}
        tasks.append(_task("media:transcode", input=name, renditions=[rendition], **cut))
        name = part
    for index, output in enumerate(outputs):
        pointer = f"/outputs/{index}"
        if not isinstance(output, dict):
            raise refused(pointer, "an object")
        master = _object(output.get("master"), f"{pointer}/master")
        for word in ("dynamic_eq", "stereo_image"):
            if _wanted(master, f"{pointer}/master/{word}") is not None:
                raise unsupported(f"{pointer}/master/{word}", "only the loudness is mastered here")
        loudness = _wanted(master, f"{pointer}/master/loudness", default=True)
        where = storage.location(output.get("destination"), f"{pointer}/destination")
        ending = next((each for each in (ending_of(where), _suffix(name)) if each in ENHANCED), "wav")
        result = f"{PurePosixPath(name).stem[:100]}-mastered-{index + 1}.{ending}"
        level = _level(loudness or {}, MASTERED_LOUDNESS)
        tasks += [_task("media:enhance", input=name, output=result, loudness=level), _put([result], where)]
    return tasks


_TASKS = {
    "transcode": _transcode,
    "enhance": _enhance,
    "analyze": _analyze,
    "diagnose": _analyze,
    "master": _master,
    "master/preview": _master,
}


def _load(body: Mapping[str, Any], storage: Storage) -> tuple[str, Task]:
    """The name of the input in the job, and the task that loads it."""
    given, pointer = _first(body)
    source = given.get("source", given) if isinstance(given, dict) and "url" not in given else given
    where = storage.location(source, pointer)
    name = name_of(where)
    return name, _task("storage:get", sources=[{**where, "name": name}])


def _first(body: Mapping[str, Any]) -> tuple[Any, str]:
    """The one input, and where it stands."""
    inputs = listed(body.get("inputs", body.get("input")))
    pointer = "/inputs/0" if "inputs" in body else "/input"
    if not inputs:
        raise refused(pointer, "an input")
    if len(inputs) > 1:
        raise unsupported("/inputs", "one input is supported")
    return inputs[0], pointer


def _segment(given: Any, pointer: str) -> dict[str, Any]:
    """The part of an input that is asked for, as media:transcode takes it."""
    segment = _object(given.get("segment") if isinstance(given, dict) else None, pointer)
    names = {"start": "start_seconds", "end": "end_seconds", "duration": "duration_seconds"}
    return {ours: segment[theirs] for theirs, ours in names.items() if segment.get(theirs) is not None}


def _put(files: Iterable[str], where: Mapping[str, Any]) -> Task:
    return _task("storage:put", files=list(files), destinations=[dict(where)])


def _task(tool: str, **parameters: Any) -> Task:
    return {"tool": tool, "parameters": parameters}


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower().lstrip(".")


def _object(value: Any, pointer: str) -> dict[str, Any]:
    """An object, which may be left out."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise refused(pointer, "an object")
    return value


def _wanted(holder: Mapping[str, Any], pointer: str, *, default: bool = False) -> dict[str, Any] | None:
    """A part of a request that can be switched by `enable`; None if it is not wanted."""
    given = holder.get(pointer.rpartition("/")[2])
    if isinstance(given, bool) or given is None:
        is_on = default if given is None else given
        return {} if is_on else None
    part = _object(given, pointer)
    return part if part.get("enable", True) else None


def _without(part: Mapping[str, Any], pointer: str) -> None:
    """Refuses what is switched on in a part, or in parts of it, that is not had here."""
    inner = {key: value for key, value in part.items() if isinstance(value, dict)}
    if part and not inner and part.get("enable", True):
        raise unsupported(pointer)
    for key, value in inner.items():
        _without(value, f"{pointer}/{key}")


def _level(loudness: Mapping[str, Any], default: float) -> dict[str, Any]:
    """How loud the sound is to be."""
    target = {"integrated_lufs": loudness.get("target_level", default)}
    peak = loudness.get("peak_limit")
    return target if peak is None else {**target, "true_peak_dbtp": peak}


def _amount(part: Mapping[str, Any], pointer: str) -> str:
    amount = part.get("amount", "auto")
    if not isinstance(amount, str) or amount not in AMOUNTS:
        raise refused(f"{pointer}/amount", f"one of: {', '.join(AMOUNTS)}")
    return AMOUNTS[amount]


def _receivers(given: Any, headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """Who is told at the end, with those of the request's headers that it wants to see again."""
    if given is None:
        return []
    wanted = {"url": given} if isinstance(given, str) else _object(given, "/on_complete")
    if not isinstance(wanted.get("url"), str):
        raise refused("/on_complete/url", "a URL")
    names = [name.lower() for name in listed(wanted.get("headers")) if isinstance(name, str)]
    echoed = {name: headers[name] for name in names if name in headers and name not in _UNECHOED}
    return [{"url": wanted["url"], "format": "dolby", "headers": echoed}]
