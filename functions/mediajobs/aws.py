"""Every AWS client there is, made on first use with explicit time limits."""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

#: Control calls: a region that does not answer must not hold a handler for minutes.
_QUICK = Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
#: A call that waits for a function's answer: longer than the function may take, and once.
_WAITING = Config(connect_timeout=2, read_timeout=22, retries={"mode": "standard", "total_max_attempts": 1})
#: Calls that move media: long bodies, and worth more tries.
_PATIENT = Config(
    connect_timeout=3,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 5},
    max_pool_connections=16,
)


@cache
def session() -> Session:
    """The process's one session; tests hook its events."""
    return get_session()


@cache
def client(service: str, region: str) -> Any:
    """A client for control calls to a service in a region."""
    return session().create_client(service, region_name=region, config=_QUICK)


@cache
def function_client(region: str) -> Any:
    """A client that calls functions and waits for what they answer, up to 22 s."""
    return session().create_client("lambda", region_name=region, config=_WAITING)


@cache
def media_client(region: str) -> Any:
    """An S3 client that moves media, under this function's own role."""
    return session().create_client("s3", region_name=region, config=_PATIENT)


def foreign_media_client(
    region: str, *, access_key_id: str, secret_access_key: str, session_token: str | None
) -> Any:
    """An S3 client under a caller's credentials; never cached."""
    return session().create_client(
        "s3",
        region_name=region,
        config=_PATIENT,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        aws_session_token=session_token,
    )
