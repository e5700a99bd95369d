"""The sound of a rendition in MediaConvert's terms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mediajobs.media.amount import is_percent
from mediajobs.media.rendition import Audio
from mediajobs.tools.refusal import UNSEEN, Refusals

_PER_CHANNEL = 64_000
_USUAL_RATE = 48_000
# fmt: off
_AAC_BIT_RATES = (
    8_000, 10_000, 12_000, 14_000, 16_000, 20_000, 24_000, 28_000, 32_000, 40_000, 48_000, 56_000, 64_000,
    80_000, 96_000, 112_000, 128_000, 160_000, 192_000, 224_000, 256_000, 288_000, 320_000, 384_000, 448_000,
    512_000,
)
# fmt: on
#: The least and most bits a second of Dolby Digital by channels.
_AC3_BIT_RATES = {1: (64_000, 128_000), 2: (128_000, 384_000), 6: (384_000, 640_000)}


@dataclass(frozen=True)
class _Codec:
    """How MediaConvert makes one."""

    #: Its name there, and where its settings stand.
    name: str
    settings: str
    sample_rates: frozenset[int]
    #: Its settings for so many channels.
    channels: Mapping[int, Mapping[str, Any]]
    #: What a bit rate with so many channels may be, in words; None if it may be that.
    rule: Callable[[int, int], str | None] | None = None


def _counted(*numbers: int) -> dict[int, dict[str, Any]]:
    return {number: {"Channels": number} for number in numbers}


def _aac(bits: int, _channels: int) -> str | None:
    return None if bits in _AAC_BIT_RATES else f"one of {', '.join(map(str, _AAC_BIT_RATES))} for aac"


def _opus(bits: int, _channels: int) -> str | None:
    return None if 32_000 <= bits <= 192_000 and not bits % 8000 else "a multiple of 8000, 32000 to 192000"


def _mp3(bits: int, _channels: int) -> str | None:
    return None if 16_000 <= bits <= 320_000 else "16000 to 320000 for mp3"


def _ac3(bits: int, channels: int) -> str | None:
    least, most = _AC3_BIT_RATES[channels]
    is_right = least <= bits <= most and not bits % 8000
    return None if is_right else f"a multiple of 8000, {least} to {most} for {channels} channels of ac3"


_ALL = frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000})
_CODECS: Mapping[str, _Codec] = {
    "aac": _Codec(
        "AAC",
        "AacSettings",
        _ALL - {11025},
        {
            1: {"CodingMode": "CODING_MODE_1_0"},
            2: {"CodingMode": "CODING_MODE_2_0"},
            6: {"CodingMode": "CODING_MODE_5_1"},
        },
        _aac,
    ),
    "opus": _Codec("OPUS", "OpusSettings", frozenset({16000, 24000, 48000}), _counted(1, 2), _opus),
    "mp3": _Codec("MP3", "Mp3Settings", frozenset({22050, 24000, 32000, 44100, 48000}), _counted(1, 2), _mp3),
    "ac3": _Codec(
        "AC3",
        "Ac3Settings",
        frozenset({48000}),
        {
            1: {"CodingMode": "CODING_MODE_1_0"},
            2: {"CodingMode": "CODING_MODE_2_0"},
            6: {"CodingMode": "CODING_MODE_3_2_LFE"},
        },
        _ac3,
    ),
    "flac": _Codec(
        "FLAC",
        "FlacSettings",
        frozenset({22050, 24000, 32000, 44100, 48000, 96000}),
        _counted(1, 2, 6, 8),
    ),
    "pcm": _Codec("WAV", "WavSettings", _ALL, _counted(1, 2, 6, 8)),
}


def sound(audio: Audio, selector: str, refused: Refusals) -> dict[str, Any]:
    """An AudioDescription of what the input's selector of that name finds."""
    if audio.codec == "copy":
        refused.add("codec", "MediaConvert encodes what it makes: name a codec")
        return {}
    codec = _CODECS[audio.codec]
    if audio.language is not None and len(audio.language) != 3:
        refused.add("language", "MediaConvert takes the three letters of ISO 639-2, such as eng")
    channels = audio.channels or audio.max_channels
    field = "channels" if audio.channels or not audio.max_channels else "max_channels"
    if channels is None:
        refused.add(field, f"{UNSEEN} channels: give channels or max_channels")
    elif channels not in codec.channels:
        known = ", ".join(map(str, codec.channels))
        refused.add(field, f"MediaConvert makes {audio.codec} with {known} channels")
        channels = None
    rate = audio.sample_rate or _USUAL_RATE
    if rate not in codec.sample_rates:
        known = ", ".join(map(str, sorted(codec.sample_rates)))
        refused.add("sample_rate", f"MediaConvert makes {audio.codec} with {known} samples a second")
    own: dict[str, Any] = {"SampleRate": rate}
    if channels is not None:
        own |= codec.channels[channels]
        own |= _bits(audio, codec, channels, refused)
    match audio.codec:
        case "flac" | "pcm":
            own["BitDepth"] = 16
        case "aac":
            own |= {"CodecProfile": "LC", "RateControlMode": "CBR"}
        case "mp3":
            own["RateControlMode"] = "CBR"
    return {
        "AudioSourceName": selector,
        "CodecSettings": {"Codec": codec.name, codec.settings: own},
    }


def _bits(audio: Audio, codec: _Codec, channels: int, refused: Refusals) -> dict[str, int]:
    if codec.rule is None:
        return {}
    if is_percent(audio.bit_rate):
        refused.add("bit_rate", f"{UNSEEN} bit rate: give bits a second")
    bits = audio.bit_rate if isinstance(audio.bit_rate, int) else _PER_CHANNEL * channels
    if rule := codec.rule(bits, channels):
        refused.add("bit_rate", f"in MediaConvert: {rule}")
    return {"Bitrate": bits}
