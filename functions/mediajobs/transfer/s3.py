"""Files of S3, under the caller's identity, or in the organization's own part of the media bucket."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mediajobs import aws
from mediajobs.errors import AccessDenied, InvalidParameters, SourceNotFound, TransferFailed
from mediajobs.organization import own_folder, temporary_folder
from mediajobs.settings import settings
from mediajobs.tools.credential import Location
from mediajobs.transfer.meter import CHUNK, Meter
from mediajobs.transfer.site import Look

#: A larger file goes up in parts of this size; S3 takes 10,000 of them.
PART = 16 * 1024**2
#: Metadata of what a job has stored, with the job's id.
MADE_BY = "mediajobs-job"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_MISSING = {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}
_DENIED = {
    "401",
    "403",
    "AccessDenied",
    "AllAccessDisabled",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "SignatureDoesNotMatch",
}


def split(url: str) -> tuple[str, str]:
    """Bucket and key of an `s3://` URL; the key is taken as it stands. Raises InvalidParameters."""
    bucket, key = _split_folder(url)
    if not key or any(part in {"", ".", ".."} for part in key.rstrip("/").split("/")):
        raise InvalidParameters(f"{url} does not name an object; empty parts, . and .. are not allowed")
    return bucket, key


def _split_folder(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise InvalidParameters(f"{url} does not name a bucket")
    return bucket, key


@contextmanager
def reach(location: Location, meter: Meter) -> Iterator["S3Site"]:
    """A client for the location's bucket; see `mediajobs.transfer.site.Site`."""
    with explained(location.url, meter):
        client = _client(location, meter)
    yield S3Site(client, meter, is_own=location.credentials is None and location.role_arn is None)


@contextmanager
def explained(url: str, meter: Meter) -> Iterator[None]:
    """What breaks inside becomes a ToolError that repeats no more of AWS's words than the code."""
    try:
        yield
    except ClientError as error:
        meter.run.check()
        code = error.response["Error"]["Code"]
        if code in _MISSING:
            raise SourceNotFound(f"{url} does not exist") from None
        if code in _DENIED:
            raise AccessDenied(f"{url}: AWS answers {code}") from None
        raise TransferFailed(f"{url}: AWS answers {code}") from None
    except (BotoCoreError, OSError) as error:
        meter.run.check()
        raise TransferFailed(f"{url} broke off: {type(error).__name__}") from None


@dataclass(frozen=True)
class S3Site:
    """A `Site` of one bucket."""

    client: Any
    meter: Meter
    #: The organization's own part of the media bucket.
    is_own: bool

    def get(self, url: str, target: Path) -> None:
        """Load an object."""
        bucket, key = split(url)
        with explained(url, self.meter), target.open("wb") as file:
            response = self.client.get_object(Bucket=bucket, Key=key)
            self.meter.expect(response["ContentLength"])
            # botocore checks the length at the end.
            for data in response["Body"].iter_chunks(CHUNK):
                file.write(data)
                self.meter.add(len(data))

    def put(self, path: Path, url: str, content_type: str) -> None:
        """Store an object; it appears whole or not at all."""
        bucket, key = split(url)
        size = path.stat().st_size
        self.meter.expect(size)
        target = {"Bucket": bucket, "Key": key}
        made_by = {MADE_BY: self.meter.run.job_id}
        with explained(url, self.meter):
            if size <= PART:
                self.client.put_object(
                    **target, Body=path.read_bytes(), ContentType=content_type, Metadata=made_by
                )
                self.meter.add(size)
            else:
                self._put_in_parts(path, target, content_type, made_by)

    def look(self, url: str) -> Look:
        """What S3 says of an object."""
        bucket, key = split(url)
        with explained(url, self.meter):
            return Look(True, self.client.head_object(Bucket=bucket, Key=key)["ContentLength"])

    def can_put(self, url: str) -> bool | None:
        """Known of the organization's own part; of other buckets only that there is none."""
        bucket, _ = _split_folder(url)
        try:
            with explained(url, self.meter):
                self.client.head_bucket(Bucket=bucket)
        except AccessDenied:
            # Who may only store objects may not ask for the bucket.
            if self.is_own:
                raise
            return None
        return True if self.is_own else None

    def _put_in_parts(
        self, path: Path, target: dict[str, str], content_type: str, made_by: dict[str, str]
    ) -> None:
        upload = self.client.create_multipart_upload(**target, ContentType=content_type, Metadata=made_by)
        target = {**target, "UploadId": upload["UploadId"]}
        parts: list[dict[str, Any]] = []
        try:
            with path.open("rb") as file:
                while data := file.read(PART):
                    number = len(parts) + 1
                    done = self.client.upload_part(**target, PartNumber=number, Body=data)
                    parts.append({"PartNumber": number, "ETag": done["ETag"]})
                    self.meter.add(len(data))
            self.client.complete_multipart_upload(**target, MultipartUpload={"Parts": parts})
        except BaseException:
            with suppress(ClientError, BotoCoreError):
                self.client.abort_multipart_upload(**target)
            raise


def _client(location: Location, meter: Meter) -> Any:
    bucket, key = _split_folder(location.url)
    home = settings().region
    identity: dict[str, str | None]
    if location.credentials is not None:
        given = location.credentials.plain()
        names = ("access_key_id", "secret_access_key", "session_token")
        identity = {name: given.get(name) for name in names}
    elif location.role_arn is not None:
        assumed = aws.client("sts", home).assume_role(
            RoleArn=location.role_arn,
            RoleSessionName=f"mediajobs-{meter.run.job_id}"[:64],
            ExternalId=meter.run.organization,
        )["Credentials"]
        identity = {
            "access_key_id": assumed["AccessKeyId"],
            "secret_access_key": assumed["SecretAccessKey"],
            "session_token": assumed["SessionToken"],
        }
    elif bucket == settings().media_bucket and key.startswith(
        (own_folder(meter.run.organization), temporary_folder(meter.run.organization))
    ):
        return aws.media_client(home)
    else:
        own = f"s3://{settings().media_bucket}/{own_folder(meter.run.organization)}"
        raise AccessDenied(f"without credentials or role_arn only {own}... can be used")

    def client(region: str) -> Any:
        return aws.foreign_media_client(region, **identity)  # type: ignore[arg-type]

    return client(_region(client(home), bucket) or home)


def _region(client: Any, bucket: str) -> str | None:
    """Where the bucket is; S3 says so even to those it refuses."""
    try:
        response = client.head_bucket(Bucket=bucket)
    except ClientError as error:
        response = error.response
    region: str | None = response["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
    return region
