"""The structured log of every function: one JSON line a decision, with what is bound to it."""

from aws_lambda_powertools import Logger

logger = Logger(service="mediajobs", log_uncaught_exceptions=False)

_BOUND = ("organization", "job", "attempt", "task", "run", "region", "trigger", "delivery")


def bind(**keys: object) -> None:
    """Say what the lines from now on are about: `organization`, `job`, `attempt`, `task` and the like. A
    process handles one thing after the other, so what is not named is bound no more."""
    logger.append_keys(**{**dict.fromkeys(_BOUND), **keys})
