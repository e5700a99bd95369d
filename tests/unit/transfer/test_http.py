"""HTTP(S): what a hostile, broken or slow server can do to a job."""

import base64
import gzip
import socket
import threading
import time
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from mediajobs.errors import (
    AccessDenied,
    AddressForbidden,
    InvalidMedia,
    LimitExceeded,
    RunLost,
    SourceNotFound,
    ToolError,
    TransferFailed,
)
from mediajobs.tools.credential import Location
from mediajobs.transfer.address import Policy
from mediajobs.transfer.meter import Limits, Meter
from mediajobs.transfer.site import reach
from tests.server import certificate
from tests.server.http import Handler, Route, listen, serve
from tests.tool_run import LocalRun

LOOPBACK = Policy(networks=(ip_network("127.0.0.0/8"),))
LIMITS = Limits()
BODY = bytes(range(256)) * 3000


@pytest.fixture
def run(tmp_path: Path) -> LocalRun:
    return LocalRun(tmp_path)


def get(
    run: LocalRun, url: str, *, policy: Policy = LOOPBACK, limits: Limits = LIMITS, **location: Any
) -> bytes:
    meter = Meter(run, parts=1, limits=limits)
    meter.begin()
    place = Location.model_validate({"url": url, **location})
    target = run.directory / "got"
    with reach(place, meter, policy) as site:
        site.get(place.full_url, target)
    return target.read_bytes()


def put(
    run: LocalRun,
    url: str,
    body: bytes = BODY,
    *,
    policy: Policy = LOOPBACK,
    limits: Limits = LIMITS,
    **location: Any,
) -> None:
    meter = Meter(run, parts=1, limits=limits)
    meter.begin()
    place = Location.model_validate({"url": url, **location})
    source = run.directory / "given"
    source.write_bytes(body)
    with reach(place, meter, policy) as site:
        site.put(source, place.full_url, "video/mp4")


def redirect(to: str, status: int = 302) -> Route:
    return lambda handler: handler.answer(status, Location=to)


def test_a_file_arrives_as_it_is_with_its_query_and_progress(run: LocalRun) -> None:
    with serve({"/clip.mp4": lambda handler: handler.answer(200, BODY)}) as server:
        assert get(run, server.url("/clip.mp4?sig=a%2Fb")) == BODY
    (request,) = server.requests
    assert request.path == "/clip.mp4?sig=a%2Fb"
    assert request.headers["Accept-Encoding"] == "identity"
    assert run.fractions == sorted(run.fractions)
    assert run.fractions[-1] == 1


def test_the_environments_proxy_is_not_used(run: LocalRun, monkeypatch: pytest.MonkeyPatch) -> None:
    with listen() as (port, hits), serve({"/a": lambda handler: handler.answer(200, b"x")}) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        assert get(run, server.url("/a")) == b"x"
        assert hits == []


def test_three_redirects_are_followed_and_a_fourth_is_not(run: LocalRun) -> None:
    routes = {f"/{n}": redirect(f"/{n + 1}") for n in range(5)}
    routes["/3"] = lambda handler: handler.answer(200, b"x")
    with serve(routes) as server:
        assert get(run, server.url("/0")) == b"x"
        routes["/3"] = redirect("/4")
        with pytest.raises(TransferFailed, match="more than 3 times"):
            get(run, server.url("/0"))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::ffff:7f00:1]"])
def test_a_redirect_to_a_forbidden_address_is_not_followed(run: LocalRun, host: str) -> None:
    policy = Policy(networks=(ip_network("127.0.0.2/32"),))
    with (
        listen() as (port, hits),
        serve({"/a": redirect(f"http://{host}:{port}/b")}, host="127.0.0.2") as server,
    ):
        with pytest.raises((AddressForbidden, TransferFailed)):
            get(run, server.url("/a"), policy=policy)
        assert hits == []
        assert len(server.requests) == 1


