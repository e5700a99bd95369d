"""media:package, judged by playing what comes out from local files."""

import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import imageio_ffmpeg
import pytest
from pydantic import ValidationError

from mediajobs.errors import InvalidMedia, InvalidParameters, LimitExceeded
from mediajobs.media.ladder import rung, usual_heights
from mediajobs.media.stream import VideoStream
from mediajobs.tools.media import package
from mediajobs.tools.media.package import Parameters
from mediajobs.tools.tool import Result
from tests.clip import clip
from tests.tool_run import LocalRun

DASH = "{urn:mpeg:dash:schema:mpd:2011}"


def ffmpeg(*arguments: object, check: bool = True) -> str:
    done = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-y", *map(str, arguments)],
        check=check,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.stdout + done.stderr


def packaged(tmp_path: Path, *clips: str, **parameters: Any) -> tuple[LocalRun, Result]:
    run = LocalRun(tmp_path)
    for name in clips:
        run.add(clip(name))
    result = package.run(run, Parameters.model_validate({"speed": "fastest", **parameters}))
    return run, result


def played(path: Path) -> dict[str, int]:
    """How many frames and packets of each stream a player gets; fails where anything is amiss."""
    said = ffmpeg("-loglevel", "warning", "-xerror", "-i", path.resolve(), "-map", "0", "-f", "null", "-")
    assert said == ""
    counted = ffmpeg("-i", path.resolve(), "-map", "0:v", "-f", "framecrc", "-")
    frames: dict[str, int] = {}
    for line in counted.splitlines():
        if found := re.match(r"(\d+),", line):
            frames[found[1]] = frames.get(found[1], 0) + 1
    return frames


def sizes(path: Path) -> set[str]:
    said = ffmpeg("-i", path.resolve(), check=False)
    return set(re.findall(r"Video: .*? (\d{2,5}x\d{2,5})", said))


