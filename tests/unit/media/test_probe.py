"""What is read from real files of many kinds."""

from fractions import Fraction
from pathlib import Path

import pytest

from mediajobs.errors import InvalidMedia, LimitExceeded
from mediajobs.media import probe as module
from mediajobs.media.probe import probe
from mediajobs.media.report import read_report
from mediajobs.media.stream import AudioStream, OtherStream, Probe, SubtitleStream, VideoStream
from tests.clip import clip
from tests.tool_run import LocalRun


def look(path: Path, tmp_path: Path) -> Probe:
    return probe(LocalRun(tmp_path), path)


def video(path: Path, tmp_path: Path) -> VideoStream:
    found = look(path, tmp_path).video
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "container", "codecs"),
    [
        ("clip.mp4", "mov,mp4,m4a,3gp,3g2,mj2", ["h264", "aac"]),
        ("tongues.mkv", "matroska,webm", ["hevc", "ac3", "ac3"]),
        ("clip.webm", "matroska,webm", ["vp9", "opus"]),
        ("clip.ts", "mpegts", ["mpeg2video", "mp2"]),
        ("av1.mp4", "mov,mp4,m4a,3gp,3g2,mj2", ["av1"]),
        ("bare.264", "h264", ["h264"]),
        ("tone.mp3", "mp3", ["mp3"]),
        ("tone.wav", "wav", ["pcm_s16le"]),
        ("tone.flac", "flac", ["flac"]),
        ("tone.ogg", "ogg", ["vorbis"]),
    ],
)
def test_container_codecs_and_duration_are_told(
    name: str, container: str, codecs: list[str], tmp_path: Path
) -> None:
    found = look(clip(name), tmp_path)
    assert found.format == container
    assert [stream.codec for stream in found.streams] == codecs
    assert found.duration == pytest.approx(2, abs=0.1)
    assert found.size == clip(name).stat().st_size
    assert found.duration is not None
    assert found.bit_rate == pytest.approx(found.size * 8 / found.duration, rel=0.1)
    assert not found.still


@pytest.mark.parametrize(
    ("name", "codec"), [("still.png", "png"), ("still.jpg", "mjpeg"), ("still.webp", "webp")]
)
def test_a_still_picture_has_a_size_and_no_duration(name: str, codec: str, tmp_path: Path) -> None:
    found = look(clip(name), tmp_path)
    assert found.still
    assert found.duration is None
    assert found.video is not None
    assert (found.video.codec, found.video.width, found.video.height) == (codec, 128, 72)


def test_a_picture_is_told_in_full(tmp_path: Path) -> None:
    assert video(clip("clip.mp4"), tmp_path) == VideoStream(
        index=0,
        codec="h264",
        width=128,
        height=72,
        profile="Constrained Baseline",
        pixel_format="yuv420p",
        frame_rate=Fraction(25),
        field_order="progressive",
        bit_rate=video(clip("clip.mp4"), tmp_path / "again").bit_rate,
        default=True,
    )


def test_sound_is_told_in_full(tmp_path: Path) -> None:
    found = look(clip("tone.wav"), tmp_path)
    assert found.audios == (
        AudioStream(0, "pcm_s16le", sample_rate=44100, channels=1, layout="mono", bit_rate=705000),
    )
    assert found.video is None


def test_the_channels_of_surround_sound_are_counted(tmp_path: Path) -> None:
    audio = look(clip("surround.wav"), tmp_path).audio
    assert audio is not None
    assert (audio.channels, audio.layout) == (6, "5.1")


def test_a_picture_without_sound_has_no_audio(tmp_path: Path) -> None:
    found = look(clip("silent.mp4"), tmp_path)
    assert found.audio is None
    assert len(found.videos) == 1


@pytest.mark.parametrize(
    ("name", "rate"),
    [("ntsc.mp4", Fraction(30000, 1001)), ("film.mov", Fraction(24000, 1001)), ("clip.mp4", Fraction(25))],
)
def test_frame_rates_are_exact(name: str, rate: Fraction, tmp_path: Path) -> None:
    assert video(clip(name), tmp_path).frame_rate == rate


def test_uneven_frames_are_seen(tmp_path: Path) -> None:
    assert video(clip("uneven.mp4"), tmp_path).variable_frame_rate
    assert not video(clip("clip.mp4"), tmp_path / "even").variable_frame_rate


def test_a_turned_picture_is_as_wide_as_it_is_shown(tmp_path: Path) -> None:
    turned = video(clip("turned.mp4"), tmp_path)
    assert turned.rotation == 90
    assert (turned.width, turned.height) == (128, 72)
    assert (turned.display_width, turned.display_height) == (72, 128)
    assert turned.display_aspect_ratio == Fraction(9, 16)


def test_pixels_that_are_not_square_widen_the_picture(tmp_path: Path) -> None:
    wide = video(clip("wide.mp4"), tmp_path)
    assert wide.sample_aspect_ratio == Fraction(4, 3)
    assert wide.display_aspect_ratio == Fraction(64, 27)
    assert (wide.display_width, wide.display_height) == (171, 72)


def test_interlaced_pictures_say_which_field_comes_first(tmp_path: Path) -> None:
    fields = video(clip("fields.mp4"), tmp_path)
    assert fields.interlaced
    assert fields.field_order == "top"


