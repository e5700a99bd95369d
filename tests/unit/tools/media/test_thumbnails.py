"""The pictures that media:thumbnails takes, looked at with a probe and by their pixels."""

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mediajobs.errors import InvalidParameters, SourceNotFound
from mediajobs.media.probe import probe
from mediajobs.media.stream import VideoStream
from mediajobs.tools.media.thumbnails import Parameters, run
from mediajobs.tools.tool import Result
from tests.clip import clip, pixel
from tests.tool_run import LocalRun


@pytest.fixture
def bench(tmp_path: Path) -> LocalRun:
    return LocalRun(tmp_path / "bench")


def shoot(bench: LocalRun, video: str, /, **parameters: Any) -> Result:
    bench.add(clip(video))
    return run(bench, Parameters.model_validate(parameters))


def look(bench: LocalRun, name: str) -> VideoStream:
    found = probe(bench, bench.stored(name)).video
    assert found is not None
    return found


def test_one_picture_from_the_middle_is_the_default(bench: LocalRun) -> None:
    result = shoot(bench, "seconds.mp4")
    assert [file.name for file in result.files] == ["seconds.jpg"]
    assert result.data["pictures"] == [{"name": "seconds.jpg", "time_seconds": 2.0}]
    assert (look(bench, "seconds.jpg").width, look(bench, "seconds.jpg").codec) == (128, "mjpeg")
    assert brightness(bench, "seconds.jpg") == 2
    assert result.usage.bytes_out == result.files[0].size > 0


@pytest.mark.parametrize(
    ("parameters", "seconds"),
    [
        ({"times": [3.5]}, [3]),
        ({"times": [0, "25%", 2.5]}, [0, 1, 2]),
        ({"times": ["100%"]}, [3]),
        ({"every_seconds": 1}, [0, 1, 2, 3]),
        ({"every_seconds": 3}, [0, 3]),
        ({"count": 4}, [0, 1, 2, 3]),
        ({"count": 2}, [1, 3]),
        ({"count": 12}, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]),
    ],
)
def test_each_picture_shows_the_moment_it_was_asked_for(
    bench: LocalRun, parameters: dict[str, Any], seconds: list[int]
) -> None:
    result = shoot(bench, "seconds.mp4", **parameters)
    assert [brightness(bench, file.name) for file in result.files] == seconds
    assert [picture["name"] for picture in result.data["pictures"]] == [file.name for file in result.files]
    if len(seconds) > 1:
        assert result.files[0].name == "seconds-0001.jpg"


@pytest.mark.parametrize(("ending", "codec"), [("jpg", "mjpeg"), ("png", "png"), ("webp", "webp")])
def test_each_format_comes_out_as_itself(bench: LocalRun, ending: str, codec: str) -> None:
    shoot(bench, "flag.mp4", format=ending, name="poster", width=64)
    found = look(bench, f"poster.{ending}")
    assert (found.codec, found.width, found.height) == (codec, 64, 36)
    red, green, blue = pixel(bench.stored(f"poster.{ending}"), 10, 25)
    assert red > 200
    assert max(green, blue) < 40


def test_a_lower_quality_is_a_smaller_file(bench: LocalRun) -> None:
    good = shoot(bench, "clip.mp4", quality=95).files[0].size
    assert shoot(bench, "clip.mp4", quality=10).files[0].size < good / 2


def test_a_turned_video_gives_upright_pictures(bench: LocalRun) -> None:
    shoot(bench, "turned.mp4", height=64)
    assert (look(bench, "turned.jpg").width, look(bench, "turned.jpg").height) == (36, 64)


def test_a_picture_can_be_cropped_to_a_square(bench: LocalRun) -> None:
    shoot(bench, "clip.mp4", width=40, height=40, mode="crop")
    assert (look(bench, "clip.jpg").width, look(bench, "clip.jpg").height) == (40, 40)


def test_a_still_picture_can_be_made_small(bench: LocalRun) -> None:
    shoot(bench, "still.png", input="still.png", width=32)
    assert look(bench, "still.jpg").width == 32


def test_a_zip_holds_every_picture(bench: LocalRun, tmp_path: Path) -> None:
    result = shoot(bench, "seconds.mp4", count=4, delivery="zip", name="shots/all")
    assert [file.name for file in result.files] == ["shots/all.zip"]
    with zipfile.ZipFile(bench.stored("shots/all.zip")) as archive:
        assert archive.namelist() == [f"all-000{number}.jpg" for number in (1, 2, 3, 4)]
        archive.extractall(tmp_path)
    assert [shade(tmp_path / f"all-000{number}.jpg", 5, 5) for number in (1, 2, 3, 4)] == [0, 1, 2, 3]


