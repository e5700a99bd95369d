"""ffmpeg, only ever started with local files of fixed names and with its doors closed."""

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

from mediajobs.errors import FfmpegFailed, InvalidMedia, LimitExceeded, ToolError
from mediajobs.tools.tool import Run

#: Pixels of a picture that is decoded, at most: a little over 8K.
MAX_PIXELS = 8192 * 4352
#: Streams of a file, at most.
MAX_STREAMS = 64

#: The only formats that are read. None of them refers to other files: no playlist, no script, no pattern.
DEMUXERS = (
    *("mov", "matroska", "mpegts", "mpeg", "mpegvideo", "avi", "asf", "flv", "mxf", "gxf", "nut", "ogg"),
    *("wav", "w64", "aiff", "caf", "au", "flac", "mp3", "aac", "ac3", "eac3", "dts", "truehd", "amr"),
    *("ape", "wv", "tta", "h264", "hevc", "av1", "obu", "ivf", "m4v", "dv", "yuv4mpegpipe"),
    *("gif", "png_pipe", "jpeg_pipe", "webp_pipe", "webp_anim", "bmp_pipe", "tiff_pipe"),
    *("srt", "webvtt", "ass", "rawvideo"),
)

#: Options that stand before every input.
HARDENED = (
    *("-protocol_whitelist", "file,pipe,fd"),
    *("-format_whitelist", ",".join(DEMUXERS)),
    *("-max_pixels", str(MAX_PIXELS)),
    *("-max_streams", str(MAX_STREAMS)),
)

#: Lines of warnings and errors that one command may put into the task's log.
_MAX_LOGGED = 100
_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.%/-]*|-")
_PROGRESS = re.compile(
    r"(frame|fps|stream_\w+|bitrate|total_size|out_time\w*|\w+_frames|speed|progress)=\s*\S*"
)
_LEVEL = re.compile(r"\[(panic|fatal|error|warning|warn|info)\]:? ?")
#: What ffmpeg says about every failure, after the line that says something.
_EMPTY_WORDS = re.compile(
    r"Error opening (input|output) files?\b|Conversion failed|Nothing was written into"
    r"|Task finished with error|Terminating thread"
)


@dataclass(frozen=True)
class Input:
    """A local file to read: its name in the run's directory (see `place`), and the options before it."""

    name: str
    options: Sequence[str] = ()


@dataclass(frozen=True)
class Source:
    """Picture or sound that filters make: a filtergraph of ours, or one that `filtergraph.check` accepts."""

    graph: str
    options: Sequence[str] = ()


@dataclass(frozen=True)
class Output:
    """A local file to write: its name in the run's directory, or `-` with a null format, and its options."""

    name: str
    options: Sequence[str] = ()


@cache
def binary() -> str:
    """The path of the ffmpeg that is deployed with this code."""
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def place(run: Run, name: str) -> Input:
    """A workspace file, ready to be read under a fixed local name. Raises SourceNotFound."""
    source = link(run, run.open(name))
    run.log(f"{source.name} is {name!r}")
    return source


def link(run: Run, path: Path) -> Input:
    """A local file under a fixed name of its own, `in<n>.bin`: no name of a caller's reaches ffmpeg."""
    target = path.resolve()
    for number in count():
        name = run.directory / f"in{number}.bin"
        if not name.is_symlink():
            name.symlink_to(target)
        if name.resolve() == target:
            return Input(name.name)
    raise AssertionError("numbers do not end")


def command(
    inputs: Sequence[Input | Source],
    outputs: Sequence[Output],
    *,
    filters: str | None = None,
    level: str = "level+info",
    may_be_empty: bool = True,
) -> list[str]:
    """The argument list for hostile inputs; `filters` is a complex filtergraph built from numbers and words
    of ours, never from a caller's text. Without `may_be_empty`, an output with nothing in it is an error."""
    arguments = [binary(), "-nostdin", "-hide_banner", "-y", "-loglevel", level, "-nostats"]
    arguments += ["-progress", "pipe:1"]
    if not may_be_empty:
        arguments += ["-abort_on", "empty_output"]
    for source in inputs:
        if isinstance(source, Source):
            arguments += [*HARDENED, "-format_whitelist", "lavfi", *source.options]
            arguments += ["-f", "lavfi", "-i", source.graph]
        else:
            arguments += [*HARDENED, *source.options, "-i", _local(source.name)]
    if filters is not None:
        arguments += ["-filter_complex", filters]
    for output in outputs:
        arguments += [*output.options, _local(output.name)]
    return arguments


def run_ffmpeg(
    run: Run,
    arguments: Sequence[str],
    duration_seconds: float | None,
    *,
    start: float = 0.0,
    span: float = 1.0,
    on_line: Callable[[str], None] | None = None,
) -> None:
    """Run a command made by `command`; the task's log gets the command, its warnings and its errors.

    Progress goes from `start` to `start + span` of the task while `duration_seconds` of output are written;
    without a duration it is not told. `on_line` gets every message, as `[filter] text`. Raises InvalidMedia,
    FfmpegFailed, LimitExceeded.
    """
    run.log(shlex.join(["ffmpeg", *arguments[1:]]))
    errors: list[str] = []
    logged = 0

    def read(line: str) -> None:
        nonlocal logged
        if _PROGRESS.fullmatch(line):
            key, _, value = line.partition("=")
            if key == "out_time_us" and duration_seconds and value.lstrip("-").isdigit():
                done = int(value) / 1e6 / duration_seconds
                run.progress(start + span * min(max(done, 0.0), 1.0))
            return
        level, text = _read_message(line)
        if on_line is not None:
            on_line(text)
        if level in ("info", None):
            return
        if level not in ("warning", "warn"):
            errors.append(text)
        logged += 1
        if logged <= _MAX_LOGGED:
            run.log(text)
        elif logged == _MAX_LOGGED + 1:
            run.log("(more messages are not shown)")

    try:
        run.execute(arguments, on_line=read)
    except (FfmpegFailed, LimitExceeded) as error:
        raise explain(error, errors) from None
    run.progress(min(start + span, 1.0))


def explain(failure: ToolError, messages: Sequence[str]) -> ToolError:
    """The error to raise for what ffmpeg said before it failed."""
    said = "\n".join(messages)
    if "exceeds specified max pixel count" in said:
        return LimitExceeded(f"the picture has more than {MAX_PIXELS} pixels")
    if "exceeds max_streams" in said:
        return LimitExceeded(f"the file has more than {MAX_STREAMS} streams")
    if isinstance(failure, LimitExceeded):
        return failure
    if "Output file is empty" in said:
        return InvalidMedia("nothing of the file, or of the part that was asked for, can be decoded")
    telling = [text.strip() for text in messages if not _EMPTY_WORDS.match(_without_origin(text))]
    reason = _last(telling)
    if "Error opening input" in said:
        return InvalidMedia(f"the file cannot be read as media of a known format: {reason}")
    return FfmpegFailed(f"{str(failure).partition(': ')[0]}: {reason}" if reason else str(failure))


def _last(messages: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(text[:300] for text in messages[-3:]))


def _local(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a plain local name")
    return name


def _read_message(line: str) -> tuple[str | None, str]:
    """A line's level, if it tells one, and the line without it."""
    found = _LEVEL.search(line, 0, 120)
    if found is None:
        return None, line
    return found[1], line[: found.start()] + line[found.end() :]


def _without_origin(text: str) -> str:
    return re.sub(r"^(\[[^\]]*\] )+", "", text)
