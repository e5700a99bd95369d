"""What comes out of media:transcode, looked at with a probe and by its pixels."""

import json
import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mediajobs.errors import InvalidMedia, InvalidParameters, RunLost, SourceNotFound
from mediajobs.media.probe import probe
from mediajobs.media.stream import Probe, VideoStream
from mediajobs.tools.media.transcode import Parameters, run
from mediajobs.tools.tool import Result
from tests.clip import clip, pixel
from tests.tool_run import LocalRun

RED, LIME, BLUE, BLACK, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255)


class Bench:
    """Transcodes a clip and looks at the results."""

    def __init__(self, root: Path) -> None:
        self.run = LocalRun(root / "bench")
        self.root = root

    def transcode(self, *names: str, **parameters: Any) -> Result:
        for name in names:
            self.run.add(clip(name))
        return run(self.run, Parameters.model_validate(parameters))

    def one(self, name: str, rendition: dict[str, Any], **parameters: Any) -> tuple[Path, Probe]:
        """The only output of a transcode, and what it is."""
        (file,) = self.transcode(name, input=name, renditions=[rendition], **parameters).files
        path = self.run.stored(file.name)
        return path, probe(self.run, path)

    def video(self, name: str, video: dict[str, Any], **parameters: Any) -> tuple[Path, VideoStream]:
        """The picture of the only output, encoded fast and well."""
        sharp = {} if "bit_rate" in video or video.get("codec") == "copy" else {"crf": 8, "speed": "fastest"}
        path, found = self.one(name, {"container": "mp4", "video": {**sharp, **video}}, **parameters)
        assert found.video is not None
        return path, found.video


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def near(actual: tuple[int, ...], expected: tuple[int, ...], tolerance: int = 40) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(actual, expected, strict=True))


