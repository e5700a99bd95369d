"""ffmpeg:cmd: what is allowed works on real media, and nothing gets out of the run's directory."""

import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import ValidationError

from mediajobs.errors import FfmpegFailed, InvalidMedia, MediajobsError, SourceNotFound
from mediajobs.media import ffmpeg
from mediajobs.media.probe import probe
from mediajobs.tools.ffmpeg import cmd
from mediajobs.tools.ffmpeg.cmd import Parameters
from mediajobs.tools.tool import Result
from tests.clip import clip
from tests.tool_run import LocalRun


def command(
    *arguments: str, inputs: Sequence[str] = ("clip.mp4",), outputs: Sequence[str] = ("out.mp4",)
) -> Parameters:
    return Parameters(inputs=list(inputs), outputs=list(outputs), arguments=list(arguments))


def ran(tmp_path: Path, parameters: Parameters, *clips: str) -> tuple[LocalRun, Result]:
    run = LocalRun(tmp_path)
    for name in clips or ("clip.mp4",):
        run.add(clip(name))
    return run, cmd.run(run, parameters)


def test_a_clip_is_scaled_and_cut(tmp_path: Path) -> None:
    run, result = ran(
        tmp_path,
        command(
            *[
                "-ss",
                "0.5",
                "-i",
                "{in:clip.mp4}",
                "-t",
                "1",
                "-vf",
                "scale=64:-2",
                "-c:v",
                "libx264",
                "-c:a",
                "copy",
                "{out:out.mp4}",
            ]
        ),
    )
    made = probe(run, run.stored("out.mp4"))
    assert made.video is not None
    assert (made.video.width, made.video.height) == (64, 36)
    assert made.duration == pytest.approx(1, abs=0.1)
    assert [file.name for file in result.files] == ["out.mp4"]
    assert result.usage.seconds_in == pytest.approx(2, abs=0.1)
    assert result.usage.seconds_out == pytest.approx(1, abs=0.1)
    assert result.usage.bytes_in == clip("clip.mp4").stat().st_size
    assert "ffmpeg -nostdin" in run.text
    assert run.fractions[-1] == 1


def test_several_inputs_and_outputs_and_a_complex_filter(tmp_path: Path) -> None:
    parameters = command(
        *["-i", "{in:clip.mp4}", "-i", "{in:logo.png}", "-filter_complex"],
        "[0:v][1:v] overlay=x='W-w-4':y=4, split=2 [big][s]; [s] scale=64:36 [small]",
        *[
            "-map",
            "[big]",
            "-map",
            "0:a",
            "-c:a",
            "aac",
            "{out:sub/big.mkv}",
            "-map",
            "[small]",
            "-frames:v",
            "1",
            "{out:small.png}",
        ],
        inputs=["clip.mp4", "logo.png"],
        outputs=["sub/big.mkv", "small.png"],
    )
    run, result = ran(tmp_path, parameters, "clip.mp4", "logo.png")
    assert probe(run, run.stored("sub/big.mkv")).format.startswith("matroska")
    picture = probe(run, run.stored("small.png"))
    assert picture.video is not None
    assert (picture.video.codec, picture.video.width) == ("png", 64)
    assert {file.name for file in result.files} == {"sub/big.mkv", "small.png"}


