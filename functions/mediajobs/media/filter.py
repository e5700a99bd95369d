"""Builds filtergraphs, from numbers and words of ours alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from mediajobs.media.geometry import Frame, Size
from mediajobs.media.rendition import Logo

_TURNS = {90: ("transpose=clock",), 180: ("hflip", "vflip"), 270: ("transpose=cclock",)}


@dataclass(frozen=True)
class Mark:
    """A logo laid on one rendition: which input it is, its size and place there in pixels."""

    input: int
    size: Size
    left: int
    top: int
    opacity: float


@dataclass(frozen=True)
class Chain:
    """The way from the decoded picture to one output."""

    filters: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    pixel_format: str = "yuv420p"


def chain(
    frame: Frame,
    source: Size,
    *,
    field_order: str | None,
    rotate: int,
    rate: Fraction | None,
    marks: Sequence[Mark] = (),
    pixel_format: str = "yuv420p",
) -> Chain:
    """The filters for one rendition; `source` is the picture's size as shown, after `rotate`.

    `field_order` "top", "bottom" or "auto" deinterlaces.
    """
    filters: list[str] = []
    if field_order is not None:
        parity = {"top": "tff", "bottom": "bff"}.get(field_order, "auto")
        filters.append(f"bwdif=mode=send_frame:parity={parity}:deint=all")
    if rate is not None:
        filters.append(f"fps={rate.numerator}/{rate.denominator}")
    filters += _TURNS.get(rotate, ())
    if frame.crop:
        width, height, left, top = frame.crop
        filters.append(f"crop=w={width}:h={height}:x={left}:y={top}:exact=1")
    if frame.scale != (frame.crop[:2] if frame.crop else source):
        filters.append(f"scale=w={frame.scale[0]}:h={frame.scale[1]}:flags=bicubic")
    if frame.pad:
        width, height, left, top = frame.pad
        filters.append(f"pad=w={width}:h={height}:x={left}:y={top}:color=black")
    filters.append(f"setsar={frame.pixel.numerator}/{frame.pixel.denominator}")
    return Chain(tuple(filters), tuple(marks), pixel_format)


def mark(logo: Logo, number: int, logo_size: Size, frame: Frame) -> Mark:
    """Where a logo stands on a frame; input `number` holds it, `logo_size` in its own pixels."""
    width, height = frame.size
    wide = logo.width or max(1, round(width * logo.width_percent / 100))
    # Its height follows its own shape, seen through the frame's pixels.
    high = logo.height or max(1, round(wide * frame.pixel * logo_size[1] / logo_size[0]))
    down = round(height * logo.margin_percent / 100)
    across = round(down / frame.pixel) if logo.margin_x is None else logo.margin_x
    down = down if logo.margin_y is None else logo.margin_y
    left = {"left": across, "right": width - wide - across}.get(_word(logo, 1), (width - wide) // 2)
    top = {"top": down, "bottom": height - high - down}.get(_word(logo, 0), (height - high) // 2)
    return Mark(number, (wide, high), left, top, logo.opacity)


def _word(logo: Logo, axis: int) -> str:
    """The vertical (0) or horizontal (1) word of a position."""
    words = ({"top", "bottom"}, {"left", "right"})[axis]
    return next((word for word in logo.position.split("-") if word in words), "")


def graph(stream: int, chains: Sequence[Chain]) -> str:
    """The filtergraph that decodes stream `stream` of the first input once and feeds every chain; output n
    is labelled `[v<n>]`."""
    shared = _shared([one.filters for one in chains])
    parts = []
    heads = [f"[0:{stream}]"]
    if len(chains) > 1:
        heads = [f"[p{number}]" for number in range(len(chains))]
        parts.append(f"[0:{stream}]{','.join([*shared, f'split={len(chains)}'])}{''.join(heads)}")
        chains = [Chain(one.filters[len(shared) :], one.marks, one.pixel_format) for one in chains]
    for number, (head, one) in enumerate(zip(heads, chains, strict=True)):
        steps = list(one.filters)
        for place, logo in enumerate(one.marks):
            label = f"l{number}_{place}"
            width, height = logo.size
            parts.append(
                f"[{logo.input}:v:0]format=rgba,scale=w={width}:h={height},"
                f"colorchannelmixer=aa={logo.opacity:.4f}[{label}]"
            )
            base = f"b{number}_{place}"
            parts.append(f"{head}{','.join(steps) or 'null'}[{base}]")
            head, steps = f"[{base}][{label}]", [f"overlay=x={logo.left}:y={logo.top}"]  # noqa: PLW2901
        steps.append(f"format={one.pixel_format}")
        parts.append(f"{head}{','.join(steps)}[v{number}]")
    return ";".join(parts)


def _shared(sequences: Sequence[Sequence[str]]) -> list[str]:
    """The filters with which all begin."""
    shared = []
    for same in zip(*sequences, strict=False):
        if len(set(same)) > 1:
            break
        shared.append(same[0])
    return shared
