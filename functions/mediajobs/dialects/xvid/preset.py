"""Presets and the codecs that they name: the system's, which are ours, and an organization's own."""

from collections.abc import Mapping
from typing import Any

from mediajobs.bit_rate import bits
from mediajobs.dialects.xvid import words
from mediajobs.dialects.xvid.field import bad
from mediajobs.dialects.xvid.reply import reference
from mediajobs.media.preset import PRESETS
from mediajobs.store import document
from mediajobs.store.document import Document

KIND = "xvid-preset"
KEYS = frozenset({"name", "description", "type", "created_at", "updated_at", "id", "href", "version"})
CODEC_KEYS = frozenset({"name", "type", "created_at", "id", "href"})
_PROFILES = ("baseline", "main", "high")


def number_of(thing_id: str) -> int:
    """The number of the document that an id of 24 digits stands for; 0 for none."""
    is_one = len(thing_id) == 24 and all(letter in "0123456789abcdef" for letter in thing_id)
    return int(thing_id, 16) if is_one else 0


def rendition(organization: str, preset_id: str) -> Mapping[str, Any] | None:
    """What media:transcode makes by a preset; None if there is none of that id."""
    if preset_id in words.SYSTEM_PRESETS:
        return PRESETS[words.SYSTEM_PRESETS[preset_id]]
    found = document.find(organization, KIND, number_of(preset_id))
    return None if found is None else found.content["rendition"]


def find(organization: str | None, preset_id: str, origin: str) -> dict[str, Any] | None:
    """A preset as the vendor shows it; without an organization only the system's."""
    if preset_id in words.SYSTEM_PRESETS:
        return _system(preset_id, origin)
    number = number_of(preset_id)
    found = document.find(organization, KIND, number) if organization and number else None
    return None if found is None else shown(found, origin)


def every(organization: str | None, kind: str | None, origin: str) -> list[dict[str, Any]]:
    """The presets of a type, or of both."""
    system = [_system(preset_id, origin) for preset_id in words.SYSTEM_PRESETS] if kind != "custom" else []
    own = document.every(organization, KIND) if organization and kind != "system" else []
    return system + [shown(each, origin) for each in own]


def shown(preset: Document, origin: str) -> dict[str, Any]:
    """An organization's preset as the vendor shows it: as it was sent."""
    return {
        **preset.content["preset"],
        "type": "custom",
        "version": preset.version,
        "user": reference(origin, "users", preset.organization),
        "created_at": preset.created,
        "updated_at": preset.updated,
        **reference(origin, "presets", f"{preset.number:024x}"),
    }


def _system(preset_id: str, origin: str) -> dict[str, Any]:
    name = words.SYSTEM_PRESETS[preset_id]
    values = PRESETS[name]
    video, audio = values.get("video"), values.get("audio")
    return {
        "name": name,
        "description": None,
        "target_format": {
            "extension": words.container_of(values),
            "container": words.container_of(values),
            "vcodec": video and _codec(video, origin, ("width", "height"), "max_bit_rate"),
            "acodec": audio and _codec(audio, origin, (), "bit_rate"),
        },
        "type": "system",
        "version": 1,
        "user": None,
        "created_at": None,
        "updated_at": None,
        **reference(origin, "presets", preset_id),
    }


def _codec(part: Mapping[str, Any], origin: str, sides: tuple[str, ...], rate: str) -> dict[str, Any]:
    caps = {f"max_{side}": part.get(side) for side in sides}
    return {
        "codec": reference(origin, "codecs", words.fixed_id("codec", part["codec"])),
        "caps": {
            **caps,
            "max_bitrate": part[rate] // 1000 if rate in part else None,
            **({} if sides else {"max_channels": part.get("max_channels")}),
        },
    }


def codec(codec_id: str, origin: str) -> dict[str, Any] | None:
    """A codec as the vendor shows it."""
    name = words.CODEC_IDS.get(codec_id)
    if name is None:
        return None
    kind = None if name == "copy" else "video" if name in words.VIDEO_CODECS else "audio"
    return {
        "name": words.CODECS[name],
        "type": kind,
        "created_at": None,
        **reference(origin, "codecs", codec_id),
    }


def made(preset: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of a preset that a client sends. The caps of size, bit rate, channels and key frames
    are kept to; the others are only kept. Raises InvalidRequest."""
    name, target = preset.get("name"), preset.get("target_format")
    if not isinstance(name, str) or not name:
        raise bad("/preset/name", "a name is required")
    if not isinstance(target, Mapping):
        raise bad("/preset/target_format", "an object is required")
    video, audio = (_part(target, part) for part in ("vcodec", "acodec"))
    container = str(target.get("container", "")).lower()
    wanted: dict[str, Any] = {"container": words.CONTAINERS.get(container, container)}
    if target.get("extension") not in (None, wanted["container"]):
        raise bad("/preset/target_format/extension", f"the container's own: {wanted['container']}")
    if video is not None:
        codec, profile, caps = video
        rate = caps.get("max_bitrate")
        wanted["video"] = {
            "codec": codec,
            "profile": profile if codec == "h264" and profile in _PROFILES else None,
            "width": caps.get("max_width"),
            "height": caps.get("max_height"),
            "enlarge": False,
            "crf": {"h264": 22, "hevc": 25}.get(codec, 32),
            "max_bit_rate": bits(rate),
            "key_frame_seconds": caps.get("max_key_distance"),
        }
    if audio is not None:
        codec, _, caps = audio
        rate = caps.get("max_bitrate") if words.takes_bit_rate(codec) else None
        wanted["audio"] = {
            "codec": codec,
            "bit_rate": bits(rate),
            "max_channels": caps.get("max_channels"),
        }
    for part in ("video", "audio"):
        if part in wanted:
            wanted[part] = {key: value for key, value in wanted[part].items() if value is not None}
    kept = {key: preset.get(key) for key in ("name", "description", "target_format", "settings")}
    return {"preset": kept, "rendition": wanted}


def _part(target: Mapping[str, Any], part: str) -> tuple[str, str, Mapping[str, Any]] | None:
    """The codec, the profile and the caps of a picture or of sound."""
    given = target.get(part)
    if given is None:
        return None
    pointer = f"/preset/target_format/{part}"
    if not isinstance(given, Mapping) or not isinstance(given.get("codec"), Mapping):
        raise bad(f"{pointer}/codec", "an object with the id of a codec is required")
    name = words.CODEC_IDS.get(str(given["codec"].get("id")))
    if name is None or name == "copy" or (name in words.VIDEO_CODECS) is not (part == "vcodec"):
        raise bad(f"{pointer}/codec/id", "there is no such codec; GET /v1/codecs/ lists them")
    caps = given.get("caps") or {}
    if not isinstance(caps, Mapping) or not all(
        isinstance(value, int | None) for key, value in caps.items() if key in _WHOLE
    ):
        raise bad(f"{pointer}/caps", f"an object, with whole numbers for {', '.join(_WHOLE)}")
    return name, str(given.get("profile", "")).lower(), caps


_WHOLE = ("max_width", "max_height", "max_bitrate", "max_channels", "max_key_distance")
