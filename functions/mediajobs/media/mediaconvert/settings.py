"""The Settings of a CreateJob call for a whole transcode."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediajobs.media.forced import Forced
from mediajobs.media.mediaconvert.picture import picture
from mediajobs.media.mediaconvert.sound import sound
from mediajobs.media.rendition import Rendition
from mediajobs.tools.refusal import NAME, PLAIN, Refusals

#: Its name of a container, and what it writes into that.
_CONTAINERS: Mapping[str, tuple[str, frozenset[str]]] = {
    "mp4": ("MP4", frozenset({"h264", "hevc", "av1", "aac", "ac3"})),
    "mov": ("MOV", frozenset({"h264", "hevc", "aac", "pcm"})),
    "webm": ("WEBM", frozenset({"vp9", "opus"})),
    "ts": ("M2TS", frozenset({"h264", "hevc", "aac", "mp3", "ac3"})),
    "m4a": ("MP4", frozenset({"aac"})),
    "mp3": ("RAW", frozenset({"mp3"})),
    "flac": ("RAW", frozenset({"flac"})),
    "wav": ("RAW", frozenset({"pcm"})),
    "ogg": ("OGG", frozenset({"opus"})),
}
_DAY = 24 * 3600


@dataclass(frozen=True)
class Span:
    """What part of the input is taken, in seconds."""

    start: float
    end: float | None
    duration: float | None
    max_duration: float | None


def settings(
    renditions: Sequence[Rendition],
    outputs: Sequence[str],
    source: str,
    *,
    forced: Forced,
    span: Span,
    place: Callable[[str], str],
    target: Callable[[str], str],
    refused: Refusals,
) -> dict[str, Any]:
    """JobSettings that make the renditions of the workspace file `source` as `outputs`: what they are worth
    if nothing is added to `refused`. `place` gives the URL of a file there is, `target` that of one to be."""
    for name, value in forced.model_dump(exclude_none=True).items():
        refused.add(f"forced/{name}", f"MediaConvert takes the input as it is, and not for {value}")
    if not NAME.fullmatch(source):
        refused.add("input", PLAIN)
    spoken = sorted({each.audio.language or "" for each in renditions if each.audio})
    selectors = {language: f"Audio Selector {number}" for number, language in enumerate(spoken, 1)}
    read: dict[str, Any] = {
        "FileInput": place(source),
        "TimecodeSource": "ZEROBASED",
        # As the file itself asks.
        "VideoSelector": {"Rotate": "AUTO"},
        **_clip(span, refused),
    }
    if selectors:
        read["AudioSelectors"] = {
            selector: {"DefaultSelection": "DEFAULT"}
            if not language
            # Of a code that is too short, refused where it stands.
            else {"SelectorType": "LANGUAGE_CODE", "CustomLanguageCode": language[:3].ljust(3, "-")}
            for language, selector in selectors.items()
        }
    return {
        "TimecodeConfig": {"Source": "ZEROBASED"},
        "Inputs": [read],
        "OutputGroups": [
            _output(
                each,
                name,
                selectors,
                place=place,
                target=target,
                refused=refused.of(f"renditions/{number}"),
            )
            for number, (each, name) in enumerate(zip(renditions, outputs, strict=True))
        ],
    }


def _output(
    rendition: Rendition,
    name: str,
    selectors: Mapping[str, str],
    *,
    place: Callable[[str], str],
    target: Callable[[str], str],
    refused: Refusals,
) -> dict[str, Any]:
    """An output group of one file: of several in a group, each would have to be called otherwise."""
    if not NAME.fullmatch(name):
        refused.add("output", PLAIN)
    container, holds = _CONTAINERS.get(rendition.format, ("", frozenset()))
    if not container:
        known = ", ".join(_CONTAINERS)
        refused.add("container", f"MediaConvert does not write {rendition.format} here, only {known}")
    output: dict[str, Any] = {"ContainerSettings": {"Container": container or "MP4"}}
    for part, stream in (("video", rendition.video), ("audio", rendition.audio)):
        if container and stream and stream.codec not in {*holds, "copy"}:
            refused.add(f"{part}/codec", f"MediaConvert writes no {stream.codec} into {rendition.format}")
    if rendition.video:
        output["VideoDescription"] = picture(rendition.video, place, refused.of("video"))
    if rendition.audio:
        selector = selectors[rendition.audio.language or ""]
        output["AudioDescriptions"] = [sound(rendition.audio, selector, refused.of("audio"))]
    stem, _, ending = name.rpartition(".")
    return {
        "OutputGroupSettings": {
            "Type": "FILE_GROUP_SETTINGS",
            "FileGroupSettings": {"Destination": target(stem)},
        },
        "Outputs": [{**output, "Extension": ending}],
    }


def _clip(span: Span, refused: Refusals) -> dict[str, Any]:
    """The part that is taken. A time there is seconds and frames, and how many of those a second has is not
    known: so whole seconds."""
    ends = {
        "end_seconds": span.end,
        "duration_seconds": span.duration,
        "max_duration_seconds": span.max_duration,
    }
    for name, value in {"start_seconds": span.start, **ends}.items():
        if value is not None and value != int(value):
            refused.add(name, "whole seconds in MediaConvert")
    known = [
        value + (0 if name == "end_seconds" else span.start)
        for name, value in ends.items()
        if value is not None
    ]
    clip = {}
    if span.start:
        clip["StartTimecode"] = _timecode(span.start)
    if known:
        if min(known) > _DAY:
            name = next(name for name, value in ends.items() if value is not None)
            refused.add(name, "MediaConvert ends within the first 24 hours of the input")
        clip["EndTimecode"] = _timecode(min(known))
    return {"InputClippings": [clip]} if clip else {}


def _timecode(seconds: float) -> str:
    minutes, rest = divmod(min(int(seconds), _DAY), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}:00"
