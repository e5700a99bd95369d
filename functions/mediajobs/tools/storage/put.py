"""storage:put: bring files of the job to where they are wanted."""

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

from pydantic import Field

from mediajobs.errors import InvalidParameters, LimitExceeded, SourceNotFound
from mediajobs.tools.check import Check, Kind
from mediajobs.tools.credential import Location
from mediajobs.tools.estimate import WORLD, Estimate, Files
from mediajobs.tools.tool import Model, Result, Run, Usage, Worker
from mediajobs.tools.workspace import FileName
from mediajobs.transfer.url import inside, is_folder, public

WORKER = Worker.STORAGE


class Parameters(Model):
    """Stores files of the job at s3://, http(s):// (by PUT), ftp(s):// or sftp:// locations, at most 5 GiB in
    all.

    A destination that ends in `/` takes every file under its own name; another one names the one file.
    A file appears at its destination whole or not at all: over FTP and SFTP it is written beside it, under
    a name that ends in `.part`, and then renamed. Files that are already stored when a later one fails stay.
    Without credentials or role_arn, s3:// reaches the organization's own part of the media bucket only.
    """

    files: list[FileName] = Field(
        ["*"],
        min_length=1,
        max_length=100,
        description="Names of files, or patterns: `*` stands for any characters, also `/`, `?` for one.",
    )
    folder: FileName | None = Field(
        None, description="A folder of the job's files: only what is in it, by names as they are there."
    )
    destinations: list[Location] = Field(min_length=1, max_length=10)

    def chosen(self, names: Collection[str]) -> dict[str, str]:
        """The files to store of these, by what they are called there. Raises SourceNotFound."""
        start = f"{self.folder}/" if self.folder else ""
        known = {name.removeprefix(start): name for name in names if name.startswith(start)}
        return {name: known[name] for name in _matching(known, self.files)}


def inspects(parameters: Parameters) -> Iterator[Check]:
    """Every destination."""
    for index, location in enumerate(parameters.destinations):
        yield Check(location, Kind.DESTINATION, f"/destinations/{index}/url")


def estimate(parameters: Parameters, files: Files, _looks: Files) -> Estimate:
    """By the sizes of the files, as far as they are known."""
    try:
        sizes = [files[name] for name in parameters.chosen(files).values()]
    except SourceNotFound as error:
        return Estimate(None, f"As far as is known, {error}.", {})
    if None in sizes:
        return Estimate(None, "The size of a file is not known.", {})
    total = sum(size or 0 for size in sizes) * len(parameters.destinations)
    count = len(sizes) * len(parameters.destinations)
    basis = f"{total} bytes, stored at {WORLD} bytes a second; a second more for each of {count} files."
    return Estimate(count + total / WORLD, basis, {})


def run(run: Run, parameters: Parameters) -> Result:
    """Store the files at each destination in turn."""
    from mediajobs.settings import settings
    from mediajobs.transfer.address import Policy
    from mediajobs.transfer.meter import MAX_BYTES, Meter
    from mediajobs.transfer.site import reach

    files = {there: run.files[name] for there, name in parameters.chosen(run.files).items()}
    if sum(file.size for file in files.values()) > MAX_BYTES:
        raise LimitExceeded(f"the files are larger than {MAX_BYTES} bytes in all")
    for location in parameters.destinations:
        if len(files) > 1 and not is_folder(location.url):
            raise InvalidParameters(
                f"{len(files)} files cannot all be {public(location.url)}; a folder ends in /"
            )
    policy = Policy(networks=settings().allowed_networks)
    meter = Meter(run, parts=len(files) * len(parameters.destinations))
    written = []
    for location in parameters.destinations:
        with reach(location, meter, policy) as site:
            for there, file in files.items():
                meter.begin()
                url = inside(location.full_url, there) if is_folder(location.url) else location.full_url
                site.put(run.open(file.name), url, file.content_type)
                written.append({"file": file.name, "url": public(url), "bytes": file.size})
                run.log(f"{file.name!r}: {file.size} bytes to {public(url)}")
    run.progress(1)
    return Result(
        usage=Usage(bytes_out=sum(file.size for file in files.values()) * len(parameters.destinations)),
        data={"written": written},
    )


def _matching(names: Collection[str], patterns: list[str]) -> list[str]:
    """The names that patterns choose, each once."""
    chosen: dict[str, None] = {}
    for pattern in patterns:
        exact = pattern.replace("[", "[[]")
        found = [name for name in names if fnmatchcase(name, exact)]
        if not found:
            raise SourceNotFound(f"the job has no file {pattern!r}")
        chosen |= dict.fromkeys(found)
    return list(chosen)
