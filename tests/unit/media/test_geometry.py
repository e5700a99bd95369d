"""The arithmetic of sizes and shapes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mediajobs.media.amount import MAX_SIDE, MIN_SIDE, aspect_ratio, frame_rate
from mediajobs.media.geometry import Impossible, Picture, frame
from mediajobs.media.rendition import Video

SIDES = some.integers(16, 4096)
PIXELS = some.sampled_from([Fraction(1), Fraction(4, 3), Fraction(16, 15), Fraction(3, 4)])
MODES = some.sampled_from(["fit", "pad", "crop", "stretch"])


@given(SIDES, SIDES, PIXELS, some.none() | SIDES, some.none() | SIDES, MODES, some.booleans())
def test_any_frame_can_be_encoded(
    source_width: int,
    source_height: int,
    pixel: Fraction,
    width: int | None,
    height: int | None,
    mode: str,
    enlarge: bool,
) -> None:
    source = Picture(source_width, source_height, pixel)
    wanted = Video.model_validate({"width": width, "height": height, "mode": mode, "enlarge": enlarge})
    try:
        made = frame(source, wanted)
    except Impossible:
        return
    for side in (*made.size, *made.scale):
        assert side % 2 == 0
    assert all(MIN_SIDE <= side <= MAX_SIDE for side in made.size)
    if made.crop:
        cut_width, cut_height, left, top = made.crop
        assert 0 < cut_width <= source.width - left
        assert 0 < cut_height <= source.height - top
    if made.pad:
        assert made.pad[0] >= made.scale[0] + made.pad[2]
        assert made.pad[1] >= made.scale[1] + made.pad[3]
    if mode in ("pad", "stretch", "crop") and width and height and (enlarge or mode == "pad"):
        assert made.size == (round(width / 2) * 2, round(height / 2) * 2)
    if mode == "fit":
        assert made.pixel == 1
        # Even sides bend the shape by a pixel at most.
        slack = 1 / min(made.size) * 2
        assert made.size[0] / made.size[1] == pytest.approx(float(source.ratio), rel=slack)


@given(SIDES, SIDES, PIXELS, SIDES, SIDES)
def test_a_picture_is_not_enlarged_against_the_callers_will(
    source_width: int, source_height: int, pixel: Fraction, width: int, height: int
) -> None:
    source = Picture(source_width, source_height, pixel)
    try:
        made = frame(source, Video(width=width, height=height, enlarge=False))
    except Impossible:
        return
    assert made.size[0] <= source_width * pixel + 1
    assert made.size[1] <= source_height + 1


@pytest.mark.parametrize(
    ("given_rate", "exact"),
    [
        (23.976, Fraction(24000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (24, Fraction(24)),
        (29.97, Fraction(30000, 1001)),
        (30, Fraction(30)),
        (59.94, Fraction(60000, 1001)),
        (12.5, Fraction(25, 2)),
        ("30000/1001", Fraction(30000, 1001)),
    ],
)
def test_frame_rates_are_taken_as_they_are_meant(given_rate: float | str, exact: Fraction) -> None:
    assert frame_rate(given_rate) == exact


def test_an_aspect_ratio_may_have_a_point() -> None:
    assert aspect_ratio("2.39:1") == Fraction(239, 100)
