"""The codecs and containers that are written, and which go together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

VideoCodec = Literal["h264", "hevc", "av1", "vp9", "copy"]
AudioCodec = Literal["aac", "opus", "mp3", "ac3", "flac", "pcm", "copy"]
Container = Literal["mp4", "mov", "mkv", "webm", "ts", "m4a", "mp3", "ogg", "flac", "wav"]
#: How much time an encoder takes for how good a picture.
Speed = Literal["fastest", "fast", "medium", "slow"]


@dataclass(frozen=True)
class Format:
    """A container: ffmpeg's name of it, and what it holds, by the names that ffmpeg reports."""

    muxer: str
    video: frozenset[str]
    audio: frozenset[str]
    options: tuple[str, ...] = ()


_ALL_VIDEO = frozenset({"h264", "hevc", "av1", "vp9"})
_ALL_AUDIO = frozenset({"aac", "opus", "mp3", "ac3", "flac", "pcm"})
_NONE: frozenset[str] = frozenset()
#: The index stands before the media, so that a player starts at once.
_FAST_START = ("-movflags", "+faststart")

FORMATS: Mapping[Container, Format] = {
    "mp4": Format("mp4", _ALL_VIDEO, _ALL_AUDIO - {"pcm"}, _FAST_START),
    "mov": Format("mov", frozenset({"h264", "hevc"}), frozenset({"aac", "mp3", "ac3", "pcm"}), _FAST_START),
    "mkv": Format("matroska", _ALL_VIDEO, _ALL_AUDIO),
    "webm": Format("webm", frozenset({"vp9", "av1"}), frozenset({"opus"})),
    "ts": Format("mpegts", frozenset({"h264", "hevc"}), frozenset({"aac", "mp3", "ac3"})),
    "m4a": Format("ipod", _NONE, frozenset({"aac"}), _FAST_START),
    "mp3": Format("mp3", _NONE, frozenset({"mp3"})),
    "ogg": Format("ogg", _NONE, frozenset({"opus", "flac"})),
    "flac": Format("flac", _NONE, frozenset({"flac"})),
    "wav": Format("wav", _NONE, frozenset({"pcm"})),
}

#: The container of a picture, or of sound alone, where the caller names none.
DEFAULT_CONTAINERS: Mapping[str, Container] = {
    "h264": "mp4",
    "hevc": "mp4",
    "av1": "mp4",
    "vp9": "webm",
    "aac": "m4a",
    "opus": "ogg",
    "mp3": "mp3",
    "ac3": "mkv",
    "flac": "flac",
    "pcm": "wav",
}

#: The largest constant rate factor of each codec; 0 is lossless or nearly so.
MAX_CRF: Mapping[str, int] = {"h264": 51, "hevc": 51, "av1": 63, "vp9": 63}
DEFAULT_CRF: Mapping[str, int] = {"h264": 23, "hevc": 27, "av1": 34, "vp9": 33}

PROFILES: Mapping[str, frozenset[str]] = {
    "h264": frozenset({"baseline", "main", "high"}),
    "hevc": frozenset({"main"}),
}

#: The most channels, and the sampling rates where not all are possible.
MAX_CHANNELS: Mapping[str, int] = {"aac": 8, "opus": 8, "mp3": 2, "ac3": 6, "flac": 8, "pcm": 8}
SAMPLE_RATES: Mapping[str, frozenset[int]] = {
    "opus": frozenset({8000, 12000, 16000, 24000, 48000}),
    "mp3": frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000}),
    "ac3": frozenset({32000, 44100, 48000}),
}
#: Codecs whose size is not for the caller to choose.
LOSSLESS = frozenset({"flac", "pcm"})


def family(codec: str) -> str:
    """The name used here for a codec as ffmpeg reports it."""
    return "pcm" if codec.startswith("pcm_") else codec
