"""Reads the report that `ffmpeg -i` gives of a file; the parser takes hostile text and never fails."""

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from mediajobs.media.stream import AudioStream, OtherStream, Probe, Stream, SubtitleStream, VideoStream

_INPUT = re.compile(r"Input #0, (.+), from '[^']*':")
_DURATION = re.compile(
    r"  Duration: (?:(\d+):(\d\d):(\d\d(?:\.\d+)?)|N/A)(?:,.*bitrate: (?:(\d+) kb/s|N/A))?.*"
)
_STREAM = re.compile(r"  Stream #0:(\d+)(?:\[[^\]]*\])?(?:\((\w+)\))?: (\w+): (.*)")
_ROTATION = re.compile(r" {6}(?:Display Matrix|displaymatrix): rotation of (-?\d+(?:\.\d+)?) degrees")
_SIZE = re.compile(r"(\d+)x(\d+)(?: \[SAR (\d+):(\d+) DAR \d+:\d+\])?")
_ASPECT = re.compile(r"SAR (\d+):(\d+) DAR \d+:\d+")
_KILOBITS = re.compile(r"(\d+) kb/s.*")
_RATE = re.compile(r"(\d+(?:\.\d+)?)(k?) (fps|tbr)")
_GROUP = re.compile(r" \(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_DECODER = re.compile(r"[a-z0-9_]+")
_FLAG = re.compile(r" \(([a-z ]+)\)$")
_CHANNELS = {
    "mono": 1,
    "stereo": 2,
    "downmix": 2,
    "quad": 4,
    "quad(side)": 4,
    "hexagonal": 6,
    "octagonal": 8,
    "hexadecagonal": 16,
    "cube": 8,
}
#: The report rounds to two places; these are the only rates of that kind in use.
_NTSC = {
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "47.95": Fraction(48000, 1001),
    "59.94": Fraction(60000, 1001),
    "119.88": Fraction(120000, 1001),
}


def read_report(lines: Iterable[str], *, size: int) -> Probe | None:
    """The file that the report speaks of, or none where it speaks of none."""
    container: str | None = None
    duration: float | None = None
    bit_rate: int | None = None
    streams: dict[int, Stream] = {}
    current = -1
    for line in lines:
        if container is None:
            if found := _INPUT.fullmatch(line):
                container = found[1]
        elif found := _DURATION.fullmatch(line):
            if found[1]:
                duration = int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
            bit_rate = int(found[4]) * 1000 if found[4] else None
        elif found := _STREAM.fullmatch(line):
            # A stream of several programs is told several times.
            current = int(found[1])
            streams.setdefault(current, _stream(current, found[2], found[3], found[4]))
        elif found := _ROTATION.match(line):
            stream = streams.get(current)
            if isinstance(stream, VideoStream):
                # ffmpeg counts against the clock.
                streams[current] = replace(stream, rotation=round(-float(found[1]) / 90) * 90 % 360)
    if container is None:
        return None
    return Probe(container, duration, bit_rate, size, tuple(streams[index] for index in sorted(streams)))


def _stream(index: int, language: str | None, kind: str, text: str) -> Stream:
    if language == "und":
        language = None
    text, flags = _flags(text)
    codec, *parts = _split(text)
    name, profile = _codec(codec)
    if kind == "Video" and (size := _first(_SIZE, parts)) and int(size[1]) and int(size[2]):
        rates = {found[3]: _rate(found[1], found[2]) for part in parts if (found := _RATE.fullmatch(part))}
        average, base = rates.get("fps"), rates.get("tbr")
        aspect = _first(_ASPECT, parts)
        numbers = (aspect[1], aspect[2]) if aspect else (size[3], size[4])
        return VideoStream(
            index=index,
            codec=name,
            width=int(size[1]),
            height=int(size[2]),
            profile=profile,
            pixel_format=_pixel_format(parts[0]),
            frame_rate=average,
            variable_frame_rate=_uneven(average, base),
            sample_aspect_ratio=_fraction(*numbers),
            field_order=_field_order(parts[0]),
            bit_rate=_kilobits(parts),
            language=language,
            default="default" in flags,
            attached="attached pic" in flags,
        )
    if kind == "Audio" and len(parts) >= 2 and (rate := re.fullmatch(r"(\d+) Hz", parts[0])):
        channels, layout = _layout(parts[1])
        return AudioStream(
            index=index,
            codec=name,
            sample_rate=int(rate[1]),
            channels=channels,
            layout=layout,
            profile=profile,
            bit_rate=_kilobits(parts),
            language=language,
            default="default" in flags,
        )
    if kind == "Subtitle":
        return SubtitleStream(index, name, language, "default" in flags, "forced" in flags)
    return OtherStream(index, kind.lower(), name)


def _flags(text: str) -> tuple[str, set[str]]:
    """A stream's words at the end, such as (default), taken off."""
    flags = set()
    while found := _FLAG.search(text):
        flags.add(found[1])
        text = text[: found.start()]
    return text, flags


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and depth <= 0:
            parts.append(text[start:position].strip())
            start = position + 1
    return [*parts, text[start:].strip()]


def _codec(text: str) -> tuple[str, str | None]:
    """Name and profile of `h264 (High) (avc1 / 0x31637661)`; a word in small letters names the decoder."""
    name = text.partition(" ")[0]
    for group in _GROUP.findall(text):
        if " / 0x" not in group and not _DECODER.fullmatch(group):
            return name, group
    return name, None


def _pixel_format(text: str) -> str | None:
    name = text.partition("(")[0].strip()
    return None if name in ("", "none") or "x" in name else name


def _field_order(text: str) -> str | None:
    if "progressive" in text:
        return "progressive"
    # What is coded first is not always shown first; the report tells both.
    if found := re.search(r"(top|bottom) (?:coded )?first( \(swapped\))?", text):
        other = {"top": "bottom", "bottom": "top"}
        return other[found[1]] if found[2] else found[1]
    return None


def _layout(text: str) -> tuple[int, str | None]:
    counted = re.match(r"(\d+) channels?", text)
    if counted:
        return int(counted[1]), None
    if text in _CHANNELS:
        return _CHANNELS[text], text
    # 5.1, 7.1(wide), 5.1.2: the digits add up.
    found = re.match(r"\d+(?:\.\d+)+", text)
    return (sum(int(part) for part in found[0].split(".")) if found else 0), text


def _kilobits(parts: list[str]) -> int | None:
    found = _first(_KILOBITS, parts)
    return int(found[1]) * 1000 if found else None


def _rate(number: str, thousand: str) -> Fraction:
    return _NTSC.get(number, Fraction(number)) * (1000 if thousand else 1)


def _uneven(average: Fraction | None, base: Fraction | None) -> bool:
    if not average or not base:
        return False
    # A field rate is twice the frame rate and no sign of uneven frames.
    return abs(base / average - 1) > Fraction(1, 100) and abs(base / average - 2) > Fraction(1, 100)


def _fraction(above: str | None, below: str | None) -> Fraction:
    return Fraction(int(above), int(below)) if above and below and int(above) and int(below) else Fraction(1)


def _first(pattern: re.Pattern[str], parts: list[str]) -> re.Match[str] | None:
    return next((found for part in parts if (found := pattern.fullmatch(part))), None)
