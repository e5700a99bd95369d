"""Files over HTTP(S): guarded addresses on every hop, and no trust in what the server says."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from mediajobs.errors import (
    AccessDenied,
    AddressForbidden,
    InvalidMedia,
    SourceNotFound,
    TransferFailed,
)
from mediajobs.tools.credential import Credentials, Location
from mediajobs.transfer import address
from mediajobs.transfer.address import Policy
from mediajobs.transfer.connection import BROKEN, Network, Transport
from mediajobs.transfer.meter import CHUNK, Meter
from mediajobs.transfer.site import Look
from mediajobs.transfer.url import place, public

MAX_REDIRECTS = 3


@contextmanager
def reach(location: Location, meter: Meter, policy: Policy) -> Iterator["HttpSite"]:
    """A client for the location; see `mediajobs.transfer.site.Site`."""
    with (
        ExitStack() as stack,
        httpx2.Client(
            transport=Transport(Network(meter, policy, stack)),
            timeout=httpx2.Timeout(meter.limits.silence, connect=address.CONNECT_SECONDS),
            headers={"Accept-Encoding": "identity", "User-Agent": "mediajobs"},
            trust_env=False,
        ) as client,
    ):
        yield HttpSite(client, location.credentials, meter)


@dataclass(frozen=True)
class HttpSite:
    """A `Site` of one location over HTTP(S)."""

    client: httpx2.Client
    credentials: Credentials | None
    meter: Meter

    def get(self, url: str, target: Path) -> None:
        """Load a file; its length is checked where the server names it."""
        with self._answer("GET", url, None, {}) as response, target.open("wb") as file:
            if response.status_code != 200:
                raise TransferFailed(f"{public(url)} answers {response.status_code}")
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise InvalidMedia(f"{public(url)} comes compressed, though asked not to")
            self.meter.expect(_length(response))
            for data in response.iter_raw(CHUNK):
                file.write(data)
                self.meter.count(len(data))

    def put(self, path: Path, url: str, content_type: str) -> None:
        """Store a file by PUT; a server that gets less than the announced length drops it."""
        headers = {"Content-Type": content_type, "Content-Length": str(path.stat().st_size)}
        with self._answer("PUT", url, path, headers) as response:
            if not response.is_success:
                raise TransferFailed(f"{public(url)} answers {response.status_code}")

    def look(self, url: str) -> Look:
        """By HEAD; where that is refused, as by a URL that is signed for GET, by a GET of the first byte."""
        with suppress(SourceNotFound, AccessDenied), self._answer("HEAD", url, None, {}) as response:
            if response.status_code == 200:
                return Look(True, _length(response))
        with self._answer("GET", url, None, {"Range": "bytes=0-0"}) as response:
            status = response.status_code
            if status == 416:  # there is no first byte
                return Look(True, 0)
            if status == 206:
                whole = response.headers.get("Content-Range", "").rpartition("/")[2]
                return Look(True, int(whole) if whole.isdecimal() else None)
            if status == 200:
                return Look(True, _length(response))
            raise TransferFailed(f"{public(url)} answers {status}")

    def can_put(self, url: str) -> bool | None:
        """Only a PUT would tell; that the server answers at all is seen."""
        with suppress(SourceNotFound, AccessDenied), self._answer("HEAD", url, None, {}):
            pass
        return None

    @contextmanager
    def _answer(
        self, method: str, url: str, body: Path | None, headers: dict[str, str]
    ) -> Iterator[httpx2.Response]:
        """The last answer after redirects and sign-in; what breaks in it becomes a ToolError."""
        try:
            response = self._send(method, url, body, headers)
            try:
                _refuse(response.status_code, url)
                yield response
            finally:
                response.close()
        except BROKEN as error:
            self.meter.run.check()
            raise TransferFailed(f"{public(url)} broke off: {type(error).__name__}") from None

    def _send(self, method: str, url: str, body: Path | None, headers: dict[str, str]) -> httpx2.Response:
        target = _ascii(url)
        origin = _origin(target)
        # A body is sent once, so sign-in is settled before it.
        auth = self._sign_in(self._probe(target)) if body is not None and self._has_user else None
        redirects = 0
        while True:
            request = self.client.build_request(
                method, target, headers=headers, content=self._read(body) if body else None
            )
            response = self.client.send(
                request, auth=auth if _origin(target) == origin else None, stream=True
            )
            challenged = response.status_code == 401 and auth is None and _origin(target) == origin
            if challenged and self._has_user:
                auth = self._sign_in(response)
                response.close()
                continue
            if not response.has_redirect_location or (body is not None and response.status_code < 307):
                return response
            response.close()
            redirects += 1
            if redirects > MAX_REDIRECTS:
                raise TransferFailed(f"{public(url)} redirects more than {MAX_REDIRECTS} times")
            target = _next(target, response.headers["Location"])

    def _probe(self, url: httpx2.URL) -> httpx2.Response:
        response = self.client.send(self.client.build_request("HEAD", url), auth=None, stream=True)
        response.close()
        return response

    @property
    def _has_user(self) -> bool:
        return self.credentials is not None and self.credentials.username is not None

    def _sign_in(self, challenge: httpx2.Response) -> httpx2.Auth:
        """Digest where the server offers it, so that the password does not go over the wire; else Basic."""
        secrets = self.credentials.plain() if self.credentials else {}
        user = secrets.get("username", ""), secrets.get("password", "")
        if "digest" not in challenge.headers.get("WWW-Authenticate", "").lower():
            return httpx2.BasicAuth(*user)
        digest = httpx2.DigestAuth(*user)
        if challenge.request.method == "HEAD":
            # This request teaches it the server's nonce, so that the body after it is sent signed at once.
            self.client.send(
                self.client.build_request("HEAD", challenge.request.url), auth=digest, stream=True
            ).close()
        return digest

    def _read(self, body: Path) -> Iterator[bytes]:
        with body.open("rb") as file:
            # Again from the start after a redirect.
            self.meter.expect(body.stat().st_size)
            while data := file.read(CHUNK):
                self.meter.count(len(data))
                yield data


def _ascii(url: str) -> httpx2.URL:
    """The URL with its host as the network knows it. Raises InvalidParameters."""
    return httpx2.URL(url).copy_with(host=place(url).host)


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _next(url: httpx2.URL, redirect: str) -> httpx2.URL:
    target = url.join(redirect)
    if target.scheme not in {"http", "https"} or target.userinfo:
        raise AddressForbidden("a redirect leads out of plain http(s)")
    if url.scheme == "https" and target.scheme == "http":
        raise AddressForbidden("a redirect leads from https to http")
    return target


def _refuse(status: int, url: str) -> None:
    if status in {404, 410}:
        raise SourceNotFound(f"{public(url)} answers {status}")
    if status in {401, 403, 407}:
        raise AccessDenied(f"{public(url)} answers {status}")


def _length(response: httpx2.Response) -> int | None:
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None
