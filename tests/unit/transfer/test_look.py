"""Looks at files and folders over HTTP, FTP and SFTP: what is told, and that nothing is left behind."""

from ipaddress import ip_network
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mediajobs.errors import AccessDenied, AddressForbidden, SourceNotFound, ToolError, TransferFailed
from mediajobs.tools.credential import Location
from mediajobs.transfer.address import Policy
from mediajobs.transfer.meter import Meter
from mediajobs.transfer.site import Look, reach
from tests.server import ftp, sftp
from tests.server.http import Handler, serve
from tests.tool_run import LocalRun

LOOPBACK = Policy(networks=(ip_network("127.0.0.0/8"),))
BODY = bytes(1234)
SERVERS: dict[str, ModuleType] = {"ftp": ftp, "sftp": sftp}


@pytest.fixture
def run(tmp_path: Path) -> LocalRun:
    return LocalRun(tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    (folder / "in").mkdir(parents=True)
    (folder / "in/clip one.mp4").write_bytes(BODY)
    return folder


def look(run: LocalRun, url: str, policy: Policy = LOOPBACK, **credentials: Any) -> Look:
    place = Location.model_validate({"url": url, **credentials})
    with reach(place, Meter(run, parts=1), policy) as site:
        return site.look(place.full_url)


def can_put(run: LocalRun, url: str, **credentials: Any) -> bool | None:
    place = Location.model_validate({"url": url, **credentials})
    with reach(place, Meter(run, parts=1), LOOPBACK) as site:
        return site.can_put(place.full_url)


def signed_in(server: ModuleType, password: str | None = None) -> dict[str, Any]:
    return {"credentials": {"username": server.USER, "password": password or server.PASSWORD}}


def test_http_tells_the_size_by_head_without_loading(run: LocalRun) -> None:
    with serve({"/a.mp4": lambda handler: handler.answer(200, BODY)}) as server:
        assert look(run, server.url("/a.mp4?sig=1")) == Look(True, len(BODY))
    assert [(each.method, each.path) for each in server.requests] == [("HEAD", "/a.mp4?sig=1")]


def for_get_only(handler: Handler) -> None:
    if handler.command == "HEAD":
        handler.answer(403)
    elif handler.headers["Range"] == "bytes=0-0":
        handler.answer(206, BODY[:1], Content_Range=f"bytes 0-0/{len(BODY)}")
    else:
        handler.answer(200, BODY)


def test_a_url_signed_for_get_is_looked_at_by_its_first_byte(run: LocalRun) -> None:
    with serve({"/a.mp4": for_get_only}) as server:
        assert look(run, server.url("/a.mp4")) == Look(True, len(BODY))
    assert [each.method for each in server.requests] == ["HEAD", "GET"]


def test_an_empty_file_is_there_though_it_has_no_first_byte(run: LocalRun) -> None:
    def empty(handler: Handler) -> None:
        handler.answer(405 if handler.command == "HEAD" else 416)

    with serve({"/a.mp4": empty}) as server:
        assert look(run, server.url("/a.mp4")) == Look(True, 0)


@pytest.mark.parametrize(
    ("status", "error"), [(404, SourceNotFound), (403, AccessDenied), (500, TransferFailed)]
)
def test_http_says_why_there_is_no_file(run: LocalRun, status: int, error: type[ToolError]) -> None:
    with serve({"/a.mp4": lambda handler: handler.answer(status)}) as server, pytest.raises(error):
        look(run, server.url("/a.mp4"))


def test_nobody_looks_where_no_job_may_reach(run: LocalRun) -> None:
    with serve({"/a.mp4": lambda handler: handler.answer(200)}) as server:
        with pytest.raises(AddressForbidden):
            look(run, server.url("/a.mp4"), policy=Policy())
        assert server.requests == []


def test_an_http_destination_is_not_written_to_find_out(run: LocalRun) -> None:
    with serve({"/a.mp4": lambda handler: handler.answer(403)}) as server:
        assert can_put(run, server.url("/a.mp4")) is None
    assert {each.method for each in server.requests} == {"HEAD"}
    with pytest.raises(TransferFailed):
        can_put(run, server.url("/a.mp4"))


@pytest.mark.parametrize("scheme", SERVERS)
def test_a_server_tells_the_size_of_a_file(run: LocalRun, root: Path, scheme: str) -> None:
    with SERVERS[scheme].serve(root) as port:
        place = f"{scheme}://localhost:{port}/in"
        who = signed_in(SERVERS[scheme])
        assert look(run, f"{place}/clip%20one.mp4", **who) == Look(True, len(BODY))
        with pytest.raises(SourceNotFound):
            look(run, f"{place}/none.mp4", **who)
        with pytest.raises(SourceNotFound):
            look(run, place, **who)
        with pytest.raises(AccessDenied):
            look(run, f"{place}/clip%20one.mp4", **signed_in(SERVERS[scheme], "wrong"))


@pytest.mark.parametrize("url", ["/in/", "/in/new.mp4", "/new.mp4"])
def test_an_ftp_server_tells_whether_a_folder_takes_files(run: LocalRun, root: Path, url: str) -> None:
    before = sorted(root.rglob("*"))
    with ftp.serve(root) as port:
        assert can_put(run, f"ftp://localhost:{port}{url}", **signed_in(ftp)) is True
        assert can_put(run, f"ftp://localhost:{port}/none/a.mp4", **signed_in(ftp)) is None
    assert sorted(root.rglob("*")) == before


def test_an_ftp_folder_for_reading_only_takes_no_files(run: LocalRun, root: Path) -> None:
    with ftp.serve(root, permissions="elr") as port:
        assert can_put(run, f"ftp://localhost:{port}/in/", **signed_in(ftp)) is False


@pytest.mark.parametrize(("mode", "expected"), [(0o777, True), (0o755, None), (0o555, False)])
def test_an_sftp_folder_is_judged_by_its_permissions(
    run: LocalRun, root: Path, mode: int, expected: bool | None
) -> None:
    (root / "in").chmod(mode)
    before = sorted(root.rglob("*"))
    with sftp.serve(root) as port:
        assert can_put(run, f"sftp://localhost:{port}/in/new.mp4", **signed_in(sftp)) is expected
        assert can_put(run, f"sftp://localhost:{port}/none/new.mp4", **signed_in(sftp)) is None
        with pytest.raises(AccessDenied):
            can_put(run, f"sftp://localhost:{port}/in/clip%20one.mp4/new.mp4", **signed_in(sftp))
    (root / "in").chmod(0o755)
    assert sorted(root.rglob("*")) == before
