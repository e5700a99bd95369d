"""Media that lies, through the real tools: what refers to other files or addresses gets neither, and what is
broken or too much ends soon, in little room and with a clear error."""

import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import imageio_ffmpeg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediajobs.errors import FfmpegFailed, InvalidMedia, InvalidParameters, LimitExceeded, ToolError
from mediajobs.tools.media import analyze, enhance, package, probe, thumbnails, transcode
from mediajobs.tools.tool import Result
from tests.clip import clip
from tests.faults.extent import IS_LONG, chosen, many
from tests.hostile import CANARY, DISGUISED, Listener, listen
from tests.security.file_watch import watching
from tests.security.memory_watch import weighing
from tests.tool_run import LocalRun

#: Bytes that ffmpeg may really use, of the eight GiB of address space that it is given.
MAX_RESIDENT = 2 * 2**30
SECONDS = 60
EXPECTED = (InvalidMedia, InvalidParameters, FfmpegFailed, LimitExceeded)

Tool = Callable[[LocalRun], Result]
TOOLS: dict[str, Tool] = {
    "probe": lambda run: probe.run(run, probe.Parameters()),
    "transcode": lambda run: transcode.run(
        run,
        transcode.Parameters.model_validate({"renditions": [{"video": {"speed": "fastest"}, "audio": {}}]}),
    ),
    "thumbnails": lambda run: thumbnails.run(run, thumbnails.Parameters()),
    "analyze": lambda run: analyze.run(run, analyze.Parameters()),
    "enhance": lambda run: enhance.run(run, enhance.Parameters(high_pass_hz=80)),
    "package": lambda run: package.run(run, package.Parameters.model_validate({"speed": "fastest"})),
}
#: Those of a short run.
FEW = ("probe", "transcode", "thumbnails")


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with listen() as found:
        yield found


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """Files that no job may read."""
    directory = tmp_path / "secrets"
    directory.mkdir()
    (directory / "secret.txt").write_bytes(CANARY)
    for name in ("clip.ts", "clip.mp4", "still.png"):
        (directory / name).write_bytes(clip(name).read_bytes())
    return directory


def _run(directory: Path, data: bytes, name: str = "clip.mp4") -> LocalRun:
    run = LocalRun(directory)
    source = directory / "source"
    source.write_bytes(data)
    run.add(source, name)
    return run


def _end(tool: Tool, run: LocalRun) -> ToolError | None:
    """How a tool ended, in bounded time and room, and without a word of this machine's folders."""
    began = time.monotonic()
    error = None
    with weighing() as memory:
        try:
            tool(run)
        except EXPECTED as told:
            error = told
    assert time.monotonic() - began < SECONDS
    assert memory.peak < MAX_RESIDENT
    assert str(run.root) not in run.text + str(error)
    assert error is None or len(str(error)) > 10
    return error


def _left(run: LocalRun) -> bytes:
    made = [path for root in (run.directory, run.stored("")) for path in root.rglob("*")]
    return run.text.encode() + b"".join(path.read_bytes() for path in made if path.is_file())


def test_memory_that_a_program_takes_is_seen() -> None:
    script = "import time; taken = b'x' * 300 * 2**20; print('taken', flush=True); time.sleep(1)"
    takes = [sys.executable, "-c", script]
    with weighing() as memory:
        subprocess.run(takes, check=True, stdout=subprocess.DEVNULL)
    assert 300 * 2**20 < memory.peak < 400 * 2**20
    with subprocess.Popen(takes, stdout=subprocess.PIPE) as earlier:
        assert earlier.stdout is not None
        earlier.stdout.readline()
        with weighing() as memory:
            earlier.wait()
    assert memory.peak < 300 * 2**20, "what others have started before does not count"


# --- what refers to something else --------------------------------------------------------------------------


def test_no_tool_opens_what_a_playlist_in_disguise_names(
    tmp_path: Path, secrets: Path, listener: Listener
) -> None:
    with watching(secrets.iterdir()) as watch:
        for number, (kind, make) in enumerate(DISGUISED.items()):
            run = _run(tmp_path / str(number), make(secrets, listener.port))
            for name in ("analyze", "enhance", "package"):
                assert isinstance(_end(TOOLS[name], run), InvalidMedia | InvalidParameters), (kind, name)
            assert (watch.opened(), listener.hits) == (0, 0), kind
            assert CANARY not in run.text.encode(), kind


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    while data:
        size, kind = struct.unpack(">I4s", data[:8])
        yield kind, data[8:size]
        data = data[size:]


