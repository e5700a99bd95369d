"""A signed link of a function is refused: S3 knows no session token but those that STS has given."""

import re
from typing import Any

from ministack.services import s3


def install() -> None:
    """Take the token of a function for its own."""
    resolve = s3.resolve_credential

    def resolve_with_token(key_id: str, account: str, token: str) -> Any:
        return resolve(key_id, account, "" if re.fullmatch("[0-9]{12}", key_id) else token)

    s3.resolve_credential = resolve_with_token
