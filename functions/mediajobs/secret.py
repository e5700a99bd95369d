"""Secrets of a job: encrypted by KMS under the job's own context before they are stored."""

import json

from mediajobs.aws import client
from mediajobs.settings import settings


def seal(organization: str, job_id: str, fields: dict[str, str]) -> bytes:
    """The fields, readable only by who may decrypt for this very job; up to 4 KB."""
    answer = client("kms", settings().home_region).encrypt(
        KeyId=settings().secret_key_arn,
        Plaintext=json.dumps(fields).encode(),
        EncryptionContext=_context(organization, job_id),
    )
    return bytes(answer["CiphertextBlob"])


def unseal(organization: str, job_id: str, sealed: bytes) -> dict[str, str]:
    """The way back."""
    answer = client("kms", settings().home_region).decrypt(
        KeyId=settings().secret_key_arn,
        CiphertextBlob=sealed,
        EncryptionContext=_context(organization, job_id),
    )
    fields: dict[str, str] = json.loads(answer["Plaintext"])
    return fields


def _context(organization: str, job_id: str) -> dict[str, str]:
    return {"organization": organization, "job": job_id}
