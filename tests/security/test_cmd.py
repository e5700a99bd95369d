"""ffmpeg:cmd against ffmpeg's own list of options: what is accepted stays in its folder, and what is
refused is told why."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import imageio_ffmpeg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mediajobs.errors import MediajobsError
from mediajobs.media.argument import parse
from mediajobs.media.option import OPTIONS
from mediajobs.tools.ffmpeg import cmd
from mediajobs.worker import process
from tests.clip import clip
from tests.faults.extent import IS_LONG, chosen
from tests.hostile import CANARY, listen
from tests.security.file_watch import watching
from tests.security.memory_watch import weighing
from tests.tool_run import LocalRun

#: What a value may try: files, addresses, devices, protocols, expressions and filters that read.
HOSTILE = (
    "/etc/passwd",
    "../secret.txt",
    "file:/etc/passwd",
    "http://127.0.0.1:{port}/",
    "tcp://127.0.0.1:{port}",
    "concat:/etc/passwd|/etc/passwd",
    "data:text/plain,x",
    "pipe:0",
    "fd:0",
    "/dev/zero",
    "movie={secret}",
    "drawtext=textfile={secret}",
    "subtitles={secret}",
    "amovie=http\\://127.0.0.1\\:{port}/",
    "lut3d={secret}",
    "@/etc/passwd",
    "-",
    "%d.png",
    "*.png",
    "$(id)",
    "`id`",
    "\n/etc/passwd",
)
#: What a value may be without harm.
HARMLESS = (
    "0",
    "1",
    "2",
    "-1",
    "0.5",
    "10k",
    "25",
    "30000/1001",
    "64x36",
    "fast",
    "+faststart",
    "copy",
    "libx264",
)
_LIMITS = process.Limits(file_bytes=64 * 2**20, memory_bytes=4 * 2**30, cpu_seconds=20)


@cache
def options() -> frozenset[str]:
    """The name of every option that ffmpeg knows."""
    said = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-h", "full"],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    ).stdout
    general = re.findall(r"^-(?:\[no\])?([A-Za-z][\w-]*)", said, re.MULTILINE)
    private = re.findall(r"^ +-([A-Za-z][\w-]*) +<", said, re.MULTILINE)
    return frozenset(general) | frozenset(private)


def test_ffmpeg_tells_of_thousands_of_options() -> None:
    assert len(options()) > 1500
    assert {"filter_complex", "attach", "passlogfile", "dump_attachment", "protocol_whitelist"} <= options()


def _places(name: str, value: str | None) -> Iterator[list[str]]:
    """An option in every place, also for one stream."""
    for suffix in ("", ":v", ":a:0", ":s:5") if IS_LONG else ("", ":v"):
        written = [f"-{name}{suffix}", *([] if value is None else [value])]
        yield [*written, "-i", "{in:a}", "{out:b.mp4}"]
        yield ["-i", "{in:a}", *written, "{out:b.mp4}"]


def test_every_option_is_known_to_be_harmless_or_refused_by_its_name_and_a_rule() -> None:
    accepted, refused, unsaid = set(), 0, list[str]()
    for name in sorted(options()):
        for value in (None, *chosen(HOSTILE, HOSTILE[::3]), *chosen(HARMLESS, HARMLESS[::3])):
            for arguments in _places(name, value):
                try:
                    parse(arguments)
                except ValueError as error:
                    refused += 1
                    told = re.match(r"arguments\[\d+\] .+?: \S.{5,}|there is no .put", str(error), re.DOTALL)
                    unsaid += [] if told else [str(error)]
                else:
                    accepted.add(name)
                    # Metadata is text, whatever it says.
                    assert value not in {*HOSTILE} - {"-"} or name == "metadata", (name, value)
    assert unsaid == []
    assert accepted <= set(OPTIONS) | {"y", "hide_banner", "nostdin"}
    assert refused > 20_000
    for name in (
        "report",
        "attach",
        "dump_attachment",
        "passlogfile",
        "protocol_whitelist",
        "safe",
        "init_hw_device",
    ):
        assert name not in accepted


@dataclass
class _Limited(LocalRun):
    """A run whose programs get less than the service gives."""

    def execute(self, arguments: Sequence[str], *, on_line: Callable[[str], None] | None = None) -> None:
        process.execute(
            arguments, directory=self.directory, check=self.check, on_line=on_line or self.log, limits=_LIMITS
        )


@cache
def _values(name: str) -> list[str | None]:
    """The values of the two tables that the option takes."""
    taken = []
    for value in (
        None,
        *HOSTILE,
        *HARMLESS,
        "yuv420p",
        "aac",
        "0:v",
        "main",
        "stereo",
        "a=/etc/passwd",
        "psnr",
    ):
        for arguments in (["-i", "{in:a}", *_written(name, value), "{out:b.mp4}"],):
            with suppress(ValueError):
                parse(arguments)
                taken.append(value)
    return taken


def _written(name: str, value: str | None) -> list[str]:
    return [f"-{name}", *([] if value is None else [value])]


FILTERS = st.sampled_from(
    [
        "scale=64:-2",
        "scale=w={secret}:h=2",
        "null",
        "negate,hflip",
        "eq=brightness={secret}",
        "fps=1000000",
        "fps=1/1000",
        "scale=8000:4000",
        "tile=20x20",
        "loop=-1:size=2",
        "setpts=N*100000/TB",
        "select={secret}",
        "geq=lum='random(0)*255'",
        "zoompan=d=100000",
        "tpad=stop=-1",
        "split,overlay",
        "[0:v]null",
        "curves=preset={secret}",
        "haldclut={secret}",
        "minterpolate=fps=1000",
        "reverse",
    ]
)


@st.composite
def _lists(draw: st.DrawFn) -> list[str]:
    before: list[str] = []
    after: list[str] = []
    for name in draw(st.lists(st.sampled_from(sorted(OPTIONS)), max_size=5)):
        values = _values(name)
        if values and name not in ("i", "f"):
            (before if draw(st.integers(0, 4)) == 0 else after).extend(
                _written(name, draw(st.sampled_from(values)))
            )
    if draw(st.booleans()):
        after += ["-vf", draw(FILTERS)]
    format_ = draw(st.sampled_from(["mp4", "mkv", "ts", "png", "wav", "gif", "webm", "srt", "mov", "mp3"]))
    return [*before, "-i", "{in:clip.mp4}", *after, f"{{out:o.{format_}}}"]


def _runs(
    tmp_path_factory: pytest.TempPathFactory,
    check: Callable[[list[str]], None],
    lists: st.SearchStrategy[list[str]],
) -> None:
    settings(
        max_examples=1500 if IS_LONG else 12,
        suppress_health_check=list(HealthCheck),
    )(given(lists)(check))()


@pytest.mark.timeout(7200 if IS_LONG else 240)
def test_no_accepted_list_leaves_its_folder(
    tmp_path_factory: pytest.TempPathFactory, total: Callable[[str], None]
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    secret, beside = outside / "secret.txt", outside / "clip.ts"
    secret.write_bytes(CANARY)
    beside.write_bytes(clip("clip.ts").read_bytes())
    clip("clip.mp4")
    accepted = ended = 0
    with watching([secret, beside]) as watch, listen() as listener, weighing() as memory:

        def check(arguments: list[str]) -> None:
            nonlocal accepted, ended
            filled = [
                part.replace("{secret}", str(secret)).replace("{port}", str(listener.port))
                for part in arguments
            ]
            outputs = [part[5:-1] for part in filled if part.startswith("{out:")]
            parameters = {"inputs": ["clip.mp4"], "outputs": outputs, "arguments": filled}
            try:
                wanted = cmd.Parameters.model_validate(parameters)
            except ValueError:
                assume(False)
                return
            run = _Limited(tmp_path_factory.mktemp("run"))
            run.add(clip("clip.mp4"))
            watch.opened()
            accepted += 1
            began = time.monotonic()
            error = ""
            try:
                cmd.run(run, wanted)
                ended += 1
            except MediajobsError as told:
                error = str(told)
                assert error
            assert time.monotonic() - began < 120
            assert watch.opened() == 0
            assert listener.hits == 0
            made = {path.name for path in run.directory.iterdir()}
            assert all(re.fullmatch(r"(in|out)\d+\.\w+", name) for name in made), made
            assert {path.name for path in run.stored("").iterdir()} <= {"clip.mp4", *outputs}
            assert sorted(path.name for path in outside.iterdir()) == ["clip.ts", "secret.txt"]
            assert str(run.directory) not in run.text + error
            for path in run.directory.iterdir():
                assert path.is_symlink() or path.stat().st_size <= _LIMITS.file_bytes

        _runs(tmp_path_factory, check, _lists())
    assert accepted >= 10
    assert ended
    assert secret.read_bytes() == CANARY
    assert memory.peak < _LIMITS.memory_bytes, "no program took more than it was given"
    total(f"ffmpeg:cmd: {accepted} lists were accepted and run, {ended} to their end")
