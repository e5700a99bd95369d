"""Secrets of a job, a webhook or an organization: encrypted by KMS, each under its own context."""

import json

from mediajobs.aws import client
from mediajobs.settings import settings


def seal(organization: str, owner: str, fields: dict[str, str], *, of: str = "job") -> bytes:
    """The fields, readable only by who may decrypt for this very owner; up to 4 KB."""
    answer = client("kms", settings().home_region).encrypt(
        KeyId=settings().secret_key_arn,
        Plaintext=json.dumps(fields).encode(),
        EncryptionContext=_context(organization, owner, of),
    )
    return bytes(answer["CiphertextBlob"])


def unseal(organization: str, owner: str, sealed: bytes, *, of: str = "job") -> dict[str, str]:
    """The way back."""
    answer = client("kms", settings().home_region).decrypt(
        KeyId=settings().secret_key_arn,
        CiphertextBlob=sealed,
        EncryptionContext=_context(organization, owner, of),
    )
    fields: dict[str, str] = json.loads(answer["Plaintext"])
    return fields


def _context(organization: str, owner: str, of: str) -> dict[str, str]:
    return {"organization": organization, of: owner}