def attributes(line: str) -> dict[str, str]:
    return {key: value.strip('"') for key, value in re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', line)}


def variants(master: Path) -> list[dict[str, str]]:
    lines = master.read_text().splitlines()
    return [
        {**attributes(line), "URI": lines[number + 1]}
        for number, line in enumerate(lines)
        if line.startswith("#EXT-X-STREAM-INF:")
    ]


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> tuple[LocalRun, Result]:
    """One source made into three renditions for both kinds of player."""
    return packaged(
        tmp_path_factory.mktemp("ladder"),
        "wide.mkv",
        segment_seconds=2,
        renditions=[{"height": 240}, {"height": 360, "bit_rate": 700_000}, {"height": 120}],
    )


def test_hls_plays_in_every_size_and_at_full_length(ladder: tuple[LocalRun, Result]) -> None:
    run, result = ladder
    master = run.stored(result.data["hls"])
    assert result.data["hls"] == "wide/master.m3u8"
    assert sizes(master) == {"640x360", "426x240", "214x120"}
    assert list(played(master).values()) == [150, 150, 150]


def test_dash_plays_the_same_segments(ladder: tuple[LocalRun, Result]) -> None:
    run, result = ladder
    manifest = run.stored(result.data["dash"])
    assert sizes(manifest) == {"640x360", "426x240", "214x120"}
    assert list(played(manifest).values()) == [150, 150, 150]
    root = ElementTree.parse(manifest).getroot()
    assert root.attrib["type"] == "static"
    assert root.attrib["mediaPresentationDuration"] == "PT5.0S"
    segments = [file.name for file in result.files if file.name.endswith(".m4s")]
    listed = "".join(
        run.stored(f"wide/{track}").read_text() for track in ("video-0.m3u8", "audio-3.m3u8", "audio-4.m3u8")
    )
    for name in segments:
        if "segment-1-" not in name and "segment-2-" not in name:
            assert name.removeprefix("wide/") in listed


def test_the_master_playlist_tells_what_the_segments_hold(ladder: tuple[LocalRun, Result]) -> None:
    run, _ = ladder
    master = run.stored("wide/master.m3u8")
    by_size = {variant["RESOLUTION"]: variant for variant in variants(master)}
    assert list(by_size) == ["640x360", "426x240", "214x120"]
    for variant in by_size.values():
        assert re.fullmatch(r"avc1\.[0-9a-f]{6},mp4a\.40\.2", variant["CODECS"])
        assert variant["FRAME-RATE"] == "29.970"
        assert int(variant["AVERAGE-BANDWIDTH"]) <= int(variant["BANDWIDTH"])
    # The peak is that of the most costly segment of the picture, and of the sound beside it.
    playlist = run.stored("wide/video-0.m3u8").read_text()
    durations = [float(value) for value in re.findall(r"#EXTINF:([\d.]+)", playlist)]
    files = re.findall(r"^segment.*", playlist, re.MULTILINE)
    rates = [
        run.stored(f"wide/{file}").stat().st_size * 8 / seconds
        for file, seconds in zip(files, durations, strict=True)
    ]
    assert max(rates) < int(by_size["640x360"]["BANDWIDTH"]) < max(rates) + 300_000
    assert max(rates) < 700_000 * 1.5
    manifest = ElementTree.parse(run.stored("wide/manifest.mpd"))
    bandwidths = [int(each.attrib["bandwidth"]) for each in manifest.iter(f"{DASH}Representation")]
    assert bandwidths[0] == pytest.approx(max(rates), rel=0.01)


def test_segments_of_all_renditions_are_cut_at_the_same_frames(ladder: tuple[LocalRun, Result]) -> None:
    run, _ = ladder
    cuts = {
        tuple(re.findall(r"#EXTINF:([\d.]+)", run.stored(f"wide/video-{number}.m3u8").read_text()))
        for number in range(3)
    }
    assert len(cuts) == 1
    # 60 frames of 30000/1001 a second, which is the first number of whole frames in two seconds.
    assert [float(cut) for cut in cuts.pop()] == pytest.approx([2.002, 2.002, 1.001], abs=0.001)
    # Every segment stands for itself: it begins with a key frame and can be decoded behind its header.
    for number in (1, 2, 3):
        whole = run.stored("wide/init-1.mp4").read_bytes()
        whole += run.stored(f"wide/segment-1-0000{number}.m4s").read_bytes()
        alone = run.root / f"alone-{number}.mp4"
        alone.write_bytes(whole)
        said = ffmpeg("-loglevel", "warning", "-xerror", "-i", alone, "-f", "null", "-")
        assert said == ""


def test_every_sound_is_a_track_of_its_own_with_its_language(ladder: tuple[LocalRun, Result]) -> None:
    run, result = ladder
    lines = run.stored("wide/master.m3u8").read_text().splitlines()
    sounds = [attributes(line) for line in lines if line.startswith("#EXT-X-MEDIA:")]
    assert [(sound["LANGUAGE"], sound["DEFAULT"]) for sound in sounds] == [("eng", "YES"), ("deu", "NO")]
    assert len({sound["NAME"] for sound in sounds}) == 2
    tracks = [track for track in result.data["tracks"] if track["type"] == "audio"]
    assert [track["language"] for track in tracks] == ["eng", "deu"]
    assert played(run.stored("wide/audio-3.m3u8").parent / "video-0.m3u8")


def test_playlists_are_for_video_on_demand(ladder: tuple[LocalRun, Result]) -> None:
    run, _ = ladder
    for name in ("video-0", "audio-3"):
        text = run.stored(f"wide/{name}.m3u8").read_text()
        assert "#EXT-X-PLAYLIST-TYPE:VOD" in text
        assert "#EXT-X-ENDLIST" in text
        assert "PROGRAM-DATE-TIME" not in text
        found = re.search(r"TARGETDURATION:(\d+)", text)
        assert found is not None
        target = int(found[1])
        assert all(round(float(value)) <= target for value in re.findall(r"#EXTINF:([\d.]+)", text))


def test_every_file_is_stored_under_the_name_with_its_type(ladder: tuple[LocalRun, Result]) -> None:
    run, result = ladder
    assert all(file.name.startswith("wide/") for file in result.files)
    types = {Path(file.name).suffix: file.content_type for file in result.files}
    assert types[".m3u8"] in {"application/vnd.apple.mpegurl", "application/x-mpegurl"}
    assert types[".mpd"] == "application/dash+xml"
    assert types[".m4s"] == "video/iso.segment"
    assert types[".mp4"] == "video/mp4"
    names = [file.name for file in result.files]
    assert names.index("wide/segment-0-00001.m4s") < names.index("wide/master.m3u8")
    assert not any("ffmpeg" in name or "media_" in name for name in names)
    assert result.usage.seconds_out == pytest.approx(15, abs=0.3)
    assert run.fractions[-1] == 1


def test_a_package_in_single_files_plays_too(tmp_path: Path) -> None:
    run, result = packaged(tmp_path, "clip.mp4", segment_seconds=1, single_file=True, name="show/one")
    names = sorted(file.name for file in result.files)
    assert names == [
        "show/one/audio-1.m3u8",
        "show/one/manifest.mpd",
        "show/one/master.m3u8",
        "show/one/track-0.mp4",
        "show/one/track-1.mp4",
        "show/one/video-0.m3u8",
    ]
    assert "#EXT-X-BYTERANGE" in run.stored("show/one/video-0.m3u8").read_text()
    assert list(played(run.stored("show/one/master.m3u8")).values()) == [50]
    assert list(played(run.stored("show/one/manifest.mpd")).values()) == [50]
    for track in ("track-0", "track-1"):
        playlist = track.replace("track-0", "video-0").replace("track-1", "audio-1")
        listed = run.stored(f"show/one/{playlist}.m3u8")
        sizes = [int(size) for size in re.findall(r"BYTERANGE:(\d+)@", listed.read_text())]
        assert indexed(run.stored(f"show/one/{track}.mp4"), run.stored("show/one/manifest.mpd")) == sizes


def indexed(track: Path, manifest: Path) -> list[int]:
    """The sizes of the segments by the index that the DASH manifest points to."""
    (base,) = [
        representation.find(f"{DASH}SegmentBase")
        for representation in ElementTree.parse(manifest).iter(f"{DASH}Representation")
        if representation.findtext(f"{DASH}BaseURL") == track.name
    ]
    assert base is not None
    start, end = map(int, base.attrib["indexRange"].split("-"))
    index = track.read_bytes()[start : end + 1]
    assert index[4:9] == b"sidx\x01"
    return [int.from_bytes(index[at : at + 4]) & 0x7FFFFFFF for at in range(40, len(index), 12)]


def test_only_the_formats_that_are_asked_for_are_stored(tmp_path: Path) -> None:
    _, result = packaged(tmp_path, "clip.mp4", formats=["hls"])
    assert not any(file.name.endswith(".mpd") for file in result.files)
    assert "dash" not in result.data
    _, result = packaged(tmp_path / "b", "clip.mp4", formats=["dash"])
    assert not any(file.name.endswith(".m3u8") for file in result.files)
    assert "hls" not in result.data


def test_sound_alone_and_picture_alone_are_packaged(tmp_path: Path) -> None:
    run, result = packaged(tmp_path, "tone.mp3", segment_seconds=1)
    said = ffmpeg("-i", run.stored(result.data["hls"]).resolve(), "-f", "null", "-")
    assert "Audio: aac" in said
    assert variants(run.stored(result.data["hls"]))[0]["CODECS"] == "mp4a.40.2"
    run, result = packaged(tmp_path / "b", "silent.mp4")
    assert variants(run.stored(result.data["hls"]))[0]["CODECS"].startswith("avc1.")
    assert list(played(run.stored(result.data["hls"])).values()) == [50]


def test_an_upright_picture_stays_upright_and_square(tmp_path: Path) -> None:
    run, result = packaged(tmp_path, "turned.mp4", renditions=[{"height": 64}])
    (track,) = [track for track in result.data["tracks"] if track["type"] == "video"]
    assert (track["width"], track["height"]) == (64, 114)
    assert sizes(run.stored(result.data["hls"])) == {"64x114"}


@pytest.fixture(scope="module")
def renditions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files as a transcode leaves them: key frames each second, and one with other ones."""
    directory = tmp_path_factory.mktemp("renditions")
    for name, size, group, codec in (
        ("large.mp4", "320:180", 25, "libx264"),
        ("small.ts", "160:90", 25, "libx264"),
        ("modern.mp4", "160:90", 25, "libx265"),
        ("other.mp4", "160:90", 40, "libx264"),
    ):
        options = ["-x265-params", "log-level=none:open-gop=0:scenecut=0"] if codec == "libx265" else []
        ffmpeg(
            *("-i", clip("events.mp4"), "-vf", f"scale={size}", "-c:v", codec, *options),
            *("-preset", "ultrafast", "-g", group, "-keyint_min", group, "-sc_threshold", 0),
            *("-c:a", "aac", directory / name),
        )
    return directory


def copied(tmp_path: Path, renditions: Path, *names: str, **parameters: Any) -> tuple[LocalRun, Result]:
    run = LocalRun(tmp_path)
    for name in names:
        run.add(clip(name) if name.startswith("tone") else renditions / name)
    return run, package.run(run, Parameters(inputs=list(names), segment_seconds=2, name="copy", **parameters))


def test_transcoded_files_are_packaged_without_encoding(tmp_path: Path, renditions: Path) -> None:
    run, result = copied(tmp_path, renditions, "large.mp4", "small.ts")
    assert sizes(run.stored(result.data["hls"])) == {"320x180", "160x90"}
    assert list(played(run.stored(result.data["hls"])).values()) == [150, 150]
    assert list(played(run.stored(result.data["dash"])).values()) == [150, 150]
    assert [track["type"] for track in result.data["tracks"]] == ["video", "video", "audio"]
    before = ffmpeg("-loglevel", "error", "-i", renditions / "large.mp4", "-map", "0:v", "-f", "md5", "-")
    video = run.stored("copy/video-0.m3u8").resolve()
    assert ffmpeg("-loglevel", "error", "-i", video, "-map", "0:v", "-f", "md5", "-") == before


def test_files_of_two_codecs_and_a_sound_file_are_packaged_together(tmp_path: Path, renditions: Path) -> None:
    run, result = copied(tmp_path, renditions, "large.mp4", "modern.mp4", "tone.m4a")
    codecs = [variant["CODECS"] for variant in variants(run.stored(result.data["hls"]))]
    assert codecs[0].startswith("avc1.")
    # What ffmpeg says of the same stream while it encodes it.
    assert codecs[1] == "hvc1.1.6.L30.90,mp4a.40.2"
    (sound,) = [track for track in result.data["tracks"] if track["type"] == "audio"]
    assert sound["duration_seconds"] == pytest.approx(2, abs=0.1)


def test_files_with_key_frames_at_different_times_are_refused(tmp_path: Path, renditions: Path) -> None:
    with pytest.raises(InvalidMedia, match="key frames at different times"):
        copied(tmp_path, renditions, "large.mp4", "other.mp4")


def test_a_file_whose_codec_no_player_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidMedia, match="mpeg2video cannot be packaged"):
        packaged(tmp_path, "clip.ts", inputs=["clip.ts"])


def test_nothing_is_enlarged(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameters, match="720 is larger than the source, which has 72"):
        packaged(tmp_path, "clip.mp4", renditions=[{"height": 720}])


def test_a_package_of_too_many_files_is_refused_before_anything_is_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "MAX_FILES", 5)
    with pytest.raises(LimitExceeded, match="ask for single_file"):
        packaged(tmp_path, "clip.mp4", segment_seconds=1)


def test_a_still_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidMedia, match="still picture"):
        packaged(tmp_path, "still.png", input="still.png")


def video(width: int, height: int) -> VideoStream:
    return VideoStream(0, "h264", width, height)


@pytest.mark.parametrize(
    ("size", "heights"),
    [
        ((3840, 2160), [1080, 720, 480, 360, 240]),
        ((1920, 1080), [1080, 720, 480, 360, 240]),
        ((1080, 1920), [1080, 720, 480, 360, 240]),
        ((1024, 576), [576, 480, 360, 240]),
        ((854, 481), [480, 360, 240]),
        ((640, 201), [200]),
        ((128, 72), [72]),
    ],
)
def test_the_usual_ladder_follows_the_source(size: tuple[int, int], heights: list[int]) -> None:
    assert usual_heights(video(*size)) == heights


def test_a_smaller_picture_gets_fewer_bits_and_a_faster_one_more() -> None:
    rates = [rung(video(1920, 1080), height, None, Fraction(30)).bit_rate for height in (1080, 720, 240)]
    assert rates == [5_000_000, 2_720_000, 520_000]
    assert rung(video(1920, 1080), 1080, None, Fraction(60)).bit_rate > 6_000_000
    assert rung(video(1920, 1080), 240, None, Fraction(30)).width == 426
    assert rung(video(1080, 1920), 240, 100_000, Fraction(30)).height == 426


@pytest.mark.parametrize(
    "parameters",
    [
        {"formats": []},
        {"formats": ["hls", "hls"]},
        {"formats": ["smooth"]},
        {"segment_seconds": 0.1},
        {"renditions": []},
        {"renditions": [{"height": 241}]},
        {"renditions": [{"height": 240}, {"height": 240}]},
        {"inputs": ["a.mp4"], "input": "b.mp4"},
        {"inputs": ["a.mp4"], "renditions": [{"height": 240}]},
        {"inputs": ["a.mp4", "a.mp4"]},
        {"name": "../x"},
        {"name": "/x"},
    ],
    ids=str,
)
def test_parameters_that_make_no_sense_are_refused_at_submission(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Parameters.model_validate(parameters)


def test_a_track_without_a_single_frame_is_refused_by_its_number(tmp_path: Path) -> None:
    mute = tmp_path / "mute.mkv"
    streams = ("-map", "0:v", "-map", "0:a:0", "-c:v", "copy")
    ffmpeg("-i", clip("tongues.mkv"), *streams, "-filter:a", "atrim=end=0", mute)
    run = LocalRun(tmp_path / "run")
    run.add(mute)
    with pytest.raises(InvalidMedia, match=r"nothing of track 1 \(audio\) can be decoded"):
        package.run(run, Parameters(speed="fastest"))