def _elsewhere(data: bytes, entry: bytes) -> bytes:
    """An MP4 whose tracks say that their samples are in another file."""

    def rebuilt(kind: bytes, body: bytes) -> bytes:
        if kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
            return _box(kind, *(rebuilt(*box) for box in _boxes(body)))
        return _box(kind, bytes(4), struct.pack(">I", 1), entry) if kind == b"dref" else _box(kind, body)

    return b"".join(rebuilt(*box) for box in _boxes(data))


def _alias(path: Path) -> bytes:
    """QuickTime's alias record of a file, with its absolute path."""
    name, text = path.name.encode(), str(path).encode()
    fixed = bytes(4) + struct.pack(">H", 0) + struct.pack(">HH", 2, 0)
    fixed += bytes([1]) + b"/".ljust(27, b"\0") + bytes(4) + b"H+" + bytes(2) + bytes(4)
    fixed += bytes([len(name)]) + name.ljust(63, b"\0") + bytes(24)
    fixed += struct.pack(">hh", -1, -1) + bytes(6 + 10)
    tags = struct.pack(">HH", 18, len(text)) + text + bytes(len(text) % 2) + struct.pack(">HH", 0xFFFF, 0)
    return _box(b"alis", bytes(4), fixed, tags)


def _id3(frame: bytes, body: bytes) -> bytes:
    """An MP3 with one frame of ID3v2.3 before it."""
    tag = frame + struct.pack(">I", len(body)) + bytes(2) + body
    size = bytes((len(tag) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + tag + clip("tone.mp3").read_bytes()


def _ffmpeg(tmp_path: Path, name: str, *arguments: str) -> bytes:
    target = tmp_path / name
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments, str(target)],
        check=True,
        capture_output=True,
    )
    return target.read_bytes()


Maker = Callable[[Path, Path, int], bytes]
#: Real media that names other files: by a place to make it in, the secrets' folder and the listener's port.
REFERRING: dict[str, tuple[str, Maker]] = {
    "mp4 whose samples are at a url": (
        "a.mp4",
        lambda _t, _s, p: _elsewhere(
            clip("clip.mp4").read_bytes(), _box(b"url ", bytes(4), f"http://127.0.0.1:{p}/x\0".encode())
        ),
    ),
    "mp4 whose samples are at a file url": (
        "a.mp4",
        lambda _t, s, _p: _elsewhere(
            clip("clip.mp4").read_bytes(), _box(b"url ", bytes(4), f"file://{s}/clip.mp4\0".encode())
        ),
    ),
    "mov whose samples are in another file": (
        "a.mov",
        lambda _t, s, _p: _elsewhere(clip("film.mov").read_bytes(), _alias(s / "clip.mp4")),
    ),
    "mov that refers to a better one": (
        "a.mov",
        lambda _t, _s, p: (
            _box(b"ftyp", b"qt  ", bytes(4), b"qt  ")
            + _box(
                b"moov",
                _box(
                    b"rmra",
                    _box(
                        b"rmda",
                        _box(
                            b"rdrf",
                            bytes(4),
                            b"url ",
                            struct.pack(">I", 30),
                            f"http://127.0.0.1:{p}/x.mov\0".encode(),
                        ),
                    ),
                ),
            )
        ),
    ),
    "mkv with a playlist attached": (
        "a.mkv",
        lambda t, s, p: _ffmpeg(
            t,
            "a.mkv",
            *("-i", str(clip("clip.mp4")), "-c", "copy", "-attach", _written(t, s, p)),
            *("-metadata:s:t", "mimetype=application/vnd.apple.mpegurl"),
        ),
    ),
    "mkv with fonts and subtitles that name files": (
        "a.mkv",
        lambda t, s, p: _ffmpeg(
            t,
            "a.mkv",
            "-i",
            str(clip("clip.mp4")),
            "-i",
            _styled(t, s, p),
            "-map",
            "0",
            "-map",
            "1",
            "-c:v",
            "copy",
        ),
    ),
    "subtitles with a style sheet": (
        "a.vtt",
        lambda _t, s, p: (
            f"WEBVTT\n\nSTYLE\n@import url(http://127.0.0.1:{p}/a.css);\n::cue {{background:url(file://{s}/still.png)}}"
            f'\n\n00:00.000 --> 00:01.000\n<img src="http://127.0.0.1:{p}/x">\n'
        ).encode(),
    ),
    "mp3 whose cover is at a url": (
        "a.mp3",
        lambda _t, _s, p: _id3(b"APIC", b"\0-->\0\x03\0" + f"http://127.0.0.1:{p}/c.jpg".encode()),
    ),
    "mp3 with linked information": (
        "a.mp3",
        lambda _t, s, _p: _id3(b"LINK", b"APIC" + f"file://{s}/still.png".encode() + b"\0"),
    ),
    "png with a profile of another name": (
        "a.png",
        lambda _t, s, _p: clip("still.png").read_bytes() + f"\nfile://{s}/secret.txt".encode(),
    ),
    "xml that grows": (
        "a.svg",
        lambda _t, _s, _p: (
            b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "'
            + b"x" * 1000
            + b'">'
            + b"".join(f'<!ENTITY a{n} "{"&a" + str(n - 1 or "") + ";"}">'.encode() * 1 for n in range(1, 10))
            + b"]><svg>&a9;</svg>"
        ),
    ),
    "xml with an outer entity": (
        "a.svg",
        lambda _t, s, _p: (
            f'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a SYSTEM "file://{s}/secret.txt">]><svg><text>&a;</text></svg>'
        ).encode(),
    ),
    "a picture of a series": ("a%03d.png", lambda _t, _s, _p: clip("still.png").read_bytes()),
    "a picture of a pattern": ("*.png", lambda _t, _s, _p: clip("still.png").read_bytes()),
    "a name that is a protocol": (
        "concat:secret.txt|clip.ts",
        lambda _t, _s, _p: clip("clip.ts").read_bytes(),
    ),
}


