"""The files that the tasks of a job have left for those after them."""

from mediajobs.job import Job
from mediajobs.store import job as jobs
from mediajobs.store.pack import unpack
from mediajobs.tools.tool import File


def left_by(job: Job) -> dict[str, File]:
    """The files that the tasks before the cursor left, by name; a later one replaces an earlier."""
    files: dict[str, File] = {}
    for result in jobs.results(job):
        if "result" in result and int(result["sk"].rpartition("#")[2]) < job.cursor:
            for file in unpack(result["result"])["files"]:
                files[file["name"]] = File(**file)
    return files
