"""Which part of the source's picture is shown, how large, and in what shape: arithmetic only."""

from dataclasses import dataclass
from fractions import Fraction

from mediajobs.media.amount import MAX_SIDE, MIN_SIDE, amount, aspect_ratio
from mediajobs.media.ffmpeg import MAX_PIXELS
from mediajobs.media.rendition import Video

Size = tuple[int, int]


class Impossible(ValueError):
    """A field of a rendition that cannot be honoured with this source: `field`, and the rule."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


@dataclass(frozen=True)
class Picture:
    """A source's picture, turned as it is shown: stored pixels and the shape of one of them."""

    width: int
    height: int
    pixel: Fraction = Fraction(1)

    @property
    def ratio(self) -> Fraction:
        """Width to height as shown."""
        return self.width * self.pixel / self.height

    def turned(self, degrees: int) -> "Picture":
        """The same after a further rotation."""
        return self if degrees % 180 == 0 else Picture(self.height, self.width, 1 / self.pixel)


@dataclass(frozen=True)
class Frame:
    """What to do to a picture, in this order; pixels throughout."""

    #: Width, height, left, top of what is cut out of the source.
    crop: tuple[int, int, int, int] | None
    scale: Size
    #: Width, height, left, top of the scaled picture on black.
    pad: tuple[int, int, int, int] | None
    #: The shape of an output pixel.
    pixel: Fraction

    @property
    def size(self) -> Size:
        """The output's width and height."""
        return self.pad[:2] if self.pad else self.scale


def frame(source: Picture, video: Video) -> Frame:
    """The output's picture. Raises Impossible."""
    mode = video.mode or ("stretch" if video.aspect_ratio else "fit")
    width, height, ratio = _box(source, video)
    pixel = ratio * height / width
    # The box and the picture in square pixels of the box's height.
    box_width, box_height = width * pixel, height
    shown_width, shown_height = source.width * source.pixel, Fraction(source.height)

    crop = pad = None
    if mode == "fit":
        factor = min(box_width / shown_width, box_height / shown_height)
        factor = factor if video.enlarge else min(factor, Fraction(1))
        scale = _even(shown_width * factor), _even(shown_height * factor)
        pixel = Fraction(1)
    elif mode == "pad":
        factor = min(box_width / shown_width, box_height / shown_height)
        factor = factor if video.enlarge else min(factor, Fraction(1))
        whole = _even(width), _even(height)
        scale = (
            min(_even(shown_width * factor / pixel), whole[0]),
            min(_even(shown_height * factor), whole[1]),
        )
        if scale != whole:
            pad = (*whole, _even_down((whole[0] - scale[0]) / 2), _even_down((whole[1] - scale[1]) / 2))
    else:
        part_width = min(shown_width, shown_height * ratio)
        part_height = part_width / ratio
        if not video.enlarge and (shrink := part_width / box_width) < 1:
            width, height = width * shrink, height * shrink
        scale = _even(width), _even(height)
        if mode == "crop":
            cut = min(round(part_width / source.pixel), source.width), min(round(part_height), source.height)
            if cut != (source.width, source.height):
                crop = (*cut, (source.width - cut[0]) // 2, (source.height - cut[1]) // 2)
    result = Frame(crop, scale, pad, pixel.limit_denominator(1000))
    _refuse_extremes(result, video)
    return result


def _box(source: Picture, video: Video) -> tuple[Fraction, Fraction, Fraction]:
    """The wanted width and height in pixels, and the wanted shape."""
    own_width, own_height = source.width * source.pixel, Fraction(source.height)
    width = None if video.width is None else Fraction(amount(video.width, float(own_width)))
    height = None if video.height is None else Fraction(amount(video.height, float(own_height)))
    if width == 0 or height == 0:
        raise Impossible("width" if width == 0 else "height", "0% leaves no picture")
    ratio = aspect_ratio(video.aspect_ratio) if video.aspect_ratio else None
    if width and height:
        return width, height, ratio or width / height
    shape = ratio or source.ratio
    if width:
        return width, width / shape, shape
    if height:
        return height * shape, height, shape
    return own_height * shape, own_height, shape


def _refuse_extremes(result: Frame, video: Video) -> None:
    for name, side in zip(("width", "height"), result.size, strict=True):
        if not MIN_SIDE <= side <= MAX_SIDE:
            given = getattr(video, name)
            field = name if given is not None else ("height" if name == "width" else "width")
            raise Impossible(field, f"makes a {name} of {side} pixels; it must be {MIN_SIDE} to {MAX_SIDE}")
    if result.size[0] * result.size[1] > MAX_PIXELS:
        raise Impossible("width", f"with height makes more than {MAX_PIXELS} pixels")


def _even(value: Fraction | float) -> int:
    """The nearest even number: colour stands in squares of two by two pixels."""
    return max(2, round(value / 2) * 2)


def _even_down(value: float) -> int:
    return int(value) // 2 * 2
