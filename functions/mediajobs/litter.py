"""What lost runs leave in the workspace: removed once nobody can add to it any more.

A job's row names them from the claim on, so whoever is to remove them may die before, in the middle or after:
the next one who looks does it again.
"""

from collections.abc import Iterable

from mediajobs.aws import client
from mediajobs.errors import MediajobsError
from mediajobs.job import Job
from mediajobs.settings import settings
from mediajobs.store import debt


class NotRemoved(MediajobsError):
    """The workspace keeps a file that should go."""


def clear(job: Job) -> None:
    """Remove what the job's lost runs have left, and note that it is gone."""
    if job.lost:
        remove(job, job.lost)
        debt.mark_removed(job, job.lost)


def remove(job: Job, places: Iterable[str]) -> None:
    """Delete every file of those runs of the job."""
    workspace, bucket = client("s3", job.region), settings().workspace_bucket_of(job.region)
    for place in places:
        while listed := workspace.list_objects_v2(Bucket=bucket, Prefix=job.folder(place)).get("Contents"):
            keys = [{"Key": entry["Key"]} for entry in listed]
            answer = workspace.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
            for refused in answer.get("Errors", ()):
                raise NotRemoved(f"{refused['Key']}: {refused['Code']}")
