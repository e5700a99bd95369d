"""What is known of a media file and its streams."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class VideoStream:
    """A moving picture, or a still one."""

    index: int
    codec: str
    #: As stored: before rotation, and in pixels that need not be square.
    width: int
    height: int
    profile: str | None = None
    pixel_format: str | None = None
    #: Frames a second on average; none for a cover picture.
    frame_rate: Fraction | None = None
    #: Whether frames stand at uneven distances, as far as the file tells.
    variable_frame_rate: bool = False
    sample_aspect_ratio: Fraction = Fraction(1)
    #: Degrees clockwise that a player turns the picture: 0, 90, 180, 270.
    rotation: int = 0
    #: "progressive", "top" or "bottom" (which field comes first), where the file tells.
    field_order: str | None = None
    #: Bits a second, where the file tells.
    bit_rate: int | None = None
    language: str | None = None
    default: bool = False
    #: A cover picture of a sound file.
    attached: bool = False

    @property
    def interlaced(self) -> bool:
        """Whether the file says that it holds fields."""
        return self.field_order in ("top", "bottom")

    @property
    def display_width(self) -> int:
        """Width as shown: square pixels, turned."""
        return self.height if self.rotation in (90, 270) else self._square_width

    @property
    def display_height(self) -> int:
        """Height as shown: square pixels, turned."""
        return self._square_width if self.rotation in (90, 270) else self.height

    @property
    def display_aspect_ratio(self) -> Fraction:
        """Width to height as shown, exactly."""
        ratio = Fraction(self.width, self.height) * self.sample_aspect_ratio
        return 1 / ratio if self.rotation in (90, 270) else ratio

    @property
    def _square_width(self) -> int:
        return max(1, round(self.width * self.sample_aspect_ratio))


@dataclass(frozen=True)
class AudioStream:
    """Sound."""

    index: int
    codec: str
    sample_rate: int
    channels: int
    #: Such as "stereo" or "5.1(side)"; none where the file does not tell.
    layout: str | None = None
    profile: str | None = None
    bit_rate: int | None = None
    language: str | None = None
    default: bool = False


@dataclass(frozen=True)
class SubtitleStream:
    """Subtitles, as text or as pictures."""

    index: int
    codec: str
    language: str | None = None
    default: bool = False
    forced: bool = False


@dataclass(frozen=True)
class OtherStream:
    """Anything else: data, an attachment, or a stream that cannot be decoded."""

    index: int
    kind: str
    codec: str


Stream = VideoStream | AudioStream | SubtitleStream | OtherStream


@dataclass(frozen=True)
class Probe:
    """A file's container and streams."""

    #: The container's names as ffmpeg gives them, such as "mov,mp4,m4a,3gp,3g2,mj2".
    format: str
    #: Seconds; none for a still picture.
    duration: float | None
    #: Bits a second of the whole file.
    bit_rate: int | None
    #: Bytes.
    size: int
    streams: Sequence[Stream] = field(default_factory=tuple)

    @property
    def videos(self) -> tuple[VideoStream, ...]:
        """The pictures, without covers."""
        return tuple(s for s in self.streams if isinstance(s, VideoStream) and not s.attached)

    @property
    def video(self) -> VideoStream | None:
        """The picture that a player shows: the first default one, else the first."""
        return next((s for s in self.videos if s.default), next(iter(self.videos), None))

    @property
    def audios(self) -> tuple[AudioStream, ...]:
        """The sound streams."""
        return tuple(s for s in self.streams if isinstance(s, AudioStream))

    @property
    def audio(self) -> AudioStream | None:
        """The sound that a player plays: the first default one, else the first."""
        return next((s for s in self.audios if s.default), next(iter(self.audios), None))

    @property
    def subtitles(self) -> tuple[SubtitleStream, ...]:
        """The subtitle streams."""
        return tuple(s for s in self.streams if isinstance(s, SubtitleStream))

    @property
    def still(self) -> bool:
        """Whether this is one picture: no sound, no time."""
        return self.duration is None and bool(self.videos) and not self.audios

    def json(self) -> dict[str, Any]:
        """The same as plain JSON; what is not known is null."""
        return {
            "format": self.format,
            "duration_seconds": self.duration,
            "bit_rate": self.bit_rate,
            "size_bytes": self.size,
            "streams": [_stream_json(stream) for stream in self.streams],
        }


def _stream_json(stream: Stream) -> dict[str, Any]:
    match stream:
        case VideoStream():
            rate = stream.frame_rate
            return {
                "index": stream.index,
                "type": "video",
                "codec": stream.codec,
                "profile": stream.profile,
                "width": stream.width,
                "height": stream.height,
                "display_width": stream.display_width,
                "display_height": stream.display_height,
                "sample_aspect_ratio": _ratio(stream.sample_aspect_ratio),
                "display_aspect_ratio": _ratio(stream.display_aspect_ratio),
                "rotation": stream.rotation,
                "pixel_format": stream.pixel_format,
                "frame_rate": rate and round(float(rate), 3),
                "frame_rate_fraction": rate and f"{rate.numerator}/{rate.denominator}",
                "variable_frame_rate": stream.variable_frame_rate,
                "field_order": stream.field_order,
                "bit_rate": stream.bit_rate,
                "language": stream.language,
                "default": stream.default,
                "attached": stream.attached,
            }
        case AudioStream():
            return {
                "index": stream.index,
                "type": "audio",
                "codec": stream.codec,
                "profile": stream.profile,
                "sample_rate": stream.sample_rate,
                "channels": stream.channels,
                "layout": stream.layout,
                "bit_rate": stream.bit_rate,
                "language": stream.language,
                "default": stream.default,
            }
        case SubtitleStream():
            return {
                "index": stream.index,
                "type": "subtitle",
                "codec": stream.codec,
                "language": stream.language,
                "default": stream.default,
                "forced": stream.forced,
            }
        case OtherStream():
            return {"index": stream.index, "type": stream.kind, "codec": stream.codec}


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}:{value.denominator}"
