"""ffmpeg:cmd: a command of the caller's own, made of nothing but options and filters known to be harmless."""

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from mediajobs.tools.tool import File, Model, Result, Run, Usage, Worker
from mediajobs.tools.workspace import FileName

if TYPE_CHECKING:
    from mediajobs.media.argument import Part
    from mediajobs.media.ffmpeg import Input, Output, Source
    from mediajobs.media.stream import Probe

WORKER = Worker.MEDIA

#: Lines that filters say, such as measurements, that the task's log gets.
_MAX_SAID = 200
_SAID = re.compile(r"\[Parsed_\w+\] .*|\[\w+(out|in)#\d.*|  +\S.*")


class Parameters(Model):
    """Runs ffmpeg with an argument list, in the sandbox and without a shell.

    The list is what would stand behind `ffmpeg` on a command line, one argument an element, with files
    written as `{in:NAME}` after `-i` and `{out:NAME}` as an output, where NAME is a file of the job's
    workspace: `["-i", "{in:clip.mp4}", "-vf", "scale=640:-2", "-c:a", "copy", "{out:small.mp4}"]`.

    Allowed are the usual options of inputs, outputs, streams, software encoders and containers, and filters
    that work on the streams alone (in `-vf`, `-af`, `-filter_complex`, and as an input of test picture or
    sound by `-f lavfi -i testsrc2=duration=5`). A measuring run writes to nothing, `-f null -`, and its
    figures go to the task's log. Refused at submission, with the argument and the rule named, is all that
    could reach another file, address or device: paths, URLs and protocols, filters such as movie, drawtext
    and subtitles, formats such as hls, segment, tee and concat, log and statistics files, hardware, and
    options whose value is read from a file. The service itself sets -y, -nostdin, -hide_banner and the log
    level.
    """

    inputs: list[FileName] = Field(
        [], max_length=16, description="The workspace files that the arguments read, each at least once."
    )
    outputs: list[FileName] = Field(
        [], max_length=16, description="The workspace files that the arguments write, each exactly once."
    )
    arguments: list[Annotated[str, Field(min_length=1, max_length=8192)]] = Field(
        min_length=1,
        max_length=256,
        description="What would stand behind `ffmpeg`, one argument an element.",
        examples=[["-i", "{in:clip.mp4}", "-t", "5", "-c", "copy", "{out:start.mp4}"]],
    )

    @model_validator(mode="after")
    def _harmless(self) -> Self:
        from mediajobs.media.argument import parse

        command = parse(self.arguments)
        for side, listed, used in (
            ("inputs", self.inputs, command.input_names),
            ("outputs", self.outputs, command.output_names),
        ):
            if unlisted := used - set(listed):
                raise ValueError(f"{side}: {min(unlisted)!r} stands in the arguments and must be listed here")
            if unused := set(listed) - used:
                raise ValueError(f"{side}: {min(unused)!r} does not stand in the arguments")
        return self


def run(run: Run, parameters: Parameters) -> Result:
    """Run the command; every output must come out, and none empty."""
    from mediajobs.errors import FfmpegFailed
    from mediajobs.media import ffmpeg
    from mediajobs.media.argument import Target, parse

    command = parse(parameters.arguments)
    known = [_look(run, part) for part in command.inputs]
    local = {
        part.name: f"out{number}.{_extension(part)}"
        for number, part in enumerate(command.outputs)
        if part.target is Target.FILE
    }
    outputs = [_output(part, local) for part in command.outputs]
    # What is for the whole command may stand before any output.
    outputs[0] = ffmpeg.Output(outputs[0].name, (*command.options, *outputs[0].options))
    said = 0

    def read(line: str) -> None:
        nonlocal said
        if _SAID.fullmatch(line) and said < _MAX_SAID:
            said += 1
            run.log(line)

    durations = [found.duration or 0 for found in known if found]
    arguments = ffmpeg.command([_input(run, part) for part in command.inputs], outputs)
    ffmpeg.run_ffmpeg(run, arguments, max(durations, default=0) or None, on_line=read)

    files: list[File] = []
    seconds = 0.0
    for name, written in local.items():
        path = run.directory / written
        if not path.is_file() or not path.stat().st_size:
            raise FfmpegFailed(f"ffmpeg wrote nothing to {name!r}")
        seconds += _seconds(run, written)
        files.append(run.save(path, name))
    usage = Usage(
        seconds_in=sum(durations),
        seconds_out=seconds,
        bytes_in=sum(run.files[name].size for name in command.input_names if name in run.files),
        bytes_out=sum(file.size for file in files),
    )
    return Result(files=files, usage=usage)


def _look(run: Run, part: "Part") -> "Probe | None":
    """What an input is, where its own beginning tells that."""
    from mediajobs.media.argument import Target
    from mediajobs.media.probe import probe

    if part.target is Target.SOURCE or part.format is not None:
        return None
    return probe(run, run.open(part.name))


def _seconds(run: Run, written: str) -> float:
    """The duration of an output; none of what is no media, such as a checksum."""
    from mediajobs.errors import InvalidMedia
    from mediajobs.media.probe import probe

    try:
        return probe(run, run.directory / written).duration or 0
    except InvalidMedia:
        return 0


def _input(run: Run, part: "Part") -> "Input | Source":
    from mediajobs.media import ffmpeg
    from mediajobs.media.argument import Target

    if part.target is Target.SOURCE:
        return ffmpeg.Source(part.name, part.options)
    forced = ("-format_whitelist", part.format, "-f", part.format) if part.format else ()
    return ffmpeg.Input(ffmpeg.place(run, part.name).name, (*part.options, *forced))


def _output(part: "Part", local: dict[str, str]) -> "Output":
    from mediajobs.media import ffmpeg

    options = (*part.options, "-f", str(part.format))
    if part.format == "image2":
        # One file, never a numbered series.
        options = (*options, "-update", "1")
    return ffmpeg.Output(local.get(part.name, "-"), options)


def _extension(part: "Part") -> str:
    """The output's own extension where it is a known one: image2 chooses its codec by it."""
    from mediajobs.media.option import EXTENSIONS

    extension = PurePosixPath(part.name).suffix.lower().lstrip(".")
    return extension if extension in EXTENSIONS else "bin"
