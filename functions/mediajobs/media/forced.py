"""What a caller knows better than the file does."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from pydantic import Field

from mediajobs.media.amount import AspectRatio, FrameRate, aspect_ratio, frame_rate
from mediajobs.media.stream import Probe, VideoStream
from mediajobs.tools.tool import Model

# fmt: off
SourceContainer = Literal[
    "mp4", "mov", "mkv", "webm", "ts", "mpeg", "avi", "asf", "flv", "mxf", "ogg", "wav", "aiff", "flac",
    "mp3", "aac", "ac3", "h264", "hevc", "av1", "dv",
]
# fmt: on
_DEMUXERS: Mapping[str, str] = {"mp4": "mov", "mkv": "matroska", "webm": "matroska", "ts": "mpegts"}


class Forced(Model):
    """Facts about the input that replace what the file itself says."""

    container: SourceContainer | None = Field(
        None, description="Read the file as this, whatever it looks like."
    )
    frame_rate: FrameRate | None = Field(
        None, description="Frames a second; the times in the file are ignored, so sound may drift."
    )
    aspect_ratio: AspectRatio | None = Field(None, description="The shape in which the picture is meant.")
    interlacing: Literal["progressive", "top", "bottom"] | None = Field(
        None, description="No fields, or which field comes first."
    )

    @property
    def probe_options(self) -> tuple[str, ...]:
        """ffmpeg's input options with which the file is looked at."""
        return ("-f", _DEMUXERS.get(self.container, self.container)) if self.container else ()

    @property
    def options(self) -> tuple[str, ...]:
        """ffmpeg's input options with which the file is read."""
        rate = frame_rate(self.frame_rate) if self.frame_rate is not None else None
        return (*self.probe_options, *(("-r", f"{rate.numerator}/{rate.denominator}") if rate else ()))

    def apply(self, found: Probe) -> Probe:
        """The file as it is to be taken."""
        picture = found.video
        if picture is None:
            return found
        taken = self._picture(picture)
        duration = found.duration
        if duration and self.frame_rate is not None and picture.frame_rate and taken.frame_rate:
            duration = float(Fraction(duration) * picture.frame_rate / taken.frame_rate)
        streams = tuple(taken if stream is picture else stream for stream in found.streams)
        return replace(found, duration=duration, streams=streams)

    def _picture(self, picture: VideoStream) -> VideoStream:
        if self.frame_rate is not None:
            picture = replace(picture, frame_rate=frame_rate(self.frame_rate), variable_frame_rate=False)
        if self.interlacing is not None:
            picture = replace(picture, field_order=self.interlacing)
        if self.aspect_ratio is not None:
            shown = aspect_ratio(self.aspect_ratio)
            stored = 1 / shown if picture.rotation in (90, 270) else shown
            pixel = stored * picture.height / picture.width
            picture = replace(picture, sample_aspect_ratio=pixel)
        return picture
