"""One message over HTTP(S) to a checked address: no redirect is followed, and it ends in time."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx2

from mediajobs.errors import TransferFailed
from mediajobs.transfer.address import Policy
from mediajobs.transfer.connection import BROKEN, Network, Transport
from mediajobs.transfer.meter import Limits, Meter
from mediajobs.transfer.url import place

#: Seconds of one message: until there is a connection, and in all.
CONNECT_SECONDS = 5
SECONDS = 15
#: Bytes of the answer that are read.
MAX_ANSWER = 1024
#: The ports of public addresses.
PORTS = frozenset({80, 443, 8080, 8443})

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Login:
    """Who we are there; Basic unless the receiver's digest is asked for."""

    username: str
    password: str
    is_digest: bool = False


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and how the text begins."""

    status: int
    text: str


class _Patience:
    """A hold that ends when its time is over."""

    organization = job_id = ""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def log(self, line: str) -> None:
        """Nobody reads it."""

    def progress(self, fraction: float) -> None:
        """Nobody asks."""

    def check(self) -> None:
        if time.monotonic() >= self._end:
            raise TransferFailed(f"it took longer than {SECONDS} seconds")

    @contextmanager
    def interruptible(self, close: Callable[[], None]) -> Iterator[None]:
        timer = threading.Timer(max(0.0, self._end - time.monotonic()), close)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    login: Login | None = None,
    policy: Policy,
    seconds: float = SECONDS,
) -> Answer:
    """Send a body. Raises AddressForbidden, InvalidParameters, TransferFailed."""
    patience = _Patience(seconds)
    meter = Meter(patience, parts=1, limits=Limits(silence=seconds))
    try:
        with (
            ExitStack() as stack,
            httpx2.Client(
                transport=Transport(Network(meter, policy, stack)),
                timeout=httpx2.Timeout(seconds, connect=CONNECT_SECONDS),
                trust_env=False,
            ) as client,
            client.stream(
                "POST",
                httpx2.URL(url).copy_with(host=place(url).host),
                content=body,
                headers={"User-Agent": "mediajobs", **headers, "Accept-Encoding": "identity"},
                auth=_auth(login),
                follow_redirects=False,
            ) as response,
        ):
            return Answer(response.status_code, _beginning(response))
    except BROKEN as error:
        patience.check()
        raise TransferFailed(f"it broke off: {type(error).__name__}") from None


def _auth(login: Login | None) -> httpx2.Auth | None:
    if login is None:
        return None
    kind = httpx2.DigestAuth if login.is_digest else httpx2.BasicAuth
    return kind(login.username, login.password)


def _beginning(response: httpx2.Response) -> str:
    read = b""
    for data in response.iter_raw(MAX_ANSWER):
        read += data
        if len(read) >= MAX_ANSWER:
            break
    return _CONTROL.sub(" ", read[:MAX_ANSWER].decode(errors="replace"))
