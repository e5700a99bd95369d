"""The files of a job, in S3: each run writes under a prefix of its own, so a lost run is never seen."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mediajobs.aws import media_client
from mediajobs.errors import SourceNotFound, TransferFailed
from mediajobs.outage import outlast
from mediajobs.settings import settings
from mediajobs.tools.tool import File
from mediajobs.tools.workspace import type_of

_PART = 64 * 2**20
_CHUNK = 2**20


def load(file: File, path: Path, check: Any) -> None:
    """Copy a workspace file to `path`, looking at `check` at every chunk."""
    try:
        body = outlast(lambda: _client().get_object(Bucket=_bucket(), Key=file.key)["Body"], check)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            raise SourceNotFound(f"the workspace has no {file.name} any more") from None
        raise
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        for chunk in body.iter_chunks(_CHUNK):
            check()
            target.write(chunk)
    if path.stat().st_size != file.size:
        raise TransferFailed(f"{file.name} came incomplete from the workspace")


def save(path: Path, name: str, folder: str, check: Any) -> File:
    """Copy a local file into the workspace; a large one in parts, so that `check` is looked at."""
    key, size = folder + name, path.stat().st_size
    content_type = type_of(name)
    target = {"Bucket": _bucket(), "Key": key}
    if size <= _PART:
        body = path.read_bytes()
        outlast(lambda: _client().put_object(**target, Body=body, ContentType=content_type), check)
    else:
        _save_parts(path, target, content_type, check)
    return File(name, key, size, content_type)


def _save_parts(path: Path, target: Mapping[str, str], content_type: str, check: Any) -> None:
    begun = outlast(lambda: _client().create_multipart_upload(**target, ContentType=content_type), check)
    upload = begun["UploadId"]
    try:
        parts: list[dict[str, Any]] = []
        with path.open("rb") as body:
            while chunk := body.read(_PART):
                check()
                part = {**target, "UploadId": upload, "PartNumber": len(parts) + 1, "Body": chunk}
                answer = outlast(partial(_client().upload_part, **part), check)
                parts.append({"PartNumber": len(parts) + 1, "ETag": answer["ETag"]})
        whole = {**target, "UploadId": upload, "MultipartUpload": {"Parts": parts}}
        outlast(lambda: _client().complete_multipart_upload(**whole), check)
    except BaseException:
        # What stays is removed by a rule of the bucket.
        with suppress(BotoCoreError, ClientError):
            _client().abort_multipart_upload(**target, UploadId=upload)
        raise


def _client() -> Any:
    return media_client(settings().region)


def _bucket() -> str:
    return settings().workspace_bucket_of(settings().region)
