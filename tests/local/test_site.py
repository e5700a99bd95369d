"""The console's files at the front door: what is found, what is not, and the headers that go with them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import site
from infra.local.porter import Porter
from infra.site import FOREVER, FRESH, find
from tests.local.test_door import OpenDoor, Upstream


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site of three files, beside a file that is none of its own."""
    directory = tmp_path / "dist"
    (directory / "assets").mkdir(parents=True)
    (directory / "index.html").write_text("<p>first page")
    (directory / "assets" / "app-1a2b.js").write_text("start()")
    (directory / ".sources").write_text("a hash")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(site, "BUILT", directory)
    monkeypatch.setattr(find, "__defaults__", (directory,))
    return directory


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream(b"HTTP/1.1 200 OK\r\n\r\nfrom the API")
    yield server
    server.close()


@pytest.fixture
def door(built: Path, upstream: Upstream) -> Iterator[OpenDoor]:
    opened = OpenDoor(upstream.port)
    yield opened
    opened.close()


def ask(door: OpenDoor, target: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body."""
    answer = door.send(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return int(status.split(" ")[1]), dict(line.split(": ", 1) for line in lines), body


def test_the_first_page_is_shown_and_asked_for_again_each_time(door: OpenDoor) -> None:
    for target in ("/console/", "/console/index.html", "/console/?x=1"):
        status, headers, body = ask(door, target)
        assert (status, body) == (200, b"<p>first page")
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert headers["Cache-Control"] == FRESH


def test_what_bears_its_hash_in_its_name_is_kept_for_ever(door: OpenDoor) -> None:
    status, headers, body = ask(door, "/console/assets/app-1a2b.js")
    assert (status, body) == (200, b"start()")
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["Cache-Control"] == FOREVER


def test_without_the_slash_it_leads_to_the_one_with(door: OpenDoor) -> None:
    status, headers, _ = ask(door, "/console")
    assert (status, headers["Location"]) == (301, "/console/")


@pytest.mark.parametrize(
    "target",
    [
        "/console/../secret.txt",
        "/console/..%2fsecret.txt",
        "/console/%2e%2e/secret.txt",
        "/console/assets/../../secret.txt",
        "/console//etc/passwd",
        "/console/\\..\\secret.txt",
        "/console/.sources",
        "/console/assets",
        "/console/assets/",
        "/console/nothing.js",
    ],
)
def test_nothing_but_the_files_of_the_site_is_found(door: OpenDoor, upstream: Upstream, target: str) -> None:
    status, _, body = ask(door, target)
    assert (status, body) == (404, b"")
    assert not upstream.got


def test_the_head_of_a_page_comes_without_the_page(door: OpenDoor) -> None:
    status, headers, body = ask(door, "/console/", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, "13", b"")


def test_a_page_takes_nothing(door: OpenDoor, upstream: Upstream) -> None:
    status, headers, _ = ask(door, "/console/", "POST")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")
    assert not upstream.got


@pytest.mark.parametrize("target", ["/consoles", "/Console/", "/console.html", "/v1/console/", "/"])
def test_every_other_path_is_one_of_the_api(door: OpenDoor, target: str) -> None:
    assert ask(door, target)[2] == b"from the API"


def test_a_signed_link_is_one_to_s3_whatever_the_buckets_name(door: OpenDoor) -> None:
    assert ask(door, "/console/key?X-Amz-Signature=ab")[2] == b"from the API"


def test_the_page_may_load_its_own_files_and_those_of_jobs_and_nothing_else(
    door: OpenDoor, upstream: Upstream
) -> None:
    _, headers, _ = ask(door, "/console/")
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    storage = f"http://127.0.0.1:{upstream.port}"
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == f"'self' {storage}"
    assert policy["media-src"] == f"'self' blob: {storage}"
    assert policy["img-src"] == f"'self' data: {storage}"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_browser_is_not_told_to_want_https_on_localhost(door: OpenDoor) -> None:
    _, headers, _ = ask(door, "/console/")
    assert set(site.headers([])) - set(headers) == {"Strict-Transport-Security"}


def test_the_porter_says_where_the_console_is() -> None:
    porter = Porter(0)
    assert porter.console_url == f"{porter.url}/console/"
    asyncio.run(porter.close())
