"""A logo over a picture in MediaConvert's terms, which has to stand somewhere without a look at either."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mediajobs.media.rendition import Logo, Video
from mediajobs.tools.refusal import NAME, PLAIN, UNSEEN, Refusals

_IMAGES = ("png", "bmp", "tga")


@dataclass(frozen=True)
class Box:
    """The output's sides in pixels and the shape of one; None where the source decides."""

    width: int | None
    height: int | None
    pixel: Fraction | None

    @property
    def size(self) -> tuple[int, int] | None:
        """Both sides, if both are given."""
        return None if self.width is None or self.height is None else (self.width, self.height)


def insert(
    logo: Logo, video: Video, box: Box, place: Callable[[str], str], refused: Refusals
) -> dict[str, Any]:
    """An InsertableImage. Where it stands has to be known without a look at either picture."""
    if not NAME.fullmatch(logo.file):
        refused.add("file", PLAIN)
    if logo.file.rpartition(".")[2] not in (*_IMAGES, *(each.upper() for each in _IMAGES)):
        refused.add("file", f"MediaConvert lays files over a picture that end as {', '.join(_IMAGES)}")
    # Where the output keeps its own shape, its sides are the most, and not what comes out.
    frame = box.size if (video.mode or ("stretch" if video.aspect_ratio else "fit")) != "fit" else None
    wide, high = logo.width, logo.height
    if wide is None and frame is not None:
        wide = max(1, round(frame[0] * logo.width_percent / 100))
    if wide is None:
        refused.add("width", f"{UNSEEN} size: give pixels, or width and height of the output and a mode")
    words = set(logo.position.split("-"))
    across, down = logo.margin_x, logo.margin_y
    if frame is not None:
        edge = round(frame[1] * logo.margin_percent / 100)
        down = edge if down is None else down
        across = round(edge / (box.pixel or 1)) if across is None else across
    left = _offset(words & {"left", "right"}, across, wide, frame and frame[0])
    top = _offset(words & {"top", "bottom"}, down, high, frame and frame[1])
    for axis, name in ((left, "margin_x"), (top, "margin_y")):
        if axis is None:
            refused.add(
                name if frame is None and "left" in words and "top" in words else "position",
                "MediaConvert does not know the sizes: top-left with margins in pixels; or the logo's width "
                "and height, the output's, and a mode other than fit",
            )
            break
    return {
        "ImageInserterInput": place(logo.file),
        "ImageX": max(0, left or 0),
        "ImageY": max(0, top or 0),
        **({} if wide is None else {"Width": wide}),
        **({} if high is None else {"Height": high}),
        "Opacity": max(1, round(logo.opacity * 100)),
    }


def _offset(word: set[str], margin: int | None, side: int | None, whole: int | None) -> int | None:
    """Pixels from the left or upper edge; None if that takes sizes that are not known."""
    if word & {"left", "top"}:
        return margin
    if side is None or whole is None:
        return None
    if word:
        return None if margin is None else whole - side - margin
    return (whole - side) // 2
