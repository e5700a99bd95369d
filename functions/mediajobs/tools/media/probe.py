"""media:probe: what a file is: its container, its duration, and each of its streams."""

from pydantic import Field

from mediajobs.tools.estimate import WORKSPACE, Estimate, Files
from mediajobs.tools.tool import Model, Result, Run, Usage, Worker
from mediajobs.tools.workspace import FileName

WORKER = Worker.MEDIA


class Parameters(Model):
    """Tells what a media file holds. The task's `data` is the answer."""

    input: FileName | None = Field(
        None, description="The workspace file to look at. Default: the job's most recent media file."
    )


def estimate(parameters: Parameters, files: Files, _looks: Files) -> Estimate:
    """By the size of the file, which is loaded whole."""
    size = files.get(parameters.input or next(reversed(list(files)), ""))
    if size is None:
        return Estimate(None, "The size of the input is not known.", {})
    return Estimate(
        1 + size / WORKSPACE, f"{size} bytes, loaded at {WORKSPACE} bytes a second; and one second.", {}
    )


def run(run: Run, parameters: Parameters) -> Result:
    """Probe one file; leaves no file."""
    from mediajobs.media import source
    from mediajobs.media.probe import probe

    name = source.choose(run, parameters.input, (*source.MOVING, source.IMAGE))
    found = probe(run, run.open(name))
    run.log(f"{name!r} is {found.format}: {', '.join(stream.codec for stream in found.streams)}")
    return Result(
        usage=Usage(seconds_in=found.duration or 0, bytes_in=found.size),
        data={"name": name, **found.json()},
    )
