"""An organization's named secrets: kept encrypted, opened for a job that is submitted, and never shown."""

import json
from functools import cache
from typing import Self

from pydantic import Field, SecretStr, model_validator

from mediajobs import secret
from mediajobs.secret_name import Resolve
from mediajobs.store import named_secret as secrets
from mediajobs.store.named_secret import NamedSecret
from mediajobs.timestamp import now
from mediajobs.tools.tool import Model

#: Bytes of a value as JSON; KMS encrypts 4,096 with what stands around it.
MAX_BYTES = 4_080


class Secret(Model):
    """What may be set of a secret."""

    # Two bytes are its quotes.
    value: SecretStr = Field(
        min_length=1, max_length=MAX_BYTES - 2, description="written, and never read again"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(json.dumps(self.value.get_secret_value())) > MAX_BYTES:
            raise ValueError(f"a secret takes at most {MAX_BYTES} bytes as JSON")
        return self


def put(organization: str, name: str, wanted: Secret, *, by: str) -> NamedSecret:
    """Keep a secret; jobs that were submitted before have the one before. Raises Conflict."""
    fields = {"value": wanted.value.get_secret_value()}
    sealed = secret.seal(organization, name, fields, of="secret")
    return secrets.put(organization, name, sealed, at=now(), by=by)


def resolver(organization: str) -> Resolve:
    """Opens the organization's secrets, each once."""

    @cache
    def resolve(name: str) -> str:
        found = secrets.find(organization, name)
        if found is None:
            raise ValueError(f"there is no secret {{{name}}}; write {{{{ for a plain {{")
        return secret.unseal(organization, name, found.sealed, of="secret")["value"]

    return resolve