def _written(directory: Path, secrets: Path, port: int) -> str:
    target = directory / "list.m3u8"
    target.write_bytes(DISGUISED["hls of a url"](secrets, port))
    return str(target)


def _styled(directory: Path, secrets: Path, port: int) -> str:
    target = directory / "words.ass"
    target.write_text(
        "[Script Info]\nScriptType: v4.00+\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\n"
        f"Style: Default,{secrets}/secret.txt,20\n[Events]\nFormat: Start, End, Style, Text\n"
        f"Dialogue: 0:00:00.00,0:00:01.00,Default,{{\\1img({secrets}/still.png)}}http://127.0.0.1:{port}/\n"
    )
    return str(target)


@pytest.mark.parametrize("kind", REFERRING)
def test_media_that_names_other_files_gets_none_of_them(
    kind: str, tmp_path: Path, secrets: Path, listener: Listener
) -> None:
    name, make = REFERRING[kind]
    data = make(tmp_path, secrets, listener.port)
    with watching(secrets.iterdir()) as watch:
        for number, label in enumerate(chosen(TOOLS, FEW)):
            run = _run(tmp_path / str(number), data, name)
            error = _end(TOOLS[label], run)
            assert (watch.opened(), listener.hits) == (0, 0), label
            assert CANARY not in _left(run) + str(error).encode(), label


def test_the_watch_would_have_noticed(tmp_path: Path, secrets: Path) -> None:
    with watching(secrets.iterdir()) as watch:
        _ffmpeg(tmp_path, "out.png", "-i", str(secrets / "clip.ts"), "-frames:v", "1", "-update", "1")
        assert watch.opened() > 0


# --- what is too much ------------------------------------------------------------------------


def _huge_jpeg() -> bytes:
    data = bytearray(clip("still.jpg").read_bytes())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 65500, 65500)
    return bytes(data)


