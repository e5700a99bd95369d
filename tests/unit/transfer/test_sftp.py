"""SFTP against a real server on loopback."""

import base64
import hashlib
import io
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import paramiko
import pytest
from pydantic import ValidationError

from mediajobs.errors import (
    AccessDenied,
    AddressForbidden,
    InvalidParameters,
    LimitExceeded,
    RunLost,
    SourceNotFound,
    TransferFailed,
)
from mediajobs.tools.credential import Location
from mediajobs.transfer.address import Policy
from mediajobs.transfer.meter import Limits, Meter
from mediajobs.transfer.site import reach
from tests.server import sftp
from tests.tool_run import LocalRun

LOOPBACK = Policy(networks=(ip_network("127.0.0.0/8"),))
LIMITS = Limits()
BODY = bytes(range(256)) * 12000 + b"end"
SIGN_IN = {"username": sftp.USER, "password": sftp.PASSWORD}


@pytest.fixture
def run(tmp_path: Path) -> LocalRun:
    return LocalRun(tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "clip one.mp4").write_bytes(BODY)
    return folder


def location(
    port: int, path: str = "/clip%20one.mp4", credentials: dict[str, str] = SIGN_IN, **more: str
) -> Location:
    url = f"sftp://localhost:{port}{path}"
    return Location.model_validate({"url": url, "credentials": credentials, **more})


def get(run: LocalRun, place: Location, *, policy: Policy = LOOPBACK, limits: Limits = LIMITS) -> bytes:
    meter = Meter(run, parts=1, limits=limits)
    meter.begin()
    target = run.directory / "got"
    with reach(place, meter, policy) as site:
        site.get(place.url, target)
    return target.read_bytes()


def put(run: LocalRun, place: Location, body: bytes = BODY) -> None:
    meter = Meter(run, parts=1)
    meter.begin()
    source = run.directory / "given"
    source.write_bytes(body)
    with reach(place, meter, LOOPBACK) as site:
        site.put(source, place.url, "video/mp4")


