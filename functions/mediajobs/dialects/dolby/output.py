"""An output of a transcode as Dolby.io's clients describe it, as work for our media tools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediajobs.bit_rate import bits
from mediajobs.dialects.dolby.location import ending_of, listed, name_of, refused, unsupported, word
from mediajobs.dialects.dolby.words import AUDIO_CODECS, IMAGES, PICTURES, SOUNDS, STREAMS, VIDEO_CODECS


@dataclass(frozen=True)
class Made:
    """What makes an output: renditions for the one transcode of all outputs, or tasks of its own."""

    #: Of the job's files, those that are stored.
    files: Sequence[str]
    destination: Mapping[str, Any]
    renditions: Sequence[dict[str, Any]] = ()
    tasks: Sequence[dict[str, Any]] = ()


def is_stream(output: Any) -> bool:
    """Whether the output is a package for players."""
    return isinstance(output, dict) and str(output.get("kind")).lower() in STREAMS


def made(output: Mapping[str, Any], pointer: str, where: Mapping[str, Any], stem: str) -> Made:
    """What makes the output that goes to `where`; its files are named after `stem`. Raises InvalidRequest."""
    kind = word(output, "kind", pointer, ending_of(where) or "mp4")
    if kind in STREAMS:
        return _package(output, pointer, where, kind)
    if kind in IMAGES:
        return _picture(output, pointer, where, stem, IMAGES[kind])
    if kind not in PICTURES and kind not in SOUNDS:
        raise unsupported(
            f"{pointer}/kind", f"{', '.join([*PICTURES, *SOUNDS, *IMAGES, *sorted(STREAMS)])} are supported"
        )
    name = f"{stem}.{kind}"
    rendition = {
        "output": name,
        "container": kind,
        "video": _video(output, pointer, kind) if kind in PICTURES else None,
        "audio": _audio(output, pointer, kind),
    }
    return Made([name], where, renditions=[rendition])


def _package(output: Mapping[str, Any], pointer: str, where: Mapping[str, Any], kind: str) -> Made:
    """A folder at the destination, or beside the manifest that it names."""
    url = where["url"]
    folder = url if url.endswith("/") else url.rpartition("/")[0] + "/"
    name = "stream" if url.endswith("/") else name_of(where).rpartition(".")[0] or name_of(where)
    heights = []
    for index, video in enumerate(listed(output.get("video"))):
        place = f"{pointer}/video/{index}"
        if not isinstance(video, dict):
            raise refused(place, "an object")
        if VIDEO_CODECS.get(word(video, "codec", place, "h264")) != "h264":
            raise unsupported(f"{place}/codec", "h264 is supported in a package")
        if "height" in video:
            heights.append({"height": video["height"], **_bit_rate(video)})
    parameters: dict[str, Any] = {"name": name, "formats": [kind]}
    if heights:
        parameters["renditions"] = heights
    sound = next(iter(listed(output.get("audio"))), None)
    if isinstance(sound, dict) and (rate := _bit_rate(sound)):
        parameters["audio_bit_rate"] = rate["bit_rate"]
    return Made(
        [f"{name}/*"], {**where, "url": folder}, tasks=[{"tool": "media:package", "parameters": parameters}]
    )


def _picture(
    output: Mapping[str, Any], pointer: str, where: Mapping[str, Any], stem: str, ending: str
) -> Made:
    image = output.get("image") or {}
    if not isinstance(image, dict):
        raise refused(f"{pointer}/image", "an object")
    parameters: dict[str, Any] = {"name": stem, "format": ending}
    parameters |= _same(image, "width", "height")
    if (offset := image.get("offset_sec")) is not None:
        parameters["times"] = [offset]
    return Made([f"{stem}.{ending}"], where, tasks=[{"tool": "media:thumbnails", "parameters": parameters}])


def _video(output: Mapping[str, Any], pointer: str, kind: str) -> dict[str, Any] | None:
    place, video = _single(output, "video", pointer)
    if video is None:
        return None
    codec = VIDEO_CODECS.get(word(video, "codec", place, PICTURES[kind][0]))
    if codec is None:
        raise unsupported(f"{place}/codec", f"{', '.join(VIDEO_CODECS)} are supported")
    return {"codec": codec, **_same(video, "width", "height", "frame_rate"), **_bit_rate(video)}


def _audio(output: Mapping[str, Any], pointer: str, kind: str) -> dict[str, Any] | None:
    place, audio = _single(output, "audio", pointer)
    if audio is None:
        return None
    codec = AUDIO_CODECS.get(word(audio, "codec", place, SOUNDS.get(kind) or PICTURES[kind][1]))
    if codec is None:
        raise unsupported(f"{place}/codec", f"{', '.join(AUDIO_CODECS)} are supported")
    return {"codec": codec, **_same(audio, "sample_rate", "channels", "language"), **_bit_rate(audio)}


def _single(output: Mapping[str, Any], name: str, pointer: str) -> tuple[str, dict[str, Any] | None]:
    """Where the one stream of a kind is described, and how; None if none is wanted."""
    place = f"{pointer}/{name}"
    if name not in output:
        return place, {}
    streams = listed(output[name])
    if len(streams) > 1:
        raise unsupported(place, "one stream of a kind is supported in a file")
    if streams and not isinstance(streams[0], dict):
        raise refused(place, "an object")
    return place, streams[0] if streams else None


def _same(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """What has the same name and meaning as with us."""
    return {name: given[name] for name in names if given.get(name) is not None}


def _bit_rate(stream: Mapping[str, Any]) -> dict[str, Any]:
    """Kilobits as bits."""
    rate = stream.get("bitrate_kb")
    return {} if rate is None else {"bit_rate": bits(rate)}
