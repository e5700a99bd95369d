"""media:transcode: one file into one or several others, of other codecs, sizes, shapes and lengths."""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from mediajobs.media.forced import Forced
from mediajobs.media.mediaconvert.settings import Span, settings
from mediajobs.media.rendition import Rendition
from mediajobs.tools.estimate import MEDIA_BITS, WORKSPACE, Estimate, Files
from mediajobs.tools.refusal import Refusals
from mediajobs.tools.tool import Model, Result, Run, Usage, Worker
from mediajobs.tools.workspace import FileName

WORKER = Worker.MEDIA

MAX_RENDITIONS = 10
#: Seconds of work for a second of picture of 1080 lines at the usual speed, on a worker with two processors.
_WORK = {"copy": 0.01, "h264": 0.8, "hevc": 2.0, "vp9": 2.5, "av1": 2.0}
_SPEED = {"fastest": 0.5, "fast": 1, "medium": 2, "slow": 4}
_SOUND_WORK = 0.03
#: Bits a second of an output that names none.
_PICTURE_BITS, _SOUND_BITS = 5_000_000, 128_000
_Seconds = Annotated[float, Field(gt=0, le=86400)]


class Parameters(Model):
    """Makes up to ten renditions of a file, all in one reading of it.

    Each is saved in the workspace; `data.outputs` tells what each one is, as media:probe does. Subtitles and
    data streams are left out.
    """

    input: FileName | None = Field(
        None, description="The workspace file to read. Default: the job's most recent video or sound file."
    )
    forced: Forced | None = Field(None, description="What is to be taken for true of the input.")
    start_seconds: Annotated[float, Field(ge=0, le=86400)] = Field(0, description="Where to begin.")
    end_seconds: _Seconds | None = Field(None, description="Where to end, from the input's begin.")
    duration_seconds: _Seconds | None = Field(None, description="How much to take; excludes end_seconds.")
    max_duration_seconds: _Seconds | None = Field(
        None, description="Ends the outputs there, whatever else is said."
    )
    renditions: tuple[Rendition, ...] = Field(min_length=1, max_length=MAX_RENDITIONS)
    engine: Literal["ffmpeg", "mediaconvert"] | None = Field(
        None,
        description="What encodes. MediaConvert is an executor of its own, and takes only what "
        "docs/executors.md says. Default: by the task's executor, which is ffmpeg in all others.",
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.end_seconds is not None and self.duration_seconds is not None:
            raise ValueError("end_seconds and duration_seconds exclude each other")
        if self.end_seconds is not None and self.end_seconds <= self.start_seconds:
            raise ValueError("end_seconds is not after start_seconds")
        names = [self.output_name("input", number) for number in range(len(self.renditions))]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two renditions would be {sorted(twice)[0]!r}; give them names of their own")
        return self

    def output_name(self, stem: str, number: int) -> str:
        """The workspace name of a rendition of a file with that stem."""
        rendition = self.renditions[number]
        return rendition.output or f"{stem[:150]}-{rendition.name or number + 1}.{rendition.format}"


def executor(parameters: Parameters) -> str | None:
    """The executor that the parameters ask for; None: any, though not MediaConvert if they name ffmpeg."""
    return parameters.engine if parameters.engine == "mediaconvert" else None


def conversion(
    parameters: Parameters, source: str, *, place: Callable[[str], str], target: Callable[[str], str]
) -> tuple[dict[str, Any], list[str], Refusals]:
    """What MediaConvert is told to make of a workspace file, the names of what it makes, and what it cannot
    do so: the first is of no worth then. `place` and `target` give URLs of what is there and what will be."""
    stem = PurePosixPath(source).stem
    names = [parameters.output_name(stem, number) for number in range(len(parameters.renditions))]
    refused = Refusals()
    if parameters.engine == "ffmpeg":
        refused.add("engine", "ffmpeg is run by every executor but mediaconvert")
    made = settings(
        parameters.renditions,
        names,
        source,
        forced=parameters.forced or Forced(),
        span=Span(
            parameters.start_seconds,
            parameters.end_seconds,
            parameters.duration_seconds,
            parameters.max_duration_seconds,
        ),
        place=place,
        target=target,
        refused=refused,
    )
    return made, names, refused


def estimate(parameters: Parameters, files: Files, _looks: Files) -> Estimate:
    """By the duration that the input's size stands for, and by each rendition's codec, lines and speed."""
    name = parameters.input or next(reversed(list(files)), "")
    size = files.get(name)
    outputs = [parameters.output_name(PurePosixPath(name).stem, n) for n in range(len(parameters.renditions))]
    if size is None:
        return Estimate(None, "The size of the input is not known.", dict.fromkeys(outputs))
    whole = size * 8 / MEDIA_BITS
    begin = min(parameters.start_seconds, whole)
    seconds = min(
        whole - begin,
        (parameters.end_seconds or begin + whole) - begin,
        parameters.duration_seconds or whole,
        parameters.max_duration_seconds or whole,
    )
    work = sum(_work(rendition) for rendition in parameters.renditions)
    made = {
        output: round(seconds * _bits(rendition) / 8)
        for output, rendition in zip(outputs, parameters.renditions, strict=True)
    }
    basis = (
        f"{size} bytes, taken for {whole:.1f} s of media at {MEDIA_BITS} bits a second, of which"
        f" {seconds:.1f} s are encoded at {work:.2f} s of work a second;"
        f" files go at {WORKSPACE} bytes a second."
    )
    return Estimate(seconds * work + (size + sum(made.values())) / WORKSPACE, basis, made)


def _work(rendition: Rendition) -> float:
    """Seconds of work for a second of media."""
    video = rendition.video
    if video is None:
        return _SOUND_WORK
    lines = video.height if isinstance(video.height, int) else 1080
    return _SOUND_WORK + _WORK[video.codec] * _SPEED[video.speed] * (lines / 1080) ** 2


def _bits(rendition: Rendition) -> int:
    """Bits a second of an output."""
    picture = rendition.video.bit_rate if rendition.video else 0
    sound = rendition.audio.bit_rate if rendition.audio else 0
    return (picture if isinstance(picture, int) else _PICTURE_BITS) + (
        sound if isinstance(sound, int) else _SOUND_BITS
    )


def run(run: Run, parameters: Parameters) -> Result:
    """Plan against what the file is, run ffmpeg once, look at what came out."""
    from mediajobs.media.source import choose
    from mediajobs.media.transcode import Cut, transcode

    name = choose(run, parameters.input)
    stem = PurePosixPath(name).stem
    made = transcode(
        run,
        name,
        parameters.renditions,
        [parameters.output_name(stem, number) for number in range(len(parameters.renditions))],
        forced=parameters.forced or Forced(),
        cut=Cut(
            parameters.start_seconds,
            parameters.end_seconds,
            parameters.duration_seconds,
            parameters.max_duration_seconds,
        ),
    )
    return Result(
        files=[output.file for output in made.outputs],
        usage=Usage(
            seconds_in=made.seconds,
            seconds_out=sum(output.probe.duration or 0 for output in made.outputs),
            bytes_in=made.source.size,
            bytes_out=sum(output.file.size for output in made.outputs),
        ),
        data={
            "input": name,
            "outputs": [{"name": output.file.name, **output.probe.json()} for output in made.outputs],
        },
    )
