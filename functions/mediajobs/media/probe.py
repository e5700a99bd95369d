"""Looks at a media file before anything is done with it, and refuses what is too much."""

from dataclasses import replace
from pathlib import Path

from mediajobs.errors import FfmpegFailed, InvalidMedia, LimitExceeded
from mediajobs.media import ffmpeg
from mediajobs.media.report import read_report
from mediajobs.media.stream import Probe, VideoStream
from mediajobs.tools.tool import Run

#: Seconds of a file, at most.
MAX_DURATION = 24 * 3600
#: Pixels of a picture, at most.
MAX_PIXELS = ffmpeg.MAX_PIXELS
#: Streams of a file, at most.
MAX_STREAMS = ffmpeg.MAX_STREAMS

_NOTHING_TO_WRITE = "At least one output file must be specified"


def probe(run: Run, path: Path, *, options: tuple[str, ...] = ()) -> Probe:
    """Read a local file; `options` stand before the input.

    Raises InvalidMedia with ffmpeg's reason, LimitExceeded.
    """
    source = replace(ffmpeg.link(run, path), options=options)
    lines: list[str] = []
    try:
        run.execute(ffmpeg.command([source], [], level="info"), on_line=lines.append)
    except (FfmpegFailed, LimitExceeded) as error:
        # Asked for no output, ffmpeg reports on the input and then fails.
        if _NOTHING_TO_WRITE not in lines:
            failure = ffmpeg.explain(error, lines)
            raise InvalidMedia(str(failure)) if isinstance(failure, FfmpegFailed) else failure from None
    found = read_report(lines, size=path.stat().st_size)
    if found is None or not found.streams:
        raise InvalidMedia("the file holds no media stream")
    if "exceeds specified max pixel count" in "\n".join(lines):
        raise LimitExceeded(f"the picture has more than {MAX_PIXELS} pixels")
    if found.duration is None and not _is_picture(found):
        found = _measured(run, source, found)
    _refuse_too_much(found)
    return found


def _is_picture(found: Probe) -> bool:
    return found.format.endswith("_pipe")


def _measured(run: Run, source: ffmpeg.Input, found: Probe) -> Probe:
    """With the duration of a file that does not tell it, by reading all of it."""
    figures: dict[str, int] = {}

    def read(line: str) -> None:
        key, _, value = line.partition("=")
        if key in ("out_time_us", "frame") and value.strip().isdigit():
            figures[key] = int(value)

    whole = ffmpeg.Output("-", ("-map", "0:v?", "-map", "0:a?", "-map", "0:s?", "-c", "copy", "-f", "null"))
    try:
        run.execute(ffmpeg.command([source], [whole]), on_line=read)
    except FfmpegFailed:
        return found
    seconds = figures.get("out_time_us", 0) / 1e6
    if not seconds and found.video and found.video.frame_rate:
        # A bare stream of frames carries no times.
        seconds = float(figures.get("frame", 0) / found.video.frame_rate)
    if not seconds:
        return found
    return replace(found, duration=seconds, bit_rate=found.bit_rate or round(found.size * 8 / seconds))


def _refuse_too_much(found: Probe) -> None:
    if len(found.streams) > MAX_STREAMS:
        raise LimitExceeded(f"the file has more than {MAX_STREAMS} streams")
    if found.duration is not None and found.duration > MAX_DURATION:
        raise LimitExceeded(f"the file is longer than {MAX_DURATION // 3600} hours")
    for stream in found.streams:
        if isinstance(stream, VideoStream) and stream.width * stream.height > MAX_PIXELS:
            raise LimitExceeded(f"the picture has more than {MAX_PIXELS} pixels")