def test_test_picture_and_sound_need_no_input(tmp_path: Path) -> None:
    parameters = command(
        *["-f", "lavfi", "-i", "testsrc2=size=64x36:duration=1", "-f", "lavfi", "-i", "sine=440:duration=1"],
        *["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "{out:out.mp4}"],
        inputs=[],
    )
    run, _ = ran(tmp_path, parameters)
    made = probe(run, run.stored("out.mp4"))
    assert made.video
    assert made.audio


def test_raw_input_is_read_in_the_format_that_is_given(tmp_path: Path) -> None:
    raw = tmp_path / "frames.raw"
    raw.write_bytes(bytes(16 * 16 * 3 // 2) * 25)
    run = LocalRun(tmp_path / "job")
    run.add(raw)
    cmd.run(
        run,
        command(
            *[
                "-f",
                "rawvideo",
                "-video_size",
                "16x16",
                "-pixel_format",
                "yuv420p",
                "-framerate",
                "25",
                "-i",
                "{in:frames.raw}",
            ],
            "{out:out.mp4}",
            inputs=["frames.raw"],
        ),
    )
    assert probe(run, run.stored("out.mp4")).duration == pytest.approx(1, abs=0.1)


def test_a_measuring_run_says_its_figures_in_the_log(tmp_path: Path) -> None:
    run, result = ran(
        tmp_path, command(*["-i", "{in:clip.mp4}", "-af", "volumedetect", "-f", "null", "-"], outputs=[])
    )
    assert "mean_volume: -21" in run.text
    assert result.files == []


def test_no_name_of_the_callers_reaches_ffmpeg(tmp_path: Path) -> None:
    run = LocalRun(tmp_path)
    run.add(clip("clip.mp4"), "-report %03d.mp4")
    cmd.run(
        run,
        command(
            "-i",
            "{in:-report %03d.mp4}",
            "-c",
            "copy",
            "{out:concat:a|b.mp4}",
            inputs=["-report %03d.mp4"],
            outputs=["concat:a|b.mp4"],
        ),
    )
    (line,) = [line for line in run.lines if line.startswith("ffmpeg -nostdin")]
    assert "report" not in line
    assert "concat" not in line
    assert run.stored("concat:a|b.mp4").is_file()


def test_an_output_that_stays_empty_fails_the_task(tmp_path: Path) -> None:
    with pytest.raises(FfmpegFailed):
        ran(
            tmp_path,
            command(
                *["-ss", "100", "-i", "{in:clip.mp4}", "-frames:v", "1", "{out:a.png}"], outputs=["a.png"]
            ),
        )


def test_a_missing_input_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound):
        ran(tmp_path, command(*["-i", "{in:other.mp4}", "{out:out.mp4}"], inputs=["other.mp4"]))


def test_a_playlist_dressed_as_a_clip_is_not_followed(tmp_path: Path) -> None:
    listing = tmp_path / "list.mp4"
    listing.write_text(f"#EXTM3U\n#EXTINF:1,\n{clip('clip.mp4')}\n#EXT-X-ENDLIST\n")
    run = LocalRun(tmp_path / "job")
    run.add(listing, "clip.mp4")
    with pytest.raises(InvalidMedia):
        cmd.run(run, command(*["-i", "{in:clip.mp4}", "-c", "copy", "{out:out.mp4}"]))


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"arguments": ["-i", "/etc/passwd", "{out:a.mp4}"], "outputs": ["a.mp4"]}, r"arguments\[1\]"),
        ({"arguments": ["-i", "{in:a}", "-vf", "movie=x", "{out:a.mp4}"]}, r"filter 'movie' is not allowed"),
        ({"arguments": ["-i", "{in:a}", "{out:a.mp4}"], "outputs": ["a.mp4"]}, r"inputs: 'a' stands in"),
        ({"arguments": ["-i", "{in:a}", "{out:a.mp4}"], "inputs": ["a"]}, r"outputs: 'a.mp4' stands in"),
        (
            {"arguments": ["-i", "{in:a}", "-f", "null", "-"], "inputs": ["a", "b"]},
            r"inputs: 'b' does not stand",
        ),
        ({"arguments": []}, "at least 1 item"),
        ({"arguments": ["-i", "{in:../a}", "-f", "null", "-"], "inputs": ["../a"]}, r"neither \. nor \.\."),
        ({"arguments": ["x" * 9000]}, "at most 8192"),
        ({"arguments": ["-an"] * 300}, "at most 256"),
    ],
)
def test_what_is_not_allowed_is_refused_at_submission_with_the_rule(
    parameters: dict[str, list[str]], says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        Parameters.model_validate(parameters)


#: Accepted lists that try hardest to get at something.
STRAINED = [
    "-i {in:clip.mp4} -metadata comment=file:{canary} -c copy {out:out.mp4}",
    "-i {in:clip.mp4} -metadata title=http://127.0.0.1:{port}/ -c copy {out:out.mkv}",
    "-i {in:clip.mp4} -vf scale=w={canary}:h=2 {out:out.mp4}",
    "-i {in:clip.mp4} -vf eq=http\\\\://127.0.0.1\\\\:{port}/ {out:out.mp4}",
    "-i {in:clip.mp4} -vf haldclut={canary} {out:out.mp4}",
    "-i {in:clip.mp4} -vf curves=preset={canary} {out:out.mp4}",
    "-i {in:clip.mp4} -af pan={canary} {out:out.mp4}",
    "-f lavfi -i testsrc2=d=1:r={canary} {out:out.mp4}",
    "-f lavfi -i haldclutsrc=http\\\\://127.0.0.1\\\\:{port}/ {out:out.mp4}",
    "-i {in:clip.mp4} -vf select={canary} -f null -",
    "-i {in:clip.mp4} -map_metadata 0 -c copy -f mpegts {out:http.ts}",
]


def test_the_boldest_accepted_lists_reach_no_file_and_no_address(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text("CANARY-5d1f")
    hits: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                hits.append("hit")
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        for number, line in enumerate(STRAINED):
            filled = line.replace("{canary}", str(canary)).replace("{port}", str(listener.getsockname()[1]))
            arguments = filled.split()
            outputs = [word[5:-1] for word in arguments if word.startswith("{out:")]
            inputs = ["clip.mp4"] if "{in:clip.mp4}" in arguments else []
            run = LocalRun(tmp_path / str(number))
            run.add(clip("clip.mp4"))
            with suppress(MediajobsError):
                cmd.run(run, command(*arguments, inputs=inputs, outputs=outputs))
            assert not _holds(run.root, "CANARY-5d1f")
            assert "CANARY-5d1f" not in run.text
        over.set()
        thread.join()
    assert hits == []
    assert canary.read_text() == "CANARY-5d1f"


def _holds(directory: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in directory.rglob("*") if path.is_file())


def test_the_hardening_stands_before_every_input(tmp_path: Path) -> None:
    run, _ = ran(
        tmp_path,
        command(
            *[
                "-i",
                "{in:clip.mp4}",
                "-f",
                "lavfi",
                "-i",
                "sine=d=1",
                "-c:v",
                "copy",
                "-shortest",
                "{out:out.mp4}",
            ]
        ),
    )
    (line,) = [line for line in run.lines if line.startswith("ffmpeg -nostdin")]
    assert line.count("-protocol_whitelist file,pipe,fd") == 2
    assert line.count(f"-max_pixels {ffmpeg.MAX_PIXELS}") == 2


@pytest.mark.parametrize("strict", [True, False])
def test_a_damaged_picture_ends_the_command_only_where_that_is_asked_for(
    tmp_path: Path, strict: bool
) -> None:
    run = LocalRun(tmp_path)
    damaged = tmp_path / "clip.mp4"
    content = bytearray(clip("clip.mp4").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = b"\xff" * 2000
    damaged.write_bytes(content)
    run.add(damaged)
    wanted = command("-i", "{in:clip.mp4}", "{out:out.mp4}", *["-xerror"] * strict)
    if strict:
        with pytest.raises(FfmpegFailed):
            cmd.run(run, wanted)
    else:
        assert cmd.run(run, wanted).files
