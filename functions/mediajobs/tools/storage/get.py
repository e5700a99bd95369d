"""storage:get: bring files from elsewhere into the job."""

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from mediajobs.tools.check import Check, Kind
from mediajobs.tools.credential import Location
from mediajobs.tools.estimate import WORLD, Estimate, Files
from mediajobs.tools.tool import Model, Result, Run, Usage, Worker
from mediajobs.tools.workspace import FileName
from mediajobs.transfer.url import file_name, is_folder

WORKER = Worker.STORAGE


class Source(Location):
    """A file elsewhere, and its name in the job."""

    name: FileName | None = Field(
        None, description="What later tasks call the file. Default: the last part of the URL's path."
    )

    @property
    def file(self) -> str:
        """The file's name in the job."""
        return self.name or file_name(self.url)


class Parameters(Model):
    """Loads files from s3://, http(s)://, ftp(s):// or sftp:// locations, each of at most 5 GiB.

    Without credentials or role_arn, s3:// reaches the organization's own part of the media bucket only.
    """

    sources: list[Source] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [source.file for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources have the same name; give them names of their own")
        if any(is_folder(source.url) for source in self.sources):
            raise ValueError("a source is a file, so its URL does not end in /")
        return self


def inspects(parameters: Parameters) -> Iterator[Check]:
    """Every source."""
    for index, source in enumerate(parameters.sources):
        yield Check(source, Kind.SOURCE, f"/sources/{index}/url")


def estimate(parameters: Parameters, _files: Files, looks: Files) -> Estimate:
    """By the sizes that the sources' servers have told."""
    files = {
        source.file: looks.get(f"/sources/{index}/url") for index, source in enumerate(parameters.sources)
    }
    if None in files.values():
        return Estimate(None, "The size of a source is not known.", files)
    total = sum(size or 0 for size in files.values())
    basis = f"{total} bytes, loaded at {WORLD} bytes a second; a second more for each source."
    return Estimate(len(files) + total / WORLD, basis, files)


def input_name(parameters: Parameters) -> str:
    """The first file, by its name in the job."""
    return parameters.sources[0].file


def run(run: Run, parameters: Parameters) -> Result:
    """Load each source and lay it into the workspace."""
    from mediajobs.settings import settings
    from mediajobs.transfer.address import Policy
    from mediajobs.transfer.meter import Meter
    from mediajobs.transfer.site import reach
    from mediajobs.transfer.url import public

    policy = Policy(networks=settings().allowed_networks)
    meter = Meter(run, parts=len(parameters.sources))
    files = []
    for source in parameters.sources:
        meter.begin()
        target = run.directory / "download"
        with reach(source, meter, policy) as site:
            site.get(source.full_url, target)
        file = run.save(target, source.file)
        target.unlink()
        files.append(file)
        run.log(f"{file.name!r}: {file.size} bytes from {public(source.url)}")
    run.progress(1)
    return Result(files=files, usage=Usage(bytes_in=sum(file.size for file in files)))
