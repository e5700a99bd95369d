"""The renditions of a picture that players change between, from the largest to the smallest."""

from dataclasses import dataclass
from fractions import Fraction

from mediajobs.media.stream import VideoStream

#: Heights of the usual renditions.
HEIGHTS = (1080, 720, 480, 360, 240)
#: A source so much over a usual height gets a rendition of its own height.
_WORTH_IT = 1.15


@dataclass(frozen=True)
class Rung:
    """One rendition, in square pixels; bits a second."""

    width: int
    height: int
    bit_rate: int


def source_height(video: VideoStream) -> int:
    """The shorter side of a picture as shown: what makes it a "720p", upright or not."""
    return min(video.display_width, video.display_height)


def usual_heights(video: VideoStream) -> list[int]:
    """The heights that suit a source: none larger than itself, 1080 at most, at least one."""
    source = source_height(video)
    heights = [height for height in HEIGHTS if height <= source]
    if not heights or (source < HEIGHTS[0] and source > heights[0] * _WORTH_IT):
        heights.insert(0, max(2, source // 2 * 2))
    return heights


def rung(video: VideoStream, height: int, bit_rate: int | None, rate: Fraction) -> Rung:
    """A rendition whose shorter side is `height`; its bit rate follows from its size where none is given."""
    ratio = video.display_aspect_ratio
    other = _even(height * max(ratio, 1 / ratio))
    width, height = (other, height) if ratio >= 1 else (height, other)
    return Rung(width, height, bit_rate or _bit_rate(width * height, rate))


def _bit_rate(pixels: int, rate: Fraction) -> int:
    """5 Mbit/s for 1080p at 30 frames a second; the smaller or faster, the fewer bits a pixel needs."""
    bits: float = 5_000_000 * (pixels / (1920 * 1080)) ** 0.75 * (float(rate) / 30) ** 0.5
    return max(100_000, round(bits / 10_000) * 10_000)


def _even(length: Fraction) -> int:
    return max(2, round(length / 2) * 2)