def _stretched(tmp_path: Path, name: str, *options: str) -> bytes:
    """Three pictures, 33 hours from the first to the last."""
    return _ffmpeg(
        tmp_path,
        name,
        *("-f", "lavfi", "-i", "color=s=64x36:r=1:d=3", "-vf", "setpts=N*60000/TB"),
        *("-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "ultrafast", *options),
    )


BOMBS: dict[str, tuple[str, Callable[[Path], bytes]]] = {
    "a jpeg of four billion pixels": ("a.jpg", lambda _: _huge_jpeg()),
    "a y4m of four billion pixels": (
        "a.y4m",
        lambda _: b"YUV4MPEG2 W65535 H65535 F25:1\nFRAME\n" + bytes(1000),
    ),
    "a png of 256 million pixels": ("a.png", lambda _: clip("bomb.png").read_bytes()),
    "33 hours in three pictures": ("a.mp4", lambda t: _stretched(t, "a.mp4")),
    "33 hours in three pictures, matroska": ("a.mkv", lambda t: _stretched(t, "a.mkv")),
    "33 hours in three pictures, in a stream": ("a.ts", lambda t: _stretched(t, "a.ts")),
    "more streams than anybody has": (
        "a.mkv",
        lambda t: _ffmpeg(t, "a.mkv", "-i", str(clip("tone.mp3")), *["-map", "0:a"] * 90, "-c", "copy"),
    ),
}


#: Of these no more is read than there is: no pixel for a look, the clock of a stream begins anew after 26
#: hours, and only as many streams as are allowed.
HARMLESS = (
    "a jpeg of four billion pixels",
    "33 hours in three pictures, in a stream",
    "more streams than anybody has",
)


@pytest.mark.parametrize("kind", BOMBS)
def test_what_is_too_much_ends_soon_in_little_room(kind: str, tmp_path: Path) -> None:
    name, make = BOMBS[kind]
    data = make(tmp_path)
    assert len(data) < 2_000_000
    for number, label in enumerate(chosen(TOOLS, FEW)):
        error = _end(TOOLS[label], _run(tmp_path / str(number), data, name))
        assert error is not None or kind in HARMLESS, label


# --- what is broken --------------------------------------------------------------------------

_CLIPS = (
    *("clip.mp4", "tongues.mkv", "clip.ts", "clip.webm", "tone.mp3", "tone.wav", "tone.flac", "tone.ogg"),
    *("still.png", "still.jpg", "still.webp", "words.mkv", "bare.264", "cover.mp3"),
)
_CHANGE = st.tuples(
    st.sampled_from(["set", "cut", "drop", "double", "zero", "size"]),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 255),
    st.integers(1, 5000),
)


def _mutated(data: bytes, changes: list[tuple[str, float, int, int]]) -> bytes:
    made = bytearray(data)
    for kind, place, value, length in changes:
        # Most of what is worth breaking stands at the beginning.
        at = int(place**3 * len(made))
        if kind == "set":
            made[at : at + 1] = bytes([value])
        elif kind == "cut":
            del made[max(at, 16) :]
        elif kind == "drop":
            del made[at : at + length]
        elif kind == "double":
            made[at:at] = made[at : at + length]
        elif kind == "zero":
            made[at : at + length] = bytes(len(made[at : at + length]))
        else:
            made[at : at + 4] = struct.pack(">I", 2**32 - 1 - value)
    return bytes(made)


@pytest.mark.parametrize("name", ["transcode", "enhance", "package"])
def test_media_that_has_streams_but_no_frame_is_refused(name: str, tmp_path: Path) -> None:
    data = clip("tongues.mkv").read_bytes()
    first_cluster = data.index(b"\x1f\x43\xb6\x75")
    error = _end(TOOLS[name], _run(tmp_path, data[: first_cluster + 128], "tongues.mkv"))
    assert isinstance(error, InvalidMedia)
    assert "can be decoded" in str(error)


@pytest.mark.timeout(24 * 3600 if IS_LONG else 240)
def test_no_broken_clip_breaks_a_tool(tmp_path: Path, total: Callable[[str], None]) -> None:
    numbers, ends = count(), {"refused": 0, "done": 0}

    @settings(
        max_examples=many(15, 3000),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(_CLIPS), st.lists(_CHANGE, min_size=1, max_size=6), st.sampled_from(list(TOOLS)))
    def check(name: str, changes: list[tuple[str, float, int, int]], tool: str) -> None:
        run = _run(tmp_path / str(next(numbers)), _mutated(clip(name).read_bytes(), changes), name)
        ends["done" if _end(TOOLS[tool], run) is None else "refused"] += 1

    with weighing() as memory:
        check()
    total(f"broken clips: {ends}; ffmpeg never took more than {memory.peak // 2**20} MiB")
