"""Nothing that a caller writes makes the service connect to what is not the caller's: one table of hosts, run
over every door that takes a URL.

A listener on every address of this machine counts who comes, and Python itself tells of each attempt to
connect, whether or not somebody listens. 127.0.0.2, which the deployment opens here, stands for the public.
"""

import json
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mediajobs import delivery
from mediajobs.errors import AddressForbidden, InvalidParameters, MediajobsError, TransferFailed
from mediajobs.settings import settings
from mediajobs.tools.storage import get, put
from mediajobs.tools.tool import Result
from mediajobs.transfer.address import Policy, resolve
from mediajobs.transfer.post import post
from mediajobs.worker import inspect
from tests.dialects.transparentedge.test_handlers import BASE, PROFILE
from tests.dialects.transparentedge.test_request import ORDER
from tests.faults import state
from tests.faults.extent import IS_LONG, chosen
from tests.security.address import ANSWERS, METADATA, PART, TABLE
from tests.server.http import Server, serve
from tests.tool_run import LocalRun
from tests.world import Context, World, tool

PUBLIC = "127.0.0.2"


@dataclass
class Watch:
    """Where this process tried to connect to, and who reached the listener."""

    port: int = 0
    attempts: list[str] = field(default_factory=list)
    hits: list[str] = field(default_factory=list)

    def forbidden(self) -> list[str]:
        """All of it that was not the public address."""
        return [*self.hits, *(host for host in self.attempts if host.removeprefix("::ffff:") != PUBLIC)]


_watching: list[Watch] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _watching and isinstance(arguments[1], tuple):
        _watching[0].attempts.append(str(arguments[1][0]))


sys.addaudithook(_audit)


def _accept(listener: socket.socket, watch: Watch, over: threading.Event) -> None:
    while not over.is_set():
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        reached = connection.getsockname()[0].removeprefix("::ffff:")
        if reached != PUBLIC:
            watch.hits.append(reached)
        connection.close()