def names(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_file_arrives_with_progress(run: LocalRun, root: Path) -> None:
    with sftp.serve(root) as port:
        assert get(run, location(port)) == BODY
    assert run.fractions[-1] == 1
    assert len(run.fractions) > 2


def _fingerprint_by_openssh(tmp_path: Path) -> str:
    """What ssh-keygen says of the server's key."""
    path = tmp_path / "host_key.pub"
    path.write_text(f"{sftp.HOST_KEY.get_name()} {sftp.HOST_KEY.get_base64()}\n")
    said = subprocess.run(["ssh-keygen", "-lf", str(path)], capture_output=True, text=True, check=True)
    return said.stdout.split()[1]


def test_a_server_with_the_given_host_key_is_trusted(run: LocalRun, root: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(sftp.HOST_KEY.asbytes()).digest()
    fingerprint = f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
    if shutil.which("ssh-keygen"):
        assert _fingerprint_by_openssh(tmp_path) == fingerprint
    with sftp.serve(root) as port:
        assert get(run, location(port, host_key=fingerprint)) == BODY
        put(run, location(port, "/new.mp4", host_key=fingerprint))
    assert "new.mp4" in names(root)


def test_a_server_with_another_host_key_is_told_no_password(
    run: LocalRun, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sftp._Door, "check_auth_password", lambda *given: tried.append(given))
    other = "SHA256:" + "A" * 43
    with sftp.serve(root) as port:
        for work in (get, put):
            with pytest.raises(AccessDenied, match=r"the host key of localhost is SHA256:") as caught:
                work(run, location(port, host_key=other))
            assert other not in str(caught.value)
    assert tried == []
    assert names(root) == ["clip one.mp4"]


@pytest.mark.parametrize(
    "wrong", ["SHA256:short", "MD5:" + "a" * 43, "SHA256:" + "A" * 43 + "=", " SHA256:" + "A" * 43, ""]
)
def test_a_host_key_is_a_fingerprint_as_openssh_prints_it(wrong: str) -> None:
    with pytest.raises(ValidationError, match="host_key"):
        location(22, host_key=wrong)


def test_only_sftp_has_a_host_key() -> None:
    given = {"url": "https://example.com/a.mp4", "host_key": "SHA256:" + "A" * 43}
    with pytest.raises(ValidationError, match="host_key goes with an sftp:// URL"):
        Location.model_validate(given)


def test_the_log_keeps_the_fingerprint_of_the_host_key(run: LocalRun, root: Path) -> None:
    with sftp.serve(root) as port:
        get(run, location(port))
    assert sftp.HOST_KEY.fingerprint in run.text
    assert sftp.PASSWORD not in run.text


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("passphrase", [None, "open sesame"])
def test_a_private_key_signs_in(run: LocalRun, root: Path, kind: str, passphrase: str | None) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    makers: dict[str, Callable[[], PrivateKeyTypes]] = {
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
    }
    key = makers[kind]()
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption(),
    ).decode()
    types = {"ed25519": paramiko.Ed25519Key, "ecdsa": paramiko.ECDSAKey, "rsa": paramiko.RSAKey}
    public = types[kind].from_private_key(io.StringIO(text), passphrase)
    credentials = {"username": sftp.USER, "private_key": text}
    if passphrase:
        credentials["password"] = passphrase
    with sftp.serve(root, public_key=public) as port:
        assert get(run, location(port, credentials=credentials)) == BODY


@pytest.mark.parametrize(
    "credentials",
    [
        {"username": sftp.USER, "password": "canary"},
        {"username": "canary"},
        {"username": sftp.USER, "private_key": "canary"},
    ],
)
def test_a_refused_sign_in_repeats_no_secret(run: LocalRun, root: Path, credentials: dict[str, str]) -> None:
    with sftp.serve(root) as port, pytest.raises(AccessDenied) as caught:
        get(run, location(port, credentials=credentials))
    assert "canary" not in str(caught.value)


def test_credentials_are_needed(run: LocalRun) -> None:
    with pytest.raises(InvalidParameters, match="needs credentials"):
        get(run, Location(url="sftp://localhost/a"))


def test_a_file_is_stored_in_a_new_folder_under_its_right_name_only(run: LocalRun, root: Path) -> None:
    with sftp.serve(root) as port:
        put(run, location(port, "/out/hls/a%20b.ts"))
    assert (root / "out/hls/a b.ts").read_bytes() == BODY
    assert names(root) == ["clip one.mp4", "out/hls/a b.ts"]


def test_a_stored_file_replaces_an_older_one(run: LocalRun, root: Path) -> None:
    with sftp.serve(root) as port:
        put(run, location(port), b"new")
    assert (root / "clip one.mp4").read_bytes() == b"new"
    assert names(root) == ["clip one.mp4"]


def test_a_path_relative_to_home_can_be_named(run: LocalRun, root: Path) -> None:
    with sftp.serve(root) as port:
        put(run, location(port, "/~/home.mp4"), b"x")
    assert (root / "home.mp4").read_bytes() == b"x"


def test_an_empty_file_goes_both_ways(run: LocalRun, root: Path) -> None:
    with sftp.serve(root) as port:
        put(run, location(port, "/empty"), b"")
        assert get(run, location(port, "/empty")) == b""


def test_a_forbidden_address_is_not_reached(run: LocalRun, root: Path) -> None:
    with sftp.serve(root) as port, pytest.raises(AddressForbidden):
        get(run, location(port), policy=Policy(ports=frozenset({port})))


def test_a_missing_file_is_named(run: LocalRun, root: Path) -> None:
    with sftp.serve(root) as port, pytest.raises(SourceNotFound, match="/none"):
        get(run, location(port, "/none"))


def test_a_file_over_the_limit_is_refused(run: LocalRun, root: Path) -> None:
    with sftp.serve(root) as port, pytest.raises(LimitExceeded):
        get(run, location(port), limits=Limits(size=1000))


def test_a_run_lost_in_an_upload_leaves_nothing_behind(
    run: LocalRun, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = Meter.add

    def lose_half_way(meter: Meter, count: int) -> None:
        add(meter, count)
        if len(run.fractions) == 20:
            assert any(name.endswith(".part") for name in names(root))
            threading.Thread(target=run.lose).start()
            time.sleep(0.1)

    monkeypatch.setattr(Meter, "add", lose_half_way)
    with sftp.serve(root) as port, pytest.raises(RunLost):
        put(run, location(port, "/new.mp4"))
    assert names(root) == ["clip one.mp4"]


def test_a_lost_run_leaves_a_stalled_download_at_once(run: LocalRun, root: Path) -> None:
    over = threading.Event()
    with sftp.serve(root, before_read=lambda: over.wait(20)) as port:
        threading.Timer(0.5, run.lose).start()
        start = time.monotonic()
        with pytest.raises(RunLost):
            get(run, location(port))
        assert time.monotonic() - start < 3
        over.set()


def test_a_stalled_download_is_given_up(run: LocalRun, root: Path) -> None:
    over = threading.Event()
    with sftp.serve(root, before_read=lambda: over.wait(20)) as port:
        with pytest.raises(TransferFailed):
            get(run, location(port), limits=Limits(silence=0.5))
        over.set()


def test_a_silent_server_is_given_up(run: LocalRun) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(TransferFailed):
            get(run, location(listener.getsockname()[1]), limits=Limits(silence=0.2))
