"""HTTP connections that lead to checked addresses only, and end when the run is lost."""

import logging
import ssl
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import httpcore2
import httpx2

from mediajobs.transfer import address
from mediajobs.transfer.address import Policy
from mediajobs.transfer.meter import Meter

# It would log each URL with its query, which may be a password.
logging.getLogger("httpx2").setLevel(logging.WARNING)

#: What a connection that breaks, or an answer that cannot be read, raises.
BROKEN = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    httpx2.StreamError,
    httpcore2.NetworkError,
    httpcore2.TimeoutException,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
)


class _Stream(httpcore2.NetworkStream):
    """A connection whose bytes are paced, headers included."""

    def __init__(self, inner: httpcore2.NetworkStream, meter: Meter) -> None:
        self._inner = inner
        self._meter = meter

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, timeout)
        self._meter.pace(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)
        self._meter.pace(len(buffer))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._meter)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class Network(httpcore2.NetworkBackend):
    """Connects to checked addresses only; what it opens is broken when the run is lost."""

    def __init__(self, meter: Meter, policy: Policy, stack: ExitStack) -> None:
        self._backend = httpcore2.SyncBackend()
        self._meter = meter
        self._policy = policy
        self._stack = stack

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - the backend's signature
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        failure: httpcore2.NetworkError | httpcore2.TimeoutException | None = None
        for checked in address.resolve(host, port, self._policy):
            try:
                stream = self._backend.connect_tcp(str(checked), port, timeout)
            except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
                failure = error
            else:
                self._stack.enter_context(address.breakable(self._meter.run, stream.get_extra_info("socket")))
                return _Stream(stream, self._meter)
        raise failure or httpcore2.ConnectError("no address")


class _Body(httpx2.SyncByteStream):
    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts

    def close(self) -> None:
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()


class Transport(httpx2.BaseTransport):
    def __init__(self, network: Network) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=network
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        response = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response.stream),  # type: ignore[arg-type]
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._pool.close()