@contextmanager
def _listening(watch: Watch) -> Iterator[None]:
    """On every address of this machine, IPv4 and IPv6."""
    dual = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if dual else socket.AF_INET
    over = threading.Event()
    with socket.create_server(("", 0), family=family, dualstack_ipv6=dual) as listener:
        listener.settimeout(0.05)
        watch.port = listener.getsockname()[1]
        thread = threading.Thread(target=_accept, args=(listener, watch, over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """A deployment that opens 127.0.0.2, and public addresses on the listener's port."""
    made = Watch()
    # Reading this machine's certificates takes longer than all the rest.
    monkeypatch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
    monkeypatch.setenv("ALLOWED_NETWORKS", f"{PUBLIC}/32")
    settings.cache_clear()
    real, asked = socket.getaddrinfo, dict.fromkeys(ANSWERS, 0)

    def resolve(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in ANSWERS:
            # What is no number and not this machine's own name is looked up nowhere.
            numeric = 0 if name.rstrip(".").lower() == "localhost" else socket.AI_NUMERICHOST
            return real(host, port, *more, **{**named, "flags": numeric})
        replies = ANSWERS[name]
        reply = replies[min(asked[name], len(replies) - 1)]
        asked[name] += 1
        return [entry for text in reply for entry in real(text, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with _listening(made):
        ports = frozenset({made.port})
        monkeypatch.setattr(Policy.__init__, "__defaults__", ((), ports))
        monkeypatch.setattr(delivery, "PORTS", ports)
        _watching.append(made)
        try:
            yield made
        finally:
            _watching.clear()
            settings.cache_clear()


def _location(scheme: str, url: str) -> dict[str, Any]:
    is_signed_in = scheme == "sftp" and "@" not in url
    return {"url": url, **({"credentials": {"username": "u", "password": "p"}} if is_signed_in else {})}


def _load(root: Path, scheme: str, url: str) -> None:
    get.run(LocalRun(root), get.Parameters.model_validate({"sources": [_location(scheme, url)]}))


def _store(root: Path, scheme: str, url: str) -> None:
    run = LocalRun(root)
    source = root / "a.mp4"
    source.write_bytes(b"x")
    run.add(source)
    put.run(run, put.Parameters.model_validate({"destinations": [_location(scheme, url)]}))


def _look(root: Path, scheme: str, url: str) -> None:
    """A dry run's look; it answers a refusal instead of raising it."""
    del root, scheme
    tasks = [
        {"index": 0, "tool": "storage:get", "parameters": {"sources": [{"url": url}]}},
        {"index": 1, "tool": "storage:put", "parameters": {"destinations": [{"url": url}]}},
    ]
    told = inspect.handler({"organization": "o", "job": "j", "tasks": tasks}, Context(20_000))
    assert {check["ok"] for check in told["checks"]} == {False}
    raise AddressForbidden(json.dumps(told))


def _tell(root: Path, scheme: str, url: str) -> None:
    del root, scheme
    post(url, b"{}", {}, policy=delivery._policy(url))


#: What refuses a URL, at its submission or at the door.
REFUSALS = (ValidationError, AddressForbidden, InvalidParameters, TransferFailed)
DOORS = [
    pytest.param(door, scheme, id=f"{door.__name__[1:]} {scheme}")
    for door, schemes in (
        (_load, ("http", "https", "ftp", "ftps", "sftp")),
        (_store, ("http", "https", "ftp", "ftps", "sftp")),
        (_look, ("http", "https", "ftp")),
        (_tell, ("http", "https")),
    )
    for scheme in schemes
]


@pytest.mark.parametrize(("door", "scheme"), DOORS)
def test_no_host_of_the_table_is_connected_to(tmp_path: Path, watch: Watch, door: Any, scheme: str) -> None:
    for number, name in enumerate(TABLE if scheme in ("http", "ftp") else chosen(TABLE, PART)):
        with pytest.raises(REFUSALS) as caught:
            door(tmp_path / str(number), scheme, f"{scheme}://{TABLE[name]}:{watch.port}/a.mp4")
        assert watch.forbidden() == [], name
        # Where a name leads is nobody's business.
        assert "10.1.2.3" not in str(caught.value), name


def test_the_listener_and_the_audit_would_have_noticed(watch: Watch) -> None:
    socket.create_connection(("127.0.0.1", watch.port)).close()
    for _ in range(100):
        if watch.hits:
            break
        threading.Event().wait(0.01)
    assert watch.forbidden() == ["127.0.0.1", "127.0.0.1"]


@pytest.mark.parametrize("host", sorted(METADATA.values()))
def test_no_opened_network_opens_a_metadata_address(host: str) -> None:
    """Only the addresses that lie among private ones are the deployment's own to open."""
    everything = Policy(networks=(ip_network("0.0.0.0/0"), ip_network("::/0")))
    private = ("10.", "172.", "192.", "100.", "[fd20:", "[64:", "[2002:")
    if host.startswith(private):
        return
    with pytest.raises((AddressForbidden, TransferFailed)):
        resolve(host.strip("[]"), 80, everything)
    with suppress(ValueError):
        assert not everything.allows(ip_address(host.strip("[]")), 80)


# --- what is registered and told later -------------------------------------------------------------


def _webhook(acme: World, url: str) -> bool:
    made = acme.call("POST", "/webhooks", {"url": url})
    if made.status != 201:
        return False
    assert acme.call("POST", f"/webhooks/{made.body['id']}/ping").status == 202
    acme.settle_down()
    acme.call("DELETE", f"/webhooks/{made.body['id']}")
    return True


def _receiver(acme: World, url: str) -> bool:
    body = {"tasks": [{"tool": "test:nothing"}], "notify": [url, {"url": url, "headers": {"x-a": "b"}}]}
    return _ends(acme, acme.call("POST", "/jobs", body))


def _digest(acme: World, url: str) -> bool:
    signed = url if "@" in url else url.replace("://", "://u:p@", 1)
    body = {"tasks": [{"tool": "test:nothing"}], "notify": [f"digest:{signed}"]}
    return _ends(acme, acme.call("POST", "/jobs", body))


def _castlabs(acme: World, url: str) -> bool:
    body = {"tasks": [{"tool": "test:nothing"}], "notify": url}
    return _ends(acme, acme.vendor("castlabs", "POST", "/api/jobs/", body))


def _dolby(acme: World, url: str) -> bool:
    hook = acme.vendor("dolby", "POST", "/media/webhooks", {"callback": {"url": url}})
    body = {
        "input": f"https://in.invalid:{443}/a.wav",
        "output": "dlb://out/a.wav",
        "on_complete": {"url": url},
    }
    job = acme.vendor("dolby", "POST", "/media/enhance", body)
    if hook.status == 201 or hook.status == 200:
        acme.settle_down()
        acme.vendor("dolby", "DELETE", f"/media/webhooks?id={json.dumps(hook.body)[1:40]}")
    return _ends(acme, job) or hook.status < 300


def _xvid(acme: World, url: str) -> bool:
    pipeline = {"name": "P", "ping_urls": {"error": url, "complete": url}}
    made = acme.vendor("xvid", "POST", "/v1/pipelines", {"pipeline": pipeline})
    if made.status >= 300:
        return False
    from mediajobs.dialects.xvid.words import fixed_id

    outputs = [{"output_name": "o", "preset": {"id": fixed_id("preset", "h264-360p")}}]
    job = {
        "pipeline_id": json.loads(made.body)["pipeline"]["id"],
        "input": {"input_name": url},
        "outputs": outputs,
    }
    return _ends(acme, acme.vendor("xvid", "POST", "/v1/jobs", {"job": job}))


def _transparentedge(acme: World, url: str) -> bool:
    acme.vendor("transparentedge", "POST", f"{BASE}/transcoding_profiles", PROFILE)
    order = {
        **ORDER,
        "origin": url,
        "destinations": [url],
        "jobs": [{"filename": "a.mp4", "profile_id": 1}],
        "notifications": [{"call": url}],
    }
    return _ends(acme, acme.vendor("transparentedge", "POST", f"{BASE}/transcode", order))


def _ends(acme: World, answer: Any) -> bool:
    if answer.status >= 300:
        return False
    acme.settle_down()
    return True


#: What a job is made for, each.
FEW = (
    "IPv4: plain",
    "disguised: full-width digits",
    "IPv6: mapped",
    "metadata: EC2, Azure, Google",
    "name: a name that changes",
)


@pytest.mark.timeout(1200 if IS_LONG else 120)
@pytest.mark.parametrize("scheme", chosen(["https", "http"], ["https"]))
@pytest.mark.parametrize(
    "register",
    [_webhook, _receiver, _digest, _castlabs, _dolby, _xvid, _transparentedge],
    ids=lambda door: door.__name__[1:],
)
def test_nobody_of_the_table_is_told_anything(acme: World, watch: Watch, register: Any, scheme: str) -> None:
    acme.tools["test:nothing"] = tool(lambda *_: Result())
    taken, kept = 0, state.keep()
    for name in chosen(TABLE, FEW):
        taken += register(acme, f"{scheme}://{TABLE[name]}:{watch.port}/hook")
        assert watch.forbidden() == [], name
        # The more rows there are, the longer a request takes on moto.
        state.put_back(kept)
    # Most of them are well-formed URLs: the connection is what is refused.
    assert taken >= 4


# --- redirects ---------------------------------------------------------------------------------------------


@pytest.fixture
def front() -> Iterator[Server]:
    """A public server."""
    with serve({}, host=PUBLIC) as server:
        yield server


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 306, 307, 308, 399])
@pytest.mark.parametrize("door", [_load, _store, _tell, _look], ids=lambda door: door.__name__[1:])
def test_no_redirect_leads_to_a_host_of_the_table(
    tmp_path: Path, watch: Watch, front: Server, door: Any, status: int
) -> None:
    target = ""

    def move(handler: Any) -> None:
        handler.answer(status, Location=target, Refresh=f"0; url={target}", Content_Location=target)

    front.routes["/a.mp4"] = move
    names = list(TABLE) if status == 302 and door is _load else PART
    schemes = ("http", "https", "ftp", "file", "gopher") if status == 302 else ("http",)
    for number, name in enumerate(names):
        for scheme in schemes if name in PART else ("http",):
            target = f"{scheme}://{TABLE[name]}:{watch.port}/a.mp4".encode("ascii", "ignore").decode()
            target = target.replace("\r\n", "").replace("\t", "")
            with suppress(*REFUSALS, AssertionError, MediajobsError):
                door(tmp_path / f"{number}{scheme}", "http", front.url("/a.mp4"))
            assert watch.forbidden() == [], (name, scheme)
    assert len(front.requests) >= len(names)


# --- what a server of another protocol says --------------------------------------------------------


class _Ftp(threading.Thread):
    """An FTP server that answers as it is told."""

    def __init__(self, passive: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self._passive = passive
        self._listener = socket.create_server((PUBLIC, 0))
        self.port = self._listener.getsockname()[1]

    def run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, connection.makefile("rw", newline="\r\n") as file, suppress(OSError):
                    self._speak(file)

    def _speak(self, file: Any) -> None:
        def say(line: str) -> None:
            file.write(line + "\r\n")
            file.flush()

        say("220 here")
        for line in file:
            verb = line.split()[0].upper()
            usual = {"USER": "331 word", "PASS": "230 in", "QUIT": "221 bye"}.get(verb, "200 well")
            say(self._passive.get(verb, usual))

    def close(self) -> None:
        self._listener.close()


@pytest.mark.parametrize(
    "passive",
    [
        {"EPSV": "500", "PASV": "227 Entering Passive Mode (127,0,0,1,{high},{low})"},
        {"EPSV": "500", "PASV": "227 Entering Passive Mode (169,254,169,254,0,80)"},
        {"EPSV": "500", "PASV": "227 ({public},0,22)"},
        {"EPSV": "229 Entering Extended Passive Mode (|||22|)"},
        {"EPSV": "229 (|1|127.0.0.1|{port}|)", "PASV": "227 (127,0,0,1,{high},{low})"},
        {"EPSV": "229 (|2|::1|{port}|)", "PASV": "227 (127,0,0,1,{high},{low})"},
        {"EPSV": "229 (|||99999|)"},
        {"EPSV": "229 (|||-1|)"},
    ],
    ids=lambda passive: " ".join(passive.values()),
)
@pytest.mark.parametrize("door", [_load, _store], ids=lambda door: door.__name__[1:])
def test_data_of_ftp_comes_from_nowhere_but_the_server(
    tmp_path: Path, watch: Watch, passive: dict[str, str], door: Any
) -> None:
    high, low = divmod(watch.port, 256)
    words = {"high": high, "low": low, "port": watch.port, "public": PUBLIC.replace(".", ",")}
    server = _Ftp({verb: text.format(**words) for verb, text in passive.items()})
    server.start()
    try:
        with suppress(MediajobsError):
            door(tmp_path / "run", "ftp", f"ftp://u:p@{PUBLIC}:{server.port}/a.mp4")
    finally:
        server.close()
    assert watch.attempts
    assert watch.forbidden() == []
