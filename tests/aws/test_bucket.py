"""What our workspaces rely on in S3, and our secrets on KMS."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.place import REGION, Place


@pytest.fixture
def s3(aws: Place) -> Any:
    return aws.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"b-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def test_an_upload_in_parts_is_nothing_until_it_is_completed(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert [each["Key"] for each in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["k"]
    s3.complete_multipart_upload(
        Bucket=bucket,
        Key="k",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_an_aborted_upload_is_gone(s3: Any, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    with pytest.raises(ClientError, match="NoSuchUpload"):
        s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")


def test_a_listing_is_in_the_order_of_its_keys_and_in_pages(s3: Any, bucket: str) -> None:
    for name in ("b", "a/2", "a/1", "a-"):
        s3.put_object(Bucket=bucket, Key=name, Body=b"")
    first = s3.list_objects_v2(Bucket=bucket, Prefix="a", MaxKeys=2)
    assert [entry["Key"] for entry in first["Contents"]] == ["a-", "a/1"]
    rest = s3.list_objects_v2(Bucket=bucket, Prefix="a", ContinuationToken=first["NextContinuationToken"])
    assert [entry["Key"] for entry in rest["Contents"]] == ["a/2"]


def test_of_many_keys_removed_at_once_those_that_are_not_there_are_no_error(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "none"}]})
    assert not answer.get("Errors")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_range_is_read(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    found = s3.get_object(Bucket=bucket, Key="k", Range="bytes=2-4")
    assert (found["Body"].read(), found["ContentRange"]) == (b"234", "bytes 2-4/10")


def test_a_secret_opens_only_in_its_own_context(aws: Place) -> None:
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext={"organization": "a"})
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"organization": "a"})
    assert opened["Plaintext"] == b"secret"
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"organization": "b"})
