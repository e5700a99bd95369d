"""Figures as callers write them: sizes and bit rates absolute or in percent, frame rates, aspect ratios."""

from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, Field

#: Sides of a picture, in pixels.
MIN_SIDE, MAX_SIDE = 16, 8192
MIN_FRAME_RATE, MAX_FRAME_RATE = 1, 240

Percent = Annotated[
    str, Field(pattern=r"^\d{1,3}(\.\d{1,2})?%$", description="percent of the source's", examples=["50%"])
]
#: A side of the picture: pixels, or a part of the source's side.
Side = Annotated[int, Field(ge=MIN_SIDE, le=MAX_SIDE)] | Percent
#: Bits a second, or a part of the source's.
BitRate = Annotated[int, Field(ge=8_000, le=200_000_000)] | Percent


def _frame_rate(value: str) -> str:
    if not MIN_FRAME_RATE <= Fraction(value) <= MAX_FRAME_RATE:
        raise ValueError(f"a frame rate is from {MIN_FRAME_RATE} to {MAX_FRAME_RATE}")
    return value


def _aspect_ratio(value: str) -> str:
    width, height = (Fraction(side) for side in value.split(":"))
    if not width or not height or not Fraction(1, 10) <= width / height <= 10:
        raise ValueError("an aspect ratio is from 1:10 to 10:1")
    return value


#: Frames a second: 25, 29.97 (taken as 30000/1001) or a fraction.
FrameRate = (
    Annotated[float, Field(ge=MIN_FRAME_RATE, le=MAX_FRAME_RATE)]
    | Annotated[
        str,
        Field(pattern=r"^[1-9]\d{0,6}/[1-9]\d{0,4}$", examples=["30000/1001"]),
        AfterValidator(_frame_rate),
    ]
)
#: Width to height as shown.
AspectRatio = Annotated[
    str,
    Field(pattern=r"^\d{1,4}(\.\d{1,3})?:\d{1,4}(\.\d{1,3})?$", examples=["16:9", "2.39:1"]),
    AfterValidator(_aspect_ratio),
]


def amount(value: int | str, of: float) -> float:
    """An absolute or relative figure, given the source's."""
    return float(value) if isinstance(value, int) else float(value.rstrip("%")) / 100 * of


def is_percent(value: float | str | None) -> bool:
    """Whether the figure needs the source's to mean anything."""
    return isinstance(value, str)


def frame_rate(value: float | str) -> Fraction:
    """The exact rate; 23.976, 29.97 and their like are meant as n * 1000 / 1001."""
    if isinstance(value, str):
        return Fraction(value)
    for whole in (24, 30, 48, 60, 120):
        exact = Fraction(whole * 1000, 1001)
        if abs(value - exact) < 0.005:
            return exact
    return Fraction(value).limit_denominator(1001)


def aspect_ratio(value: str) -> Fraction:
    """Width to height as a number."""
    width, height = value.split(":")
    return Fraction(width) / Fraction(height)
