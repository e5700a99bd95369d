"""Named renditions: each is a set of values that a caller's own values override."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

Preset = Literal[
    "h264-360p",
    "h264-480p",
    "h264-720p",
    "h264-1080p",
    "h264-2160p",
    "hevc-720p",
    "hevc-1080p",
    "hevc-2160p",
    "av1-720p",
    "av1-1080p",
    "av1-2160p",
    "vp9-720p",
    "vp9-1080p",
    "vp9-2160p",
    "audio-aac-128k",
    "audio-opus-96k",
    "audio-mp3-192k",
    "copy-mp4",
]

_SIZES = {
    "360p": (640, 360),
    "480p": (854, 480),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "2160p": (3840, 2160),
}
#: Quality, and the most bits a second by size.
_CRF = {"h264": 22, "hevc": 25, "av1": 32, "vp9": 32}
_MAX_BIT_RATES: Mapping[str, Mapping[str, int]] = {
    "h264": {
        "360p": 1_200_000,
        "480p": 2_000_000,
        "720p": 4_000_000,
        "1080p": 8_000_000,
        "2160p": 30_000_000,
    },
    "hevc": {"720p": 2_500_000, "1080p": 5_000_000, "2160p": 18_000_000},
    "av1": {"720p": 2_000_000, "1080p": 4_000_000, "2160p": 14_000_000},
    "vp9": {"720p": 2_500_000, "1080p": 5_000_000, "2160p": 18_000_000},
}


def _picture(codec: str, size: str) -> Mapping[str, Any]:
    width, height = _SIZES[size]
    sound = {"codec": "opus", "bit_rate": 96_000} if codec == "vp9" else {"codec": "aac", "bit_rate": 128_000}
    return {
        "container": "webm" if codec == "vp9" else "mp4",
        "video": {
            "codec": codec,
            "width": width,
            "height": height,
            "enlarge": False,
            "crf": _CRF[codec],
            "max_bit_rate": _MAX_BIT_RATES[codec][size],
        },
        "audio": {**sound, "max_channels": 2},
    }


def _values(name: str) -> Mapping[str, Any]:
    match name.split("-"):
        case ["audio", codec, rate]:
            return {"audio": {"codec": codec, "bit_rate": int(rate.rstrip("k")) * 1000, "max_channels": 2}}
        case ["copy", container]:
            return {"container": container, "video": {"codec": "copy"}, "audio": {"codec": "copy"}}
        case [codec, size]:
            return _picture(codec, size)
    raise ValueError(name)


PRESETS: Mapping[str, Mapping[str, Any]] = {name: _values(name) for name in get_args(Preset)}

#: What belongs to one codec and means nothing to another.
_OF_CODEC = frozenset({"crf", "max_bit_rate", "bit_rate"})
#: What of a preset no longer holds once the caller sets the other.
_REPLACES: Mapping[str, tuple[str, ...]] = {"bit_rate": ("crf", "max_bit_rate"), "crf": ("bit_rate",)}


def apply(name: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """A preset's values, and its name, under the caller's own; `null` for video or audio leaves it out."""
    values = {"name": name, **own}
    for key, preset in PRESETS[name].items():
        if key not in values:
            values[key] = preset
        elif isinstance(preset, Mapping) and isinstance(values[key], Mapping):
            part: Mapping[str, Any] = values[key]
            same = part.get("codec", preset["codec"]) == preset["codec"]
            kept = preset if same else {k: v for k, v in preset.items() if k not in _OF_CODEC}
            if part.get("codec") == "copy":
                kept = {}
            gone = {old for new in part if part[new] is not None for old in _REPLACES.get(new, ())}
            values[key] = {**{k: v for k, v in kept.items() if k not in gone}, **part}
    return values


def _described(name: str) -> str:
    values = PRESETS[name]
    words = [values.get("container", "")] if "container" in values else []
    if video := values.get("video"):
        words.append(video["codec"])
        if "width" in video:
            words.append(
                f"in {video['width']}x{video['height']}, at most {video['max_bit_rate'] / 1e6:g} Mbit/s"
            )
    if sound := values.get("audio"):
        words.append(sound["codec"] + (f" {sound['bit_rate'] // 1000} kbit/s" if "bit_rate" in sound else ""))
    return f"{name}: {' '.join(words)}"


#: The table of presets, for the documentation.
DESCRIPTION = "; ".join(_described(name) for name in PRESETS)
