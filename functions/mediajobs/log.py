"""The structured log of every function: one JSON line a decision, with what is bound to it."""

import json
from typing import Any

from aws_lambda_powertools import Logger


def _line(record: dict[str, Any]) -> str:
    """JSON in UTF-8; half of a surrogate pair, which has no place there, is escaped."""
    text = json.dumps(record, default=str, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode()


logger = Logger(service="mediajobs", log_uncaught_exceptions=False, json_serializer=_line)

_BOUND = ("organization", "job", "attempt", "task", "run", "region", "trigger", "delivery")


def bind(**keys: object) -> None:
    """Say what the lines from now on are about: `organization`, `job`, `attempt`, `task` and the like. A
    process handles one thing after the other, so what is not named is bound no more."""
    logger.append_keys(**{**dict.fromkeys(_BOUND), **keys})
