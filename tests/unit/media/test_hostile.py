"""No file makes ffmpeg read another file, reach the network, or take more than is its own."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mediajobs.errors import FfmpegFailed, InvalidMedia, InvalidParameters, LimitExceeded, ToolError
from mediajobs.media import ffmpeg
from mediajobs.media.probe import probe
from mediajobs.tools.media import probe as probe_tool
from mediajobs.tools.media import thumbnails, transcode
from mediajobs.tools.tool import Result
from tests.clip import clip
from tests.hostile import BROKEN, CANARY, DISGUISED, Listener, listen
from tests.tool_run import LocalRun


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with listen() as found:
        yield found


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A directory of what no job may read."""
    directory = tmp_path / "secrets"
    directory.mkdir()
    (directory / "secret.txt").write_bytes(CANARY)
    (directory / "clip.ts").write_bytes(clip("clip.ts").read_bytes())
    (directory / "still.png").write_bytes(clip("still.png").read_bytes())
    return directory


def hold(tmp_path: Path, data: bytes, name: str = "clip.mp4") -> LocalRun:
    """A run whose workspace has one file; where ffmpeg works, real media lies beside it."""
    run = LocalRun(tmp_path / "run")
    source = tmp_path / "source"
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(data)
    run.add(source, name)
    (run.directory / "clip.ts").write_bytes(clip("clip.ts").read_bytes())
    (run.stored("clip.ts")).write_bytes(clip("clip.ts").read_bytes())
    return run


def tools(run: LocalRun) -> list[Callable[[], Result]]:
    return [
        lambda: probe_tool.run(run, probe_tool.Parameters()),
        lambda: transcode.run(
            run,
            transcode.Parameters.model_validate(
                {"renditions": [{"video": {"speed": "fastest"}, "audio": {}}, {"preset": "copy-mp4"}]}
            ),
        ),
        lambda: thumbnails.run(run, thumbnails.Parameters()),
    ]


def refusal(tool: Callable[[], Result]) -> ToolError | None:
    try:
        tool()
    except ToolError as error:
        return error
    return None


def left(run: LocalRun) -> bytes:
    """All that a run left: its log and every file it made."""
    files = [
        path.read_bytes()
        for root in (run.directory, run.stored(""))
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink()
    ]
    return run.text.encode() + b"".join(files)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.m3u8"])
@pytest.mark.parametrize("kind", DISGUISED)
def test_a_file_that_refers_to_others_is_refused(
    kind: str, name: str, tmp_path: Path, secrets: Path, listener: Listener
) -> None:
    run = hold(tmp_path, DISGUISED[kind](secrets, listener.port), name)
    before = listener.hits
    errors = []
    for tool in tools(run) if name == "clip.mp4" else tools(run)[:1]:
        with pytest.raises((InvalidMedia, InvalidParameters)) as caught:
            tool()
        errors.append(str(caught.value))
    assert listener.hits == before
    assert CANARY not in left(run) + "".join(errors).encode()


def test_the_same_files_do_harm_where_the_doors_are_open(
    tmp_path: Path, secrets: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ffmpeg, "HARDENED", ("-f", "concat"))
    run = hold(tmp_path, DISGUISED["ffconcat of a sibling"](secrets, listener.port))
    assert probe(run, run.open("clip.mp4")).video is not None

    monkeypatch.setattr(ffmpeg, "HARDENED", ("-f", "hls", "-protocol_whitelist", "file,http,tcp"))
    before = listener.hits
    run = hold(tmp_path / "other", DISGUISED["hls of a url"](secrets, listener.port))
    refusal(lambda: probe_tool.run(run, probe_tool.Parameters()))
    assert listener.hits > before


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_media_ends_in_bounded_time_with_an_error_of_ours(kind: str, tmp_path: Path) -> None:
    run = hold(tmp_path, BROKEN[kind]())
    for tool in tools(run):
        began = time.monotonic()
        error = refusal(tool)
        assert time.monotonic() - began < 10
        assert isinstance(error, InvalidMedia | InvalidParameters | FfmpegFailed | LimitExceeded | None)
        assert str(tmp_path) not in str(error)
    assert str(tmp_path) not in run.text


def test_a_picture_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    run = LocalRun(tmp_path / "run")
    run.add(clip("bomb.png"))
    run.add(clip("clip.mp4"))
    assert clip("bomb.png").stat().st_size < 200_000
    with pytest.raises(LimitExceeded, match="pixels"):
        probe_tool.run(run, probe_tool.Parameters(input="bomb.png"))
    with pytest.raises(LimitExceeded, match="pixels"):
        thumbnails.run(run, thumbnails.Parameters(input="bomb.png", width=32))
    logo = {"video": {"logos": [{"file": "bomb.png"}]}}
    with pytest.raises(LimitExceeded, match="pixels"):
        transcode.run(run, transcode.Parameters.model_validate({"renditions": [logo]}))


def test_a_file_name_is_only_a_name(tmp_path: Path) -> None:
    """What looks like a URL, an option, a pattern or a filter in a name means nothing."""
    names = ("-y.mp4", "http:x.mp4", "a%03d.mp4", "x;[v]'movie=y',.mp4", "$(reboot) `id`.mp4", "ünï çødé.mp4")
    for number, name in enumerate(names):
        run = LocalRun(tmp_path / str(number))
        run.add(clip("clip.mp4"), name)
        result = probe_tool.run(run, probe_tool.Parameters(input=name))
        assert result.data["streams"][0]["codec"] == "h264"
        result = transcode.run(
            run,
            transcode.Parameters.model_validate({"input": name, "renditions": [{"preset": "copy-mp4"}]}),
        )
        assert result.files[0].name == f"{name.removesuffix('.mp4')}-copy-mp4.mp4"
