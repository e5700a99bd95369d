"""media:transcode: one file into one or several others, of other codecs, sizes, shapes and lengths."""

from pathlib import PurePosixPath
from typing import Annotated, Self

from pydantic import Field, model_validator

from mediajobs.media.forced import Forced
from mediajobs.media.rendition import Rendition
from mediajobs.tools.tool import Model, Result, Run, Usage, Worker
from mediajobs.tools.workspace import FileName

WORKER = Worker.MEDIA

MAX_RENDITIONS = 10
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
