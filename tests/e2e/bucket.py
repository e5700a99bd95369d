"""The media and workspace buckets of a running stack."""

import re
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg

from tests.stack import RunningStack


class Bucket:
    """A bucket of the stack, and an organization's part of it."""

    def __init__(self, stack: RunningStack, *, region: str | None = None, organization: str = "") -> None:
        self._client = stack.client("s3", region)
        self.name = stack.media_bucket(region)
        self.organization = organization or stack.organization_id

    def url(self, key: str) -> str:
        """Where the organization's object is, as a task names it."""
        return f"s3://{self.name}/{self.organization}/{key}"

    def put(self, key: str, content: bytes | Path) -> str:
        """Store an object of the organization; its URL."""
        body = content.read_bytes() if isinstance(content, Path) else content
        self._client.put_object(Bucket=self.name, Key=f"{self.organization}/{key}", Body=body)
        return self.url(key)

    def get(self, key: str) -> bytes:
        """The content of an object of the organization."""
        body: bytes = self._client.get_object(Bucket=self.name, Key=f"{self.organization}/{key}")[
            "Body"
        ].read()
        return body

    def names(self, folder: str) -> list[str]:
        """The organization's objects in a folder, by their names there."""
        prefix = f"{self.organization}/{folder}"
        return [key.removeprefix(prefix) for key in self.keys(prefix)]

    def keys(self, prefix: str) -> list[str]:
        """Every key that begins so."""
        listed = self._client.list_objects_v2(Bucket=self.name, Prefix=prefix)
        return [entry["Key"] for entry in listed.get("Contents", ())]


class Workspace(Bucket):
    """The bucket in which a region's tasks pass files to each other."""

    def __init__(self, stack: RunningStack, region: str | None = None) -> None:
        super().__init__(stack, region=region)
        self.name = self.name.replace("-media-", "-workspace-")

    def of(self, job: dict[str, Any]) -> list[str]:
        """The keys of what a job has left."""
        return self.keys(f"jobs/{self.organization}/{job['id']}/")


def look(path: Path) -> str:
    """Play every stream of a file to its end; what ffmpeg says of it."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    arguments = [ffmpeg, "-nostdin", "-hide_banner", "-xerror", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(arguments, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


def seconds(said: str) -> float:
    """The duration in what `look` tells."""
    found = re.search(r"Duration: (\d+):(\d+):([\d.]+)", said)
    assert found, said
    hours, minutes, rest = found.groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)