def refused(**parameters: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Parameters.model_validate(parameters)
    return str(caught.value)


# Codecs and containers.


@pytest.mark.parametrize(
    ("rendition", "ending", "container", "codecs"),
    [
        ({"preset": "h264-360p"}, "mp4", "mov,mp4,m4a,3gp,3g2,mj2", ["h264", "aac"]),
        ({"preset": "hevc-720p"}, "mp4", "mov,mp4,m4a,3gp,3g2,mj2", ["hevc", "aac"]),
        ({"preset": "av1-720p"}, "mp4", "mov,mp4,m4a,3gp,3g2,mj2", ["av1", "aac"]),
        ({"preset": "vp9-720p"}, "webm", "matroska,webm", ["vp9", "opus"]),
        ({"preset": "audio-aac-128k"}, "m4a", "mov,mp4,m4a,3gp,3g2,mj2", ["aac"]),
        ({"preset": "audio-opus-96k"}, "ogg", "ogg", ["opus"]),
        ({"preset": "audio-mp3-192k"}, "mp3", "mp3", ["mp3"]),
        ({"preset": "copy-mp4"}, "mp4", "mov,mp4,m4a,3gp,3g2,mj2", ["h264", "aac"]),
        ({"container": "ts", "video": {}, "audio": {}}, "ts", "mpegts", ["h264", "aac"]),
        (
            {"container": "mkv", "video": {"codec": "vp9", "speed": "fastest"}, "audio": {"codec": "ac3"}},
            "mkv",
            "matroska,webm",
            ["vp9", "ac3"],
        ),
        (
            {"container": "mov", "video": {}, "audio": {"codec": "pcm"}},
            "mov",
            "mov,mp4",
            ["h264", "pcm_s16le"],
        ),
        (
            {"container": "webm", "video": {"codec": "av1", "speed": "fastest"}},
            "webm",
            "matroska,webm",
            ["av1"],
        ),
        ({"audio": {"codec": "flac"}}, "flac", "flac", ["flac"]),
        ({"audio": {"codec": "pcm"}}, "wav", "wav", ["pcm_s16le"]),
    ],
)
def test_each_container_holds_the_codecs_that_were_asked_for(
    bench: Bench, rendition: dict[str, Any], ending: str, container: str, codecs: list[str]
) -> None:
    path, found = bench.one("clip.mp4", rendition)
    assert path.suffix == f".{ending}"
    assert found.format.startswith(container)
    assert [stream.codec for stream in found.streams] == codecs
    assert found.duration == pytest.approx(2, abs=0.1)


def test_a_preset_does_not_enlarge_a_small_picture(bench: Bench) -> None:
    _, found = bench.one("clip.mp4", {"preset": "h264-1080p"})
    assert found.video is not None
    assert (found.video.width, found.video.height) == (128, 72)


def test_own_values_override_a_preset(bench: Bench) -> None:
    rendition = {
        "preset": "h264-360p",
        "video": {"height": 40, "width": None},
        "audio": None,
        "container": "mkv",
    }
    path, found = bench.one("clip.mp4", rendition)
    assert path.name == "clip-h264-360p.mkv"
    assert found.video is not None
    assert (found.video.width, found.video.height) == (72, 40)
    assert found.audio is None


def test_what_is_stored_of_a_preset_is_all_of_its_values() -> None:
    given = Parameters.model_validate({"renditions": [{"preset": "h264-720p", "video": {"enlarge": True}}]})
    stored = given.model_dump(mode="json", exclude_defaults=True)
    assert stored["renditions"][0]["video"]["crf"] == 22
    assert Parameters.model_validate(stored) == given


def test_an_mp4_begins_with_its_index(bench: Bench) -> None:
    path, _ = bench.one("clip.mp4", {"preset": "h264-360p"})
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_hevc_in_mp4_has_the_name_that_apple_knows(bench: Bench) -> None:
    path, _ = bench.one("clip.mp4", {"preset": "hevc-720p"})
    assert b"hvc1" in path.read_bytes()


@pytest.mark.parametrize(
    ("sound", "codecs"), [({}, ["h264"]), ({"audio": None}, ["h264"]), ({"audio": {}}, ["h264", "aac"])]
)
def test_a_video_has_the_sound_that_is_asked_for(
    bench: Bench, sound: dict[str, Any], codecs: list[str]
) -> None:
    _, found = bench.one("clip.mp4", {"video": {"speed": "fastest"}, **sound})
    assert [stream.codec for stream in found.streams] == codecs


def test_several_renditions_come_from_one_run(bench: Bench) -> None:
    result = bench.transcode(
        "clip.mp4",
        renditions=[
            {"name": "a", "video": {"height": 36, "speed": "fastest"}, "audio": {}},
            {"name": "b", "video": {"width": "50%", "speed": "fastest"}},
            {"name": "c", "audio": {"codec": "opus"}},
            {"name": "d", "container": "mkv", "video": {"codec": "copy"}, "audio": {"codec": "copy"}},
        ],
    )
    assert [file.name for file in result.files] == ["clip-a.mp4", "clip-b.mp4", "clip-c.ogg", "clip-d.mkv"]
    codecs = [[stream["codec"] for stream in output["streams"]] for output in result.data["outputs"]]
    assert codecs == [["h264", "aac"], ["h264"], ["opus"], ["h264", "aac"]]
    assert sum(line.startswith("ffmpeg ") for line in bench.run.lines) == 1
    assert result.usage.seconds_out == pytest.approx(8, abs=0.3)
    assert result.usage.seconds_in == pytest.approx(2, abs=0.1)
    assert result.usage.bytes_in == clip("clip.mp4").stat().st_size
    assert result.usage.bytes_out == sum(file.size for file in result.files)
    json.dumps(result.data)


def test_an_output_can_be_named_in_full(bench: Bench) -> None:
    path, _ = bench.one(
        "clip.mp4", {"output": "films/mine.webm", "video": {"codec": "vp9", "speed": "fastest"}}
    )
    assert path == bench.run.stored("films/mine.webm")


# Sizes, shapes, turns.


@pytest.mark.parametrize(
    ("video", "size"),
    [
        ({}, (128, 72)),
        ({"width": 64}, (64, 36)),
        ({"height": 144}, (256, 144)),
        ({"width": "50%", "height": "50%"}, (64, 36)),
        ({"width": "25%"}, (32, 18)),
        ({"width": 50}, (50, 28)),
        ({"width": 64, "height": 64}, (64, 36)),
        ({"width": 64, "height": 64, "mode": "pad"}, (64, 64)),
        ({"width": 64, "height": 64, "mode": "crop"}, (64, 64)),
        ({"width": 64, "height": 64, "mode": "stretch"}, (64, 64)),
        ({"width": 640, "height": 640, "enlarge": False}, (128, 72)),
        ({"width": 640, "height": 640, "enlarge": False, "mode": "crop"}, (72, 72)),
        ({"width": 640, "height": 640, "enlarge": False, "mode": "pad"}, (640, 640)),
        ({"rotate": 90}, (72, 128)),
        ({"rotate": 180, "width": 64}, (64, 36)),
        ({"rotate": 270, "width": 36}, (36, 64)),
        ({"aspect_ratio": "1:1", "mode": "crop"}, (72, 72)),
    ],
)
def test_the_output_has_the_size_that_was_asked_for(
    bench: Bench, video: dict[str, Any], size: tuple[int, int]
) -> None:
    _, found = bench.video("flag.mp4", video)
    assert (found.width, found.height) == size
    assert found.sample_aspect_ratio == 1


def test_a_fitted_picture_keeps_all_of_itself(bench: Bench) -> None:
    path, _ = bench.video("flag.mp4", {"width": 64, "height": 64})
    assert near(pixel(path, 5, 25), RED)
    assert near(pixel(path, 58, 25), BLUE)
    assert near(pixel(path, 30, 3), LIME)


def test_a_padded_picture_stands_between_black_bars(bench: Bench) -> None:
    path, _ = bench.video("flag.mp4", {"width": 64, "height": 64, "mode": "pad"})
    assert near(pixel(path, 5, 4), BLACK)
    assert near(pixel(path, 5, 60), BLACK)
    assert near(pixel(path, 5, 17), LIME)
    assert near(pixel(path, 5, 40), RED)


def test_a_cropped_picture_loses_its_sides_equally(bench: Bench) -> None:
    path, _ = bench.video("flag.mp4", {"width": 72, "height": 72, "mode": "crop"})
    assert near(pixel(path, 30, 50), RED)
    assert near(pixel(path, 42, 50), BLUE)
    assert near(pixel(path, 2, 5), LIME)


def test_pixels_that_are_not_square_come_out_square(bench: Bench) -> None:
    _, found = bench.video("wide.mp4", {})
    assert (found.width, found.height) == (170, 72)
    assert found.sample_aspect_ratio == 1


def test_a_size_and_a_shape_together_make_oblong_pixels(bench: Bench) -> None:
    _, found = bench.video("flag.mp4", {"width": 96, "height": 72, "aspect_ratio": "16:9"})
    assert (found.width, found.height) == (96, 72)
    assert found.display_aspect_ratio == Fraction(16, 9)


def test_a_source_that_asks_to_be_turned_comes_out_upright(bench: Bench) -> None:
    path, found = bench.video("turned.mp4", {"height": 128})
    assert (found.width, found.height, found.rotation) == (72, 128, 0)
    # Clockwise: what was on the left is at the top, what was at the top is on the right.
    assert near(pixel(path, 10, 10), RED)
    assert near(pixel(path, 10, 118), BLUE)
    assert near(pixel(path, 68, 60), LIME)


def test_a_rotation_adds_to_the_sources_own(bench: Bench) -> None:
    path, found = bench.video("turned.mp4", {"rotate": 270})
    assert (found.width, found.height) == (128, 72)
    assert near(pixel(path, 10, 50), RED)
    assert near(pixel(path, 60, 5), LIME)


@pytest.mark.parametrize(("turn", "place"), [(90, (10, 10)), (180, (118, 20)), (270, (60, 118))])
def test_a_rotation_is_clockwise(bench: Bench, turn: int, place: tuple[int, int]) -> None:
    path, _ = bench.video("flag.mp4", {"rotate": turn})
    assert near(pixel(path, *place), RED)


# Frames and time.


@pytest.mark.parametrize(
    ("wanted", "rate"),
    [
        (10, Fraction(10)),
        (29.97, Fraction(30000, 1001)),
        ("24000/1001", Fraction(24000, 1001)),
        (50, Fraction(50)),
    ],
)
def test_the_frame_rate_is_the_one_asked_for(bench: Bench, wanted: float | str, rate: Fraction) -> None:
    _, found = bench.video("clip.mp4", {"frame_rate": wanted})
    assert found.frame_rate == rate


@pytest.mark.parametrize(
    ("cut", "seconds"),
    [
        ({"start_seconds": 0.5}, 1.5),
        ({"start_seconds": 0.5, "end_seconds": 1}, 0.5),
        ({"duration_seconds": 0.8}, 0.8),
        ({"start_seconds": 1, "duration_seconds": 60}, 1),
        ({"max_duration_seconds": 0.4, "end_seconds": 1.5}, 0.4),
        ({"max_duration_seconds": 60}, 2),
    ],
)
def test_only_the_part_that_was_asked_for_is_taken(
    bench: Bench, cut: dict[str, float], seconds: float
) -> None:
    _, found = bench.one("clip.mp4", {"video": {"speed": "fastest"}, "audio": {}}, **cut)
    assert found.duration == pytest.approx(seconds, abs=0.09)


def test_interlaced_pictures_come_out_progressive(bench: Bench) -> None:
    _, found = bench.video("fields.mp4", {})
    assert found.field_order == "progressive"
    assert any("bwdif" in line for line in bench.run.lines)


def test_forced_facts_replace_those_of_the_file(bench: Bench) -> None:
    path, found = bench.video(
        "flag.mp4",
        {},
        forced={"container": "mp4", "aspect_ratio": "4:3", "frame_rate": 50, "interlacing": "top"},
    )
    assert (found.width, found.height) == (96, 72)
    assert found.frame_rate == 50
    assert probe(bench.run, path).duration == pytest.approx(1, abs=0.1)
    assert any("parity=tff" in line for line in bench.run.lines)


def test_a_file_that_is_not_what_it_is_forced_to_be_is_refused(bench: Bench) -> None:
    with pytest.raises(InvalidMedia):
        bench.video("clip.mp4", {}, forced={"container": "flv"})


# Rates and quality.


def test_a_bit_rate_is_kept_to(bench: Bench) -> None:
    path, _ = bench.video("long.mp4", {"bit_rate": 150_000, "speed": "fastest"}, max_duration_seconds=8)
    assert path.stat().st_size * 8 / 8 == pytest.approx(150_000, rel=0.25)


def test_a_bit_rate_in_percent_is_of_the_sources(bench: Bench) -> None:
    path, _ = bench.video("long.mp4", {"bit_rate": "25%", "speed": "fastest"}, max_duration_seconds=8)
    source = clip("long.mp4").stat().st_size * 8 / 60
    assert path.stat().st_size * 8 / 8 == pytest.approx(source / 4, rel=0.3)


def test_a_capped_bit_rate_is_not_above_the_sources(bench: Bench) -> None:
    much: dict[str, Any] = {"bit_rate": 8_000_000, "speed": "fastest"}
    bench.video("clip.mp4", {**much, "cap_bit_rate": True})
    command = next(line for line in bench.run.lines if "-b:v" in line)
    wanted = int(command.split("-b:v ")[1].split()[0])
    source = probe(bench.run, clip("clip.mp4"))
    assert source.video is not None
    assert source.video.bit_rate is not None
    assert wanted == source.video.bit_rate < 8_000_000
    less, _ = bench.video("long.mp4", {"bit_rate": 50_000, "cap_bit_rate": True}, max_duration_seconds=1)
    assert less.stat().st_size * 8 < 150_000


def test_a_lower_crf_is_a_larger_file(bench: Bench) -> None:
    good, _ = bench.video("clip.mp4", {"crf": 10})
    size = good.stat().st_size
    poor, _ = bench.video("clip.mp4", {"crf": 45})
    assert poor.stat().st_size < size / 2


def test_ten_bits_a_sample_come_out_as_ten(bench: Bench) -> None:
    _, found = bench.video("clip.mp4", {"codec": "hevc", "bit_depth": 10})
    assert found.pixel_format == "yuv420p10le"


def test_a_profile_is_kept_to(bench: Bench) -> None:
    _, found = bench.video("clip.mp4", {"profile": "main", "speed": "medium"})
    assert found.profile == "Main"


# Sound.


def test_sound_gets_the_rate_and_the_channels_asked_for(bench: Bench) -> None:
    _, found = bench.one("surround.wav", {"audio": {"sample_rate": 22050, "channels": 2, "bit_rate": 96_000}})
    assert found.audio is not None
    assert (found.audio.sample_rate, found.audio.channels) == (22050, 2)


def test_surround_sound_stays_surround_and_a_preset_mixes_it_down(bench: Bench) -> None:
    _, found = bench.one("surround.wav", {"audio": {"codec": "opus"}})
    assert found.audio is not None
    assert (found.audio.channels, found.audio.sample_rate) == (6, 48000)
    _, mixed = bench.one("surround.wav", {"preset": "audio-aac-128k"})
    assert mixed.audio is not None
    assert mixed.audio.channels == 2


def test_the_track_of_a_language_is_taken(bench: Bench) -> None:
    _, found = bench.one("tongues.mkv", {"container": "mkv", "audio": {"language": "eng"}})
    assert found.audio is not None
    assert found.audio.language == "eng"
    _, default = bench.one("tongues.mkv", {"container": "mkv", "audio": {"codec": "copy"}})
    assert default.audio is not None
    assert default.audio.language == "deu"


def test_a_silent_source_gives_a_silent_output(bench: Bench) -> None:
    _, found = bench.one("silent.mp4", {"preset": "h264-360p"})
    assert found.audio is None
    assert found.video is not None


# Logos.


@pytest.mark.parametrize(
    ("position", "inside", "outside"),
    [
        ("top-left", (8, 5), (115, 60)),
        ("top-right", (120, 5), (8, 60)),
        ("bottom-left", (8, 66), (120, 5)),
        ("bottom-right", (120, 66), (8, 5)),
        ("center", (64, 36), (8, 66)),
    ],
)
def test_a_logo_stands_where_it_should(
    bench: Bench, position: str, inside: tuple[int, int], outside: tuple[int, int]
) -> None:
    bench.run.add(clip("logo.png"), "it's a; [logo],.png")
    logo = {"file": "it's a; [logo],.png", "position": position, "width_percent": 15, "margin_percent": 2}
    path, _ = bench.video("flag.mp4", {"logos": [logo]})
    assert near(pixel(path, *inside, at=1), WHITE)
    assert not near(pixel(path, *outside, at=1), WHITE)


def test_logos_are_taken_as_a_job_sends_them() -> None:
    video = {"logos": [{"file": "logo.png"}]}
    sent = json.dumps({"renditions": [{"container": "mp4", "video": video}]})
    (rendition,) = Parameters.model_validate_json(sent, strict=True).renditions
    assert rendition.video is not None
    assert [logo.file for logo in rendition.video.logos] == ["logo.png"]


def test_a_logo_has_the_size_and_the_place_in_pixels_that_are_asked_for(bench: Bench) -> None:
    bench.run.add(clip("logo.png"))
    size = {"width": 20, "height": 30, "margin_x": 40, "margin_y": 10}
    path, _ = bench.video("flag.mp4", {"logos": [{"file": "logo.png", "position": "top-left", **size}]})
    inside, outside = [(42, 12), (58, 12), (42, 38), (58, 38)], [(36, 12), (64, 12), (42, 6), (42, 44)]
    assert all(near(pixel(path, *place, at=1), WHITE) for place in inside)
    assert not any(near(pixel(path, *place, at=1), WHITE) for place in outside)


def test_a_faint_logo_lets_the_picture_through(bench: Bench) -> None:
    bench.run.add(clip("logo.png"))
    logo = {"file": "logo.png", "position": "bottom-left", "opacity": 0.5, "width_percent": 25}
    path, _ = bench.video("flag.mp4", {"logos": [logo]})
    red, green, blue = pixel(path, 16, 64)
    assert red > 200
    assert 90 < green < 170
    assert 90 < blue < 170


def test_one_logo_can_stand_on_several_renditions(bench: Bench) -> None:
    bench.run.add(clip("logo.png"))
    marked = {"logos": [{"file": "logo.png", "position": "bottom-left"}], "crf": 8, "speed": "fastest"}
    result = bench.transcode(
        "flag.mp4",
        input="flag.mp4",
        renditions=[
            {"name": "a", "video": marked},
            {"name": "b", "video": {**marked, "width": 64}},
            {"name": "plain", "video": {"crf": 8, "speed": "fastest"}},
        ],
    )
    large, small, plain = (bench.run.stored(file.name) for file in result.files)
    assert near(pixel(large, 8, 66), WHITE)
    assert near(pixel(small, 4, 33), WHITE)
    assert near(pixel(plain, 8, 66), RED)


# What this source cannot give.


@pytest.mark.parametrize(
    ("name", "parameters", "field"),
    [
        (
            "tone.mp3",
            {"renditions": [{"preset": "h264-360p"}]},
            "renditions/0/video: the input has no picture",
        ),
        ("silent.mp4", {"renditions": [{"audio": {}}]}, "renditions/0/audio: the input has no sound"),
        (
            "tongues.mkv",
            {"renditions": [{"audio": {"language": "fra"}}]},
            "renditions/0/audio/language: .*'fra'; it has: deu, eng",
        ),
        (
            "clip.mp4",
            {"start_seconds": 5, "renditions": [{"video": {}}]},
            "start_seconds: the input ends at 2.00",
        ),
        (
            "clip.mp4",
            {"renditions": [{"video": {"width": "1%"}}]},
            "renditions/0/video/width: makes a width of 2",
        ),
        (
            "clip.mp4",
            {"renditions": [{"video": {"height": 8000}}]},
            "renditions/0/video/height: makes a width",
        ),
        (
            "clip.webm",
            {"renditions": [{"preset": "copy-mp4", "container": "ts"}]},
            "renditions/0/video/codec: ts cannot hold the source's vp9",
        ),
        (
            "tone.ogg",
            {"renditions": [{"container": "mp3", "audio": {"codec": "copy"}}]},
            "renditions/0/audio/codec: mp3 cannot hold the source's vorbis",
        ),
        (
            "clip.webm",
            {"renditions": [{"audio": {"bit_rate": "50%"}}]},
            "renditions/0/audio/bit_rate: a percentage needs",
        ),
        ("still.png", {"input": "still.png", "renditions": [{"video": {}}]}, "input: a still picture"),
        (
            "clip.mp4",
            {"renditions": [{"audio": {"codec": "opus", "bit_rate": 300_000}}]},
            "renditions/0/audio/bit_rate: opus takes at most 256000",
        ),
        (
            "clip.mp4",
            {"renditions": [{"video": {"logos": [{"file": "clip.mp4"}]}}]},
            "renditions/0/video/logos/0/file: 'clip.mp4' is no still",
        ),
    ],
)
def test_what_the_media_cannot_give_is_refused_by_field_and_rule(
    bench: Bench, name: str, parameters: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidParameters, match=field):
        bench.transcode(name, **parameters)


def test_a_missing_input_or_logo_is_not_found(bench: Bench) -> None:
    with pytest.raises(SourceNotFound, match=r"nothing\.mp4"):
        bench.transcode(input="nothing.mp4", renditions=[{"video": {}}])
    with pytest.raises(SourceNotFound, match=r"no\.png"):
        bench.video("clip.mp4", {"logos": [{"file": "no.png"}]})


# What can never be.


@pytest.mark.parametrize(
    ("rendition", "rule"),
    [
        ({}, "video, audio or both"),
        ({"container": "ts", "video": {"codec": "vp9"}}, "ts cannot hold vp9"),
        ({"container": "webm", "video": {"codec": "h264"}}, "webm cannot hold h264"),
        ({"container": "ts", "audio": {"codec": "opus"}}, "ts cannot hold opus"),
        ({"container": "mp3", "video": {}}, "mp3 holds sound only"),
        ({"output": "x.mkv", "container": "mp4", "video": {}}, "ending must be .mp4"),
        ({"output": "x", "video": {}}, "ending must be .mp4"),
        ({"video": {"codec": "copy"}}, "need a container"),
        ({"container": "mp4", "video": {"codec": "copy", "width": 100}}, "width must go"),
        ({"container": "mp4", "audio": {"codec": "copy", "bit_rate": 96000}}, "bit_rate must go"),
        ({"video": {"crf": 20, "bit_rate": 1_000_000}}, "exclude each other"),
        ({"video": {"crf": 60}}, "at most 51"),
        ({"video": {"codec": "av1", "profile": "high"}}, "no profile"),
        ({"video": {"bit_rate": 2_000_000, "max_bit_rate": 1_000_000}}, "less than bit_rate"),
        ({"video": {"aspect_ratio": "16:9", "mode": "fit"}}, "pad, crop or stretch"),
        ({"video": {"aspect_ratio": "16:0"}}, "1:10 to 10:1"),
        ({"video": {"width": "half"}}, "pattern"),
        ({"video": {"width": 4}}, "greater than or equal to 16"),
        ({"video": {"frame_rate": "1000/1"}}, "1 to 240"),
        ({"audio": {"codec": "opus", "sample_rate": 44100}}, "no sample_rate of 44100"),
        ({"audio": {"codec": "mp3", "channels": 6}}, "at most 2 channels"),
        ({"audio": {"codec": "flac", "bit_rate": 96000}}, "lossless"),
        ({"preset": "h264-999p"}, "preset"),
        ({"video": {"filter": "movie=x"}}, "Extra inputs"),
        ({"name": "../x", "video": {}}, "pattern"),
    ],
)
def test_what_can_never_be_is_refused_at_submission(rendition: dict[str, Any], rule: str) -> None:
    assert rule in refused(renditions=[rendition])


def test_times_and_names_that_contradict_each_other_are_refused() -> None:
    both: list[dict[str, Any]] = [{"video": {}}]
    assert "exclude" in refused(renditions=both, end_seconds=2, duration_seconds=1)
    assert "not after" in refused(renditions=both, end_seconds=2, start_seconds=2)
    assert "names of their own" in refused(renditions=[{"preset": "h264-720p"}, {"preset": "h264-720p"}])
    assert "too_long" in refused(renditions=[{"name": f"n{n}", "video": {}} for n in range(11)])


# The run.


def test_progress_rises_to_the_end_and_the_log_shows_the_command(bench: Bench) -> None:
    # Long enough for ffmpeg to tell of it twice a second.
    bench.video("long.mp4", {"speed": "fastest", "crf": 40, "height": 720})
    assert bench.run.fractions == sorted(bench.run.fractions)
    assert bench.run.fractions[-1] == 1
    assert len([fraction for fraction in bench.run.fractions if 0 < fraction < 0.95]) >= 1
    (command,) = [line for line in bench.run.lines if line.startswith("ffmpeg ")]
    assert "-i in0.bin" in command
    assert "out0.mp4" in command
    assert str(bench.root) not in bench.run.text
    assert "imageio" not in bench.run.text


def test_a_lost_run_ends_ffmpeg_within_a_second(bench: Bench) -> None:
    bench.run.add(clip("long.mp4"))
    slow = {"video": {"height": 1080, "speed": "slow"}}
    ended: list[float] = []

    def work() -> None:
        with pytest.raises(RunLost):
            run(bench.run, Parameters.model_validate({"renditions": [slow]}))
        ended.append(time.monotonic())

    worker = threading.Thread(target=work)
    worker.start()
    while not _running(bench.run.directory):
        time.sleep(0.05)
    time.sleep(1)
    lost = time.monotonic()
    bench.run.lose()
    while _running(bench.run.directory) and time.monotonic() < lost + 5:
        time.sleep(0.02)
    gone = time.monotonic()
    worker.join()
    assert gone - lost < 1
    assert ended
    assert [path.name for path in bench.run.stored("").iterdir()] == ["long.mp4"]


def _running(directory: Path) -> list[int]:
    """The processes that work in a directory and write an output."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            words = (process / "cmdline").read_bytes()
            if b"out0.mp4" in words and (process / "cwd").readlink() == directory.resolve():
                found.append(int(process.name))
        except OSError:
            continue
    return found
