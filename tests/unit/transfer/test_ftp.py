"""FTP and FTPS against real servers on loopback."""

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
    InvalidParameters,
    LimitExceeded,
    RunLost,
    SourceNotFound,
    TransferFailed,
)
from mediajobs.tools.credential import Location
from mediajobs.transfer import ftp as transfer
from mediajobs.transfer.address import Policy
from mediajobs.transfer.meter import Limits, Meter
from mediajobs.transfer.site import reach
from tests.server import certificate, ftp
from tests.tool_run import LocalRun

LOOPBACK = Policy(networks=(ip_network("127.0.0.0/8"),))
LIMITS = Limits()
BODY = bytes(range(256)) * 8000
SIGN_IN: dict[str, Any] = {"credentials": {"username": ftp.USER, "password": ftp.PASSWORD}}


@pytest.fixture
def run(tmp_path: Path) -> LocalRun:
    return LocalRun(tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "clip one.mp4").write_bytes(BODY)
    return folder


@pytest.fixture
def pem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = certificate.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


def location(port: int, path: str = "/", *, scheme: str = "ftp", **rest: Any) -> Location:
    return Location.model_validate({"url": f"{scheme}://localhost:{port}{path}", **(rest or SIGN_IN)})


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
    with ftp.serve(root) as port:
        assert get(run, location(port, "/clip%20one.mp4")) == BODY
    assert run.fractions[-1] == 1
    assert len(run.fractions) > 2


def test_a_file_is_stored_in_a_new_folder_under_its_right_name_only(run: LocalRun, root: Path) -> None:
    with ftp.serve(root) as port:
        put(run, location(port, "/out/hls/a%20b.ts"))
    assert (root / "out/hls/a b.ts").read_bytes() == BODY
    assert names(root) == ["clip one.mp4", "out/hls/a b.ts"]


def test_a_stored_file_replaces_an_older_one(run: LocalRun, root: Path) -> None:
    with ftp.serve(root) as port:
        put(run, location(port, "/clip%20one.mp4"), b"new")
    assert (root / "clip one.mp4").read_bytes() == b"new"
    assert names(root) == ["clip one.mp4"]


def test_an_empty_file_goes_both_ways(run: LocalRun, root: Path) -> None:
    with ftp.serve(root) as port:
        put(run, location(port, "/empty"), b"")
        assert get(run, location(port, "/empty")) == b""


@pytest.mark.parametrize("implicit", [False, True])
def test_ftps_works_in_both_kinds(
    run: LocalRun, root: Path, pem: Path, implicit: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ftp.serve(root, certificate=pem, implicit=implicit) as port:
        if implicit:
            monkeypatch.setattr(transfer, "IMPLICIT_PORT", port)
        place = location(port, "/clip%20one.mp4", scheme="ftps")
        assert get(run, place) == BODY
        put(run, location(port, "/new.mp4", scheme="ftps"))
    assert (root / "new.mp4").read_bytes() == BODY


def test_ftps_does_not_fall_back_to_plain(run: LocalRun, root: Path) -> None:
    with ftp.serve(root) as port, pytest.raises(TransferFailed):
        get(run, location(port, "/clip%20one.mp4", scheme="ftps"))


def test_ftps_refuses_an_unknown_certificate(run: LocalRun, root: Path, tmp_path: Path) -> None:
    pem = certificate.make(tmp_path)
    with ftp.serve(root, certificate=pem) as port, pytest.raises(TransferFailed):
        get(run, location(port, "/clip%20one.mp4", scheme="ftps"))


def test_data_comes_from_the_checked_address_whatever_the_server_says(run: LocalRun, root: Path) -> None:
    with ftp.serve(root, said_address="10.0.0.1") as port:
        assert get(run, location(port, "/clip%20one.mp4")) == BODY


def test_a_forbidden_address_is_not_reached(run: LocalRun, root: Path) -> None:
    with ftp.serve(root) as port, pytest.raises(AddressForbidden):
        get(run, location(port, "/clip%20one.mp4"), policy=Policy(ports=frozenset({port})))


def test_a_wrong_password_is_refused_and_not_repeated(run: LocalRun, root: Path) -> None:
    wrong: dict[str, Any] = {"credentials": {"username": ftp.USER, "password": "canary"}}
    with ftp.serve(root) as port, pytest.raises(AccessDenied) as caught:
        get(run, location(port, "/clip%20one.mp4", **wrong))
    assert "canary" not in str(caught.value)


def test_a_missing_file_is_named(run: LocalRun, root: Path) -> None:
    with ftp.serve(root) as port, pytest.raises(SourceNotFound, match="/none"):
        get(run, location(port, "/none"))


def test_a_file_over_the_limit_is_refused(run: LocalRun, root: Path) -> None:
    with ftp.serve(root) as port, pytest.raises(LimitExceeded):
        get(run, location(port, "/clip%20one.mp4"), limits=Limits(size=1000))


def test_a_line_break_in_the_path_is_no_second_command(run: LocalRun, root: Path) -> None:
    with ftp.serve(root) as port, pytest.raises(InvalidParameters):
        get(run, location(port, "/x%0d%0aDELE%20clip one.mp4"))
    assert names(root) == ["clip one.mp4"]


def test_a_folder_in_the_way_denies_the_file(run: LocalRun, root: Path) -> None:
    (root / "out").write_bytes(b"a file")
    with ftp.serve(root) as port, pytest.raises(AccessDenied):
        put(run, location(port, "/out/a.mp4"))
    assert names(root) == ["clip one.mp4", "out"]


def test_a_run_lost_in_an_upload_leaves_nothing_behind(
    run: LocalRun, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = Meter.add

    def lose_half_way(meter: Meter, count: int) -> None:
        add(meter, count)
        if len(run.fractions) == 4:
            assert any(name.endswith(".part") for name in names(root))
            threading.Thread(target=run.lose).start()
            time.sleep(0.1)

    monkeypatch.setattr(Meter, "add", lose_half_way)
    with ftp.serve(root) as port:
        with pytest.raises(RunLost):
            put(run, location(port, "/new.mp4"))
        deadline = time.monotonic() + 3
        while names(root) != ["clip one.mp4"] and time.monotonic() < deadline:
            time.sleep(0.05)
    assert names(root) == ["clip one.mp4"]


def test_a_lost_run_leaves_a_silent_server_at_once(run: LocalRun) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        threading.Timer(0.3, run.lose).start()
        start = time.monotonic()
        with pytest.raises(RunLost):
            get(run, location(listener.getsockname()[1], "/a"))
        assert time.monotonic() - start < 3


def test_a_silent_server_is_given_up(run: LocalRun) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(TransferFailed):
            get(run, location(listener.getsockname()[1], "/a"), limits=Limits(silence=0.2))