def test_a_sprite_shows_each_moment_where_its_index_says(bench: LocalRun) -> None:
    result = shoot(bench, "seconds.mp4", every_seconds=1, delivery="sprite", columns=3, width=32)
    assert [file.name for file in result.files] == ["seconds-sprite.jpg", "seconds-sprite.vtt"]
    sheet = bench.stored("seconds-sprite.jpg")
    assert (look(bench, sheet.name).width, look(bench, sheet.name).height) == (96, 36)
    index = bench.stored("seconds-sprite.vtt").read_text()
    assert index.startswith("WEBVTT\n\n")
    cues = re.findall(r"00:00:(\S+) --> 00:00:(\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)\n", index)
    assert len(cues) == 4
    for second, (start, end, name, x, y, width, height) in enumerate(cues):
        assert (start, end, name) == (f"0{second}.000", f"0{second + 1}.000", sheet.name)
        assert (width, height) == ("32", "18")
        assert shade(sheet, int(x) + 16, int(y) + 9) == second
    assert (result.data["columns"], result.data["rows"]) == (3, 2)


def test_a_sprite_is_small_unless_a_size_is_given(bench: LocalRun) -> None:
    result = shoot(bench, "clip.mp4", count=2, delivery="sprite", format="png")
    assert (result.data["width"], result.data["height"]) == (160, 90)


def test_a_name_cannot_break_the_index(bench: LocalRun) -> None:
    bench.add(clip("clip.mp4"), "a --> b #xywh=0.mp4")
    run(bench, Parameters(count=1, delivery="sprite"))
    index = bench.stored("a --> b #xywh=0-sprite.vtt").read_text()
    assert "a%20--%3E%20b%20%23xywh%3D0-sprite.jpg#xywh=0,0,160,90" in index


@pytest.mark.parametrize(
    ("name", "parameters", "rule"),
    [
        ("clip.mp4", {"times": [1, 5]}, "times/1: the input ends at 2.00"),
        ("long.mp4", {"every_seconds": 0.1}, "every_seconds: makes 601 pictures of this input; at most 500"),
        ("tone.mp3", {"input": "tone.mp3"}, "input: the file has no picture"),
        ("clip.mp4", {"width": "2%"}, "width: makes a width of 2"),
        ("still.png", {"input": "still.png", "count": 2}, "input: a still picture gives one picture"),
        (
            "clip.mp4",
            {"count": 100, "columns": 50, "width": 1280, "delivery": "sprite"},
            "delivery: a sheet of 50 x 2 pictures is 64000 x 1440",
        ),
    ],
)
def test_what_the_media_cannot_give_is_refused_by_field_and_rule(
    bench: LocalRun, name: str, parameters: dict[str, Any], rule: str
) -> None:
    with pytest.raises(InvalidParameters, match=rule):
        shoot(bench, name, **parameters)


def test_sound_alone_is_not_chosen(bench: LocalRun) -> None:
    with pytest.raises(InvalidParameters, match="no earlier task left"):
        shoot(bench, "tone.mp3")
    with pytest.raises(SourceNotFound):
        shoot(bench, "clip.mp4", input="other.mp4")


@pytest.mark.parametrize(
    ("parameters", "rule"),
    [
        ({"times": [1], "count": 2}, "exclude each other"),
        ({"times": ["101%"]}, "times go to 100%"),
        ({"times": []}, "at least 1"),
        ({"count": 501}, "less than or equal to 500"),
        ({"every_seconds": 0}, "greater than or equal to 0.1"),
        ({"format": "bmp"}, "'jpg', 'png' or 'webp'"),
        ({"name": "../x"}, "neither . nor .."),
    ],
)
def test_what_can_never_be_is_refused_at_submission(parameters: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Parameters.model_validate(parameters)
    assert rule in str(caught.value)


def test_progress_rises_to_the_end(bench: LocalRun) -> None:
    shoot(bench, "seconds.mp4", count=20, delivery="sprite")
    assert bench.fractions == sorted(bench.fractions)
    assert bench.fractions[-1] == 1


def brightness(bench: LocalRun, name: str) -> int:
    return shade(bench.stored(name), 64, 36)


def shade(path: Path, x: int, y: int) -> int:
    """Which second of the clip a point is from: each is brighter than the one before."""
    return round(pixel(path, x, y)[0] / 60)