def test_a_name_that_changes_after_the_check_leads_nowhere_else(
    run: LocalRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo
    asked: list[str] = []

    def resolve(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        if host != "media.example":
            return real(host, *args, **kwargs)
        asked.append(host)
        return real("127.0.0.2" if len(asked) == 1 else "127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with listen() as (port, hits):
        with pytest.raises(TransferFailed):
            get(run, f"http://media.example:{port}/a", policy=Policy(networks=(ip_network("127.0.0.2/32"),)))
        assert asked == ["media.example"]
        assert hits == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a", "http://ann:pw@127.0.0.1/a"])
def test_a_redirect_out_of_plain_http_is_not_followed(run: LocalRun, target: str) -> None:
    with serve({"/a": redirect(target)}) as server, pytest.raises(AddressForbidden):
        get(run, server.url("/a"))


def test_a_redirect_from_https_to_http_is_not_followed(
    run: LocalRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    plain = {"/a": lambda handler: handler.answer(200, b"x")}
    with (
        serve(plain) as lower,
        serve({"/a": redirect(lower.url("/a"))}, tls=certificate.context(pem)) as upper,
    ):
        with pytest.raises(AddressForbidden, match="https to http"):
            get(run, upper.url("/a"))
        assert lower.requests == []


def test_a_file_arrives_over_https_by_name(
    run: LocalRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    routes = {"/a": lambda handler: handler.answer(200, BODY)}
    with serve(routes, tls=certificate.context(pem), host="localhost") as server:
        assert get(run, server.url("/a")) == BODY


def test_an_unknown_certificate_is_refused(run: LocalRun, tmp_path: Path) -> None:
    tls = certificate.context(certificate.make(tmp_path))
    with serve({"/a": lambda handler: handler.answer(200)}, tls=tls) as server, pytest.raises(TransferFailed):
        get(run, server.url("/a"))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccessDenied),
        (403, AccessDenied),
        (404, SourceNotFound),
        (410, SourceNotFound),
        (408, TransferFailed),
        (429, TransferFailed),
        (500, TransferFailed),
        (503, TransferFailed),
        (204, TransferFailed),
        (206, TransferFailed),
    ],
)
def test_a_refusal_says_what_kind_it_is_and_repeats_nothing_the_server_said(
    run: LocalRun, status: int, error: type[ToolError]
) -> None:
    def refuse(handler: Handler) -> None:
        handler.send_response(status, "canary-reason")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with serve({"/a": refuse}) as server, pytest.raises(error, match=str(status)) as caught:
        get(run, server.url("/a?sig=canary"))
    assert "canary" not in str(caught.value)


def test_a_server_that_is_away_may_come_back(run: LocalRun) -> None:
    with serve({}) as server:
        pass
    with pytest.raises(TransferFailed) as caught:
        get(run, server.url("/a"))
    assert caught.value.retryable


def test_less_than_the_announced_length_is_no_file(run: LocalRun) -> None:
    def short(handler: Handler) -> None:
        handler.close_connection = True
        handler.answer(200, b"x" * 10, Content_Length="1000")

    with serve({"/a": short}) as server, pytest.raises(TransferFailed, match="broke off"):
        get(run, server.url("/a"))


def test_a_file_over_the_limit_is_refused_by_its_announced_length(run: LocalRun) -> None:
    with serve({"/a": lambda handler: handler.answer(200, BODY)}) as server, pytest.raises(LimitExceeded):
        get(run, server.url("/a"), limits=Limits(size=len(BODY) - 1))
    assert (run.directory / "got").stat().st_size == 0


def test_a_file_of_unknown_length_is_counted_while_it_comes(run: LocalRun) -> None:
    def endless(handler: Handler) -> None:
        handler.close_connection = True
        handler.send_response(200)
        handler.end_headers()
        while not handler.home.over.is_set():
            handler.wfile.write(b"x" * 65536)

    with serve({"/a": endless}) as server, pytest.raises(LimitExceeded):
        get(run, server.url("/a"), limits=Limits(size=10**6))
    assert (run.directory / "got").stat().st_size < 2 * 10**6


def test_a_compressed_answer_is_refused_and_never_unpacked(run: LocalRun) -> None:
    bomb = gzip.compress(bytes(10**6))
    routes = {"/a": lambda handler: handler.answer(200, bomb, Content_Encoding="gzip")}
    with serve(routes) as server, pytest.raises(InvalidMedia, match="compressed"):
        get(run, server.url("/a"))


def stall(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"x")
    handler.wfile.flush()
    handler.home.over.wait(30)


def drip(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.home.over.wait(0.05):
        handler.wfile.write(b"x")


def drip_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.home.over.wait(0.05):
        handler.wfile.write(b"a")


def test_a_server_that_falls_silent_is_given_up(run: LocalRun) -> None:
    with serve({"/a": stall}) as server, pytest.raises(TransferFailed, match="ReadTimeout"):
        get(run, server.url("/a"), limits=Limits(silence=0.3))


@pytest.mark.parametrize("route", [drip, drip_headers])
def test_a_server_that_only_drips_is_given_up(run: LocalRun, route: Route) -> None:
    with serve({"/a": route}) as server, pytest.raises(TransferFailed, match="slower than"):
        get(run, server.url("/a"), limits=Limits(window=0.5))


@pytest.mark.parametrize("route", [stall, lambda handler: handler.home.over.wait(30)])
@pytest.mark.parametrize("secure", [False, True])
def test_a_lost_run_leaves_a_stalled_download_at_once(
    run: LocalRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: Route, secure: bool
) -> None:
    pem = certificate.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with serve({"/a": route}, tls=certificate.context(pem) if secure else None) as server:
        threading.Timer(0.5, run.lose).start()
        start = time.monotonic()
        with pytest.raises(RunLost):
            get(run, server.url("/a"))
        assert time.monotonic() - start < 3


def basic(handler: Handler) -> None:
    expected = "Basic " + base64.b64encode(b"ann:p@ss").decode()
    if handler.headers.get("Authorization") == expected:
        handler.answer(200, BODY)
    else:
        handler.answer(401, WWW_Authenticate='Basic realm="r"')


def digest(handler: Handler) -> None:
    if (
        handler.headers.get("Authorization", "").startswith("Digest ")
        and 'username="ann"' in (handler.headers["Authorization"])
    ):
        handler.answer(200, BODY)
    else:
        handler.answer(401, WWW_Authenticate='Digest realm="r", nonce="abc", qop="auth", algorithm=SHA-256')


ANN: dict[str, Any] = {"credentials": {"username": "ann", "password": "p@ss"}}


@pytest.mark.parametrize("route", [basic, digest])
def test_a_download_signs_in_as_the_server_asks(run: LocalRun, route: Route) -> None:
    with serve({"/a": route}) as server:
        assert get(run, server.url("/a"), **ANN) == BODY


@pytest.mark.parametrize("route", [basic, digest])
def test_an_upload_sends_its_body_once_and_signed(run: LocalRun, route: Route) -> None:
    with serve({"/a": route}) as server:
        put(run, server.url("/a"), **ANN)
    assert [request.body for request in server.requests if request.method == "PUT"] == [BODY]


def test_the_password_is_not_sent_where_a_digest_is_asked_for(run: LocalRun) -> None:
    with serve({"/a": digest}) as server:
        get(run, server.url("/a"), **ANN)
        put(run, server.url("/a"), **ANN)
    sent = [request.headers.get("Authorization", "") for request in server.requests]
    assert not any(header.startswith("Basic") for header in sent)


@pytest.mark.parametrize("asks_first", [False, True])
def test_the_password_does_not_follow_a_redirect_to_another_server(run: LocalRun, asks_first: bool) -> None:
    with serve({"/b": basic}) as other:

        def move_on(handler: Handler) -> None:
            if asks_first and "Authorization" not in handler.headers:
                basic(handler)
            else:
                redirect(other.url("/b"))(handler)

        with serve({"/a": move_on}) as server, pytest.raises(AccessDenied):
            get(run, server.url("/a"), **ANN)
    assert [request.headers.get("Authorization") for request in other.requests] == [None]


def test_a_wrong_password_is_refused(run: LocalRun) -> None:
    wrong: dict[str, Any] = {"credentials": {"username": "ann", "password": "canary"}}
    with serve({"/a": basic}) as server, pytest.raises(AccessDenied) as caught:
        get(run, server.url("/a"), **wrong)
    assert "canary" not in str(caught.value)


def test_an_upload_names_its_length_and_type_and_keeps_the_query(run: LocalRun) -> None:
    with serve({"/in/a.mp4": lambda handler: handler.answer(201)}) as server:
        put(run, server.url("/in/a.mp4?sig=1"))
    (request,) = server.requests
    assert (request.method, request.path, request.body) == ("PUT", "/in/a.mp4?sig=1", BODY)
    assert request.headers["Content-Length"] == str(len(BODY))
    assert request.headers["Content-Type"] == "video/mp4"
    assert "Transfer-Encoding" not in request.headers


def test_an_upload_follows_a_redirect_that_keeps_the_method(run: LocalRun) -> None:
    routes = {"/a": redirect("/b", 307), "/b": lambda handler: handler.answer(201)}
    with serve(routes) as server:
        put(run, server.url("/a"))
        assert server.requests[-1].body == BODY
        routes["/a"] = redirect("/b", 302)
        with pytest.raises(TransferFailed, match="302"):
            put(run, server.url("/a"))


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, AccessDenied), (404, SourceNotFound), (405, TransferFailed), (507, TransferFailed)],
)
def test_a_refused_upload_says_why(run: LocalRun, status: int, error: type[ToolError]) -> None:
    with serve({"/a": lambda handler: handler.answer(status)}) as server, pytest.raises(error):
        put(run, server.url("/a"))


def test_a_lost_run_leaves_a_stalled_upload_at_once(run: LocalRun) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        threading.Timer(0.5, run.lose).start()
        start = time.monotonic()
        with pytest.raises(RunLost):
            put(run, f"http://127.0.0.1:{listener.getsockname()[1]}/a", bytes(30 * 10**6))
        assert time.monotonic() - start < 3