def test_languages_and_the_default_track_are_told(tmp_path: Path) -> None:
    found = look(clip("tongues.mkv"), tmp_path)
    assert [audio.language for audio in found.audios] == ["eng", "deu"]
    assert found.audio is found.audios[1]


def test_subtitles_are_told(tmp_path: Path) -> None:
    found = look(clip("words.mkv"), tmp_path)
    assert found.subtitles == (SubtitleStream(2, "subrip", "fra", forced=True),)


def test_a_cover_is_not_the_picture(tmp_path: Path) -> None:
    found = look(clip("cover.mp3"), tmp_path)
    assert found.video is None
    cover = found.streams[1]
    assert isinstance(cover, VideoStream)
    assert cover.attached


def test_the_json_of_a_probe_names_every_figure(tmp_path: Path) -> None:
    told = look(clip("turned.mp4"), tmp_path).json()
    assert told["duration_seconds"] == pytest.approx(2, abs=0.1)
    assert told["streams"][0]["display_height"] == 128
    assert told["streams"][0]["frame_rate_fraction"] == "25/1"
    assert told["streams"][0]["display_aspect_ratio"] == "9:16"


def test_what_is_no_media_is_refused_with_the_reason(tmp_path: Path) -> None:
    junk = tmp_path / "junk.mp4"
    junk.write_bytes(bytes(range(256)) * 4)
    with pytest.raises(InvalidMedia, match="Invalid data found when processing input"):
        look(junk, tmp_path / "run")


def test_a_file_that_breaks_off_is_refused_with_the_reason(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(clip("clip.mp4").read_bytes()[:5000])
    with pytest.raises(InvalidMedia, match="moov atom not found"):
        look(broken, tmp_path / "run")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    with pytest.raises(InvalidMedia):
        look(empty, tmp_path / "run")


def test_a_picture_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded, match="pixels"):
        look(clip("bomb.png"), tmp_path)


def test_a_file_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_DURATION", 1)
    with pytest.raises(LimitExceeded, match="longer"):
        look(clip("clip.mp4"), tmp_path)


def test_a_file_of_too_many_streams_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediajobs.media.ffmpeg.HARDENED", ("-max_streams", "1"))
    with pytest.raises(LimitExceeded, match="streams"):
        look(clip("clip.mp4"), tmp_path)


REPORT = """\
Input #0, mpegts, from 'in0.bin':
  Duration: 27:46:40.50, start: 1.400000, bitrate: 5012 kb/s
  Program 1
    Metadata:
      service_name    : Service01
  Stream #0:0[0x100]: Video: h264 (High) (HDMV / 0x564D4448), yuv420p(tv, bt709, top coded first (swapped)), \
1440x1080 [SAR 1:1 DAR 4:3], SAR 4:3 DAR 16:9, 59.94 fps, 119.88 tbr, 90k tbn
  Stream #0:1[0x101](eng): Audio: dts (DTS-HD MA) (HDMV / 0x564D4448), 48000 Hz, 7.1, s32p (24 bit), 1509 kb/s
  Stream #0:2[0x102]: Audio: pcm_s24le, 48000 Hz, 3 channels (FL+FR+LFE), s32, 3456 kb/s (default)
  Stream #0:3[0x103]: Data: bin_data ([6][0][0][0] / 0x0006)
  Stream #0:4[0x104]: Video: none, none, 25 fps
  Stream #0:0[0x100]: Video: repeated, yuv420p, 1x1, 1 fps
"""


def test_a_broadcast_report_is_read() -> None:
    found = read_report(REPORT.splitlines(), size=7)
    assert found is not None
    assert found.duration == 27 * 3600 + 46 * 60 + 40.5
    picture, first, second, data, blind = found.streams
    assert isinstance(picture, VideoStream)
    assert isinstance(first, AudioStream)
    assert isinstance(second, AudioStream)
    assert picture.display_aspect_ratio == Fraction(16, 9)
    assert picture.field_order == "bottom"
    assert picture.frame_rate == Fraction(60000, 1001)
    assert not picture.variable_frame_rate
    assert (first.channels, first.profile, first.bit_rate) == (8, "DTS-HD MA", 1509000)
    assert (second.channels, second.layout, second.default) == (3, None, True)
    assert data == OtherStream(3, "data", "bin_data")
    assert blind == OtherStream(4, "video", "none")


@pytest.mark.parametrize(
    "line",
    [
        "  Stream #0:0: Video: h264, yuv420p, 0x0, 0 fps",
        "  Stream #0:0: Video: ",
        "  Stream #0:0: Video: h264 ((((, yuv420p)))], 1x1 [SAR 0:0 DAR 0:0], 0k tbr",
        "  Stream #0:0: Audio: aac, Hz, stereo",
        "  Stream #0:0: Audio: aac, 0 Hz, ....",
        "  Duration: 99:99:99.99, start: x, bitrate: y",
        "      Display Matrix: rotation of nan degrees",
    ],
)
def test_no_report_breaks_the_reader(line: str) -> None:
    assert read_report(["Input #0, mov, from 'x':", line], size=1) is not None
