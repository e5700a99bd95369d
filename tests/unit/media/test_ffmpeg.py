"""How ffmpeg is started, what the task's log shows of it, and which error it ends with."""

from pathlib import Path

import pytest

from mediajobs.errors import FfmpegFailed, InvalidMedia, LimitExceeded, RunLost
from mediajobs.media.ffmpeg import (
    MAX_PIXELS,
    Input,
    Output,
    command,
    link,
    place,
    run_ffmpeg,
)
from tests.clip import clip
from tests.tool_run import LocalRun

NOTHING = Output("-", ("-f", "null"))


@pytest.fixture
def bench(tmp_path: Path) -> LocalRun:
    run = LocalRun(tmp_path / "bench")
    run.add(clip("clip.mp4"), "my holiday.mp4")
    return run


def test_every_input_is_read_behind_closed_doors() -> None:
    arguments = command([Input("in0.bin"), Input("in1.bin", ("-ss", "1"))], [NOTHING])
    for name in ("in0.bin", "in1.bin"):
        before = arguments[: arguments.index(name)]
        last = before[len(before) - before[::-1].index("-protocol_whitelist") - 1 :]
        assert last[1] == "file,pipe,fd"
        assert "-format_whitelist" in last
        assert last[last.index("-max_pixels") + 1] == str(MAX_PIXELS)
    assert "-nostdin" in arguments


@pytest.mark.parametrize(
    "format_name", ["hls", "concat", "dash", "sdp", "lavfi", "image2", "rtsp", "svg_pipe"]
)
def test_no_format_that_refers_elsewhere_is_read(format_name: str) -> None:
    arguments = command([Input("in0.bin")], [NOTHING])
    allowed = arguments[arguments.index("-format_whitelist") + 1].split(",")
    assert format_name not in allowed


@pytest.mark.parametrize(
    "name", ["http://x/y", "/etc/passwd", "../x", "a/../b", "-y", "concat:a", "tee:a|b", "a b", "x;y", ""]
)
def test_only_plain_local_names_are_read_and_written(name: str) -> None:
    with pytest.raises(ValueError, match="plain local name"):
        command([Input(name)], [NOTHING])
    with pytest.raises(ValueError, match="plain local name"):
        command([Input("in0.bin")], [Output(name)])


def test_a_callers_name_stands_in_the_log_and_not_in_the_command(bench: LocalRun) -> None:
    source = place(bench, "my holiday.mp4")
    run_ffmpeg(bench, command([source], [NOTHING]), 2)
    log = bench.text.splitlines()
    assert log[0] == "in0.bin is 'my holiday.mp4'"
    assert log[1].startswith("ffmpeg -nostdin")
    assert "holiday" not in log[1]


def test_a_file_keeps_its_local_name_and_others_get_theirs(bench: LocalRun) -> None:
    bench.add(clip("tone.wav"))
    assert place(bench, "my holiday.mp4") == place(bench, "my holiday.mp4") == Input("in0.bin")
    assert link(bench, bench.open("tone.wav")) == Input("in1.bin")


def test_progress_goes_through_the_part_of_the_task_that_is_the_commands(bench: LocalRun) -> None:
    source = place(bench, "my holiday.mp4")
    run_ffmpeg(bench, command([source], [NOTHING]), 2, start=0.25, span=0.5)
    assert bench.fractions
    assert all(0.25 <= fraction <= 0.75 for fraction in bench.fractions)
    assert bench.fractions[-1] == 0.75


def test_messages_are_given_without_level_and_address(bench: LocalRun) -> None:
    lines: list[str] = []
    source = place(bench, "my holiday.mp4")
    loud = Output("-", ("-af", "volumedetect", "-f", "null"))
    run_ffmpeg(bench, command([source], [loud]), 2, on_line=lines.append)
    assert any(line.startswith("[Parsed_volumedetect_0] mean_volume: -") for line in lines)
    assert not any(" @ 0x" in line or "[info]" in line for line in lines)
    assert not any(line.startswith("out_time") for line in lines)


def test_warnings_and_errors_stand_in_the_log_in_measure(bench: LocalRun, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ts"
    data = bytearray(clip("clip.ts").read_bytes())
    for spot in range(2000, len(data), 700):
        data[spot : spot + 60] = bytes(60)
    broken.write_bytes(data)
    bench.add(broken)
    run_ffmpeg(bench, command([place(bench, "broken.ts")], [Output("-", ("-an", "-f", "null"))]), 2)
    assert 5 < len(bench.lines) <= 105
    assert not any("[info]" in line or "[error]" in line for line in bench.lines)


def test_what_cannot_be_read_is_invalid_media(bench: LocalRun, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no media at all" * 100)
    bench.add(tmp_path / "x", "x.mp4")
    with pytest.raises(InvalidMedia, match="Invalid data found"):
        run_ffmpeg(bench, command([place(bench, "x.mp4")], [NOTHING]), 2)


def test_what_cannot_be_done_fails_with_the_telling_line(bench: LocalRun) -> None:
    wrong = Output("out.mp4", ("-c:v", "no_such_codec"))
    with pytest.raises(FfmpegFailed, match="Unknown encoder 'no_such_codec'"):
        run_ffmpeg(bench, command([place(bench, "my holiday.mp4")], [wrong]), 2)


def test_too_many_pixels_are_a_limit(bench: LocalRun, tmp_path: Path) -> None:
    bench.add(clip("bomb.png"))
    with pytest.raises(LimitExceeded, match="pixels"):
        run_ffmpeg(bench, command([place(bench, "bomb.png")], [NOTHING]), None)


def test_a_lost_run_stays_lost(bench: LocalRun) -> None:
    source = place(bench, "my holiday.mp4")
    bench.lines.clear()
    bench.lost = True
    with pytest.raises(RunLost):
        run_ffmpeg(bench, command([source], [NOTHING]), 2)
