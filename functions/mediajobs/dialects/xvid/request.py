"""What a vendor's job asks for, as tasks of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from mediajobs.dialects.xvid import words
from mediajobs.dialects.xvid.field import bad, entries, filled, given_only, mapping, number, text_of
from mediajobs.dialects.xvid.output import Output, Presets
from mediajobs.dialects.xvid.place import Place, is_absolute, shown
from mediajobs.transfer.url import file_name

MAX_DEADLINE = 7 * 24 * 3600
_DEFAULT_PREFIX = "{job_id}/"
#: The vendor's two spellings of each.
_FORCED = ("force_container", "force_aspect_ratio", "force_framerate", "force_interlaced")
_FORCED_TOO = {"force_framerate": "framerate", "force_interlaced": "interlaced"}


@dataclass(frozen=True)
class Pipeline:
    """Where files come from and go to, and who is told: places by the names of the vendor's fields."""

    id: str
    places: Mapping[str, Place] = field(default_factory=dict)
    #: Seconds after which a job that is still queued is given up; 0 for never.
    cancel_timeout: int = 0


@dataclass(frozen=True)
class Wanted:
    """A job of ours that does what a vendor's job asks for."""

    #: As `POST /jobs` takes it: a secret.
    body: dict[str, Any]
    #: The vendor's job as it is kept: names filled in, nothing secret.
    job: dict[str, Any]
    labels: tuple[str, ...]


def pipeline_id_of(job: Mapping[str, Any]) -> str | None:
    """The pipeline that a job names, in either way. Raises InvalidRequest."""
    if job.get("pipeline") is None:
        return text_of(job, "pipeline_id", "/job")
    return text_of(mapping(job["pipeline"], "/job/pipeline"), "id", "/job/pipeline")


def wanted(job: Mapping[str, Any], job_id: str, pipeline: Pipeline | None, presets: Presets) -> Wanted:
    """The tasks of a job of that id: load, transcode, take pictures, store. Raises InvalidRequest."""
    if job.get("playlists") is not None:
        raise bad("/job/playlists", "playlists are not supported")
    places = pipeline.places if pipeline else {}
    given = mapping(job.get("input"), "/job/input")
    source = _source(given, places.get("input_download_dir"))
    known = {
        "job_id": job_id,
        "input_name": file_name(source.url).rpartition(".")[0] or file_name(source.url),
    }
    prefix = filled(job.get("output_prefix", _DEFAULT_PREFIX) or "", known, "/job/output_prefix")
    outputs = [
        Output.of(each, f"/job/outputs/{number}", prefix, known, presets)
        for number, each in enumerate(entries(job.get("outputs"), "/job/outputs"))
    ]
    if not outputs:
        raise bad("/job/outputs", "at least one output")
    loaded = _loaded(source, outputs, places.get("image_download_dir"))
    tasks = [{"tool": "storage:get", "parameters": {"sources": loaded}}]
    cut = {"start_seconds": given.get("start_time"), "forced": _forced(given) or None}
    for longest, group in groupby(outputs, key=lambda each: each.max_duration):
        parameters = {
            "input": loaded[0]["name"],
            **cut,
            "max_duration_seconds": longest,
            "renditions": [each.rendition for each in group],
        }
        tasks.append({"tool": "media:transcode", "parameters": given_only(parameters)})
    taken = set[str]()
    pictures = [picture for each in outputs for picture in each.pictures(prefix, taken)]
    tasks += [{"tool": "media:thumbnails", "parameters": each} for each in pictures]
    videos = [each.name for each in outputs]
    images = [f"{each['name']}{'.zip' if each['delivery'] == 'zip' else '-*.jpg'}" for each in pictures]
    stored = places.get("output_upload_dir")
    apart = places.get("image_upload_dir")
    tasks += _stored([*videos, *([] if apart else images)], stored)
    tasks += _stored(images, apart)
    kept = {
        **shown(job),
        # What a client calls its job by is its own, whatever it looks like.
        **{name: text_of(job, name, "/job") for name in ("title", "unique_custom_key")},
        "pipeline": {"id": pipeline.id} if pipeline else None,
        "output_prefix": prefix,
        "outputs": [each.kept for each in outputs],
    }
    labels = [f"pipeline:{pipeline.id}"] if pipeline else []
    return Wanted(
        given_only(
            {
                "tasks": tasks,
                "user_data": job.get("user_data"),
                "deadline_seconds": min(pipeline.cancel_timeout, MAX_DEADLINE) if pipeline else None,
                "notify": _receivers(places) or None,
            }
        ),
        kept,
        (*labels, *(["autograph"] if job.get("autograph") else [])),
    )


def _loaded(source: Place, outputs: Sequence[Output], images: Place | None) -> list[dict[str, Any]]:
    """What storage:get is to load: the input first, then every logo; no name is an output's."""
    taken = {each.name for each in outputs}
    name = file_name(source.url)
    found = [{"name": f"input/{name}" if name in taken else name, **source.location}]
    names: dict[str, str] = {}
    for each in outputs:
        marks = []
        for image, fields in each.logos:
            if image not in names:
                place = _reached(image, images, "/job/outputs", "logo_image")
                names[image] = f"logos/{len(names) + 1}-{file_name(place.url)}"
                found.append({"name": names[image], **place.location})
            marks.append({"file": names[image], **fields})
        if marks:
            each.rendition["video"] = {**each.rendition["video"], "logos": marks}
    return found


def _source(given: Mapping[str, Any], folder: Place | None) -> Place:
    name = given.get("input_name")
    if not isinstance(name, str) or not name:
        raise bad("/job/input/input_name", "a URI or a name is required")
    return _reached(name, folder, "/job/input", "input_name")


def _reached(name: str, folder: Place | None, pointer: str, field_name: str) -> Place:
    """The place that a URI names, or a name relative to a folder."""
    try:
        if is_absolute(name):
            return Place.of(name)
        if folder is None:
            raise ValueError("it is relative, and the pipeline names no directory that it is relative to")
        return folder.inside(name)
    except ValueError as error:
        raise bad(f"{pointer}/{field_name}", str(error)) from None


def _forced(given: Mapping[str, Any]) -> dict[str, Any]:
    container, shape, rate, fields = (
        given.get(name, given.get(_FORCED_TOO.get(name, name))) for name in _FORCED
    )
    if isinstance(container, str):
        container = words.CONTAINERS.get(container.lower(), container.lower())
    if shape is not None and ":" not in str(shape):
        shape = f"{shape}:1"
    if fields is not None:
        order = {"true": "top", "false": "progressive", "tff": "top", "bff": "bottom"}
        fields = order.get(str(fields).lower(), str(fields).lower())
    return given_only(
        {
            "container": container,
            "aspect_ratio": shape,
            "frame_rate": number(rate),
            "interlacing": fields,
        }
    )


def _stored(files: list[str], place: Place | None) -> list[dict[str, Any]]:
    if place is None or not files:
        return []
    location = {**place.location, "url": place.url.rstrip("/") + "/"}
    return [{"tool": "storage:put", "parameters": {"files": files, "destinations": [location]}}]


def _receivers(places: Mapping[str, Place]) -> list[dict[str, Any]]:
    told = {"started": ["Running"], "finished": ["Success"], "error": ["Failed", "Cancelled"]}
    return [
        {"url": place.full_url, "on": on, "format": "xvid"}
        for name, on in told.items()
        if (place := places.get(f"ping_urls.{name}"))
    ]
