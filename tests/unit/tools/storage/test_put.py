"""storage:put to real servers on loopback."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mediajobs.errors import AddressForbidden, InvalidParameters, LimitExceeded, SourceNotFound, ToolError
from mediajobs.tools.storage import put
from mediajobs.transfer import meter
from tests.server import ftp, sftp
from tests.server.http import Handler, Route, listen, serve
from tests.tool_run import LocalRun

CANARY = "canary-5eCr3t"
FTP = {"credentials": {"username": ftp.USER, "password": ftp.PASSWORD}}


@pytest.fixture
def run(tmp_path: Path) -> LocalRun:
    made = LocalRun(tmp_path)
    for name in ("out.mp4", "hls/master.m3u8", "hls/1 a.ts"):
        path = tmp_path / "made"
        path.write_bytes(name.encode() * 10)
        made.add(path, name)
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_NETWORKS", "127.0.0.0/8")


def parameters(*destinations: dict[str, Any], **rest: Any) -> put.Parameters:
    return put.Parameters.model_validate({"destinations": list(destinations), **rest})


def names(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def accept(handler: Handler) -> None:
    handler.answer(201)


def test_every_file_goes_to_every_folder_under_its_own_name(run: LocalRun, root: Path) -> None:
    other = root / "sftp"
    other.mkdir()
    routes: dict[str, Route] = {
        f"/up/{name}": accept for name in ("out.mp4", "hls/master.m3u8", "hls/1%20a.ts")
    }
    with serve(routes) as server, ftp.serve(root) as ftp_port, sftp.serve(other) as sftp_port:
        result = put.run(
            run,
            parameters(
                {"url": f"ftp://127.0.0.1:{ftp_port}/a/", **FTP},
                {"url": f"sftp://127.0.0.1:{sftp_port}/b/", **FTP},
                {"url": server.url("/up/?sig=1")},
            ),
        )
    expected = {name: name.encode() * 10 for name in run.files}
    assert names(root) == {f"a/{name}": body for name, body in expected.items()} | {
        f"sftp/b/{name}": body for name, body in expected.items()
    }
    assert {request.path: request.body for request in server.requests} == {
        "/up/out.mp4?sig=1": expected["out.mp4"],
        "/up/hls/master.m3u8?sig=1": expected["hls/master.m3u8"],
        "/up/hls/1%20a.ts?sig=1": expected["hls/1 a.ts"],
    }
    assert result.data["written"][-1] == {
        "file": "hls/1 a.ts",
        "url": server.url("/up/hls/1%20a.ts"),
        "bytes": 100,
    }
    assert len(result.data["written"]) == 9
    assert result.usage.bytes_out == 3 * sum(len(body) for body in expected.values())
    assert run.fractions[-1] == 1


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["*"], {"out.mp4", "hls/master.m3u8", "hls/1 a.ts"}),
        (["*.mp4"], {"out.mp4"}),
        (["hls/*"], {"hls/master.m3u8", "hls/1 a.ts"}),
        (["hls/? a.ts"], {"hls/1 a.ts"}),
        (["out.mp4", "*.mp4", "hls/m*"], {"out.mp4", "hls/master.m3u8"}),
    ],
)
def test_patterns_choose_files(run: LocalRun, root: Path, patterns: list[str], expected: set[str]) -> None:
    with ftp.serve(root) as port:
        put.run(run, parameters({"url": f"ftp://127.0.0.1:{port}/", **FTP}, files=patterns))
    assert set(names(root)) == expected


def test_of_a_folder_only_its_files_are_stored_by_their_names_in_it(run: LocalRun, root: Path) -> None:
    with ftp.serve(root) as port:
        there = {"url": f"ftp://127.0.0.1:{port}/", **FTP}
        put.run(run, parameters(there, folder="hls"))
        assert set(names(root)) == {"master.m3u8", "1 a.ts"}
        with pytest.raises(SourceNotFound):
            put.run(run, parameters(there, folder="hls", files=["out.mp4"]))


@pytest.mark.parametrize("pattern", ["*.mov", "none.mp4", "[o]ut.mp4"])
def test_a_pattern_without_a_file_is_named_and_nothing_is_stored(run: LocalRun, pattern: str) -> None:
    with listen() as (port, hits):
        with pytest.raises(SourceNotFound) as caught:
            put.run(run, parameters({"url": f"ftp://127.0.0.1:{port}/", **FTP}, files=["out.mp4", pattern]))
        assert hits == []
    assert pattern in str(caught.value)


def test_a_destination_without_a_last_slash_names_the_one_file(run: LocalRun, root: Path) -> None:
    with ftp.serve(root) as port:
        put.run(run, parameters({"url": f"ftp://127.0.0.1:{port}/new.mp4", **FTP}, files=["*.mp4"]))
    assert set(names(root)) == {"new.mp4"}


def test_several_files_do_not_fit_one_name_and_nothing_is_stored(run: LocalRun, root: Path) -> None:
    with ftp.serve(root) as port, pytest.raises(InvalidParameters, match="3 files"):
        put.run(
            run,
            parameters(
                {"url": f"ftp://127.0.0.1:{port}/", **FTP}, {"url": f"ftp://127.0.0.1:{port}/new.mp4", **FTP}
            ),
        )
    assert names(root) == {}


def test_more_than_a_worker_can_hold_is_refused(run: LocalRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "MAX_BYTES", 100)
    with pytest.raises(LimitExceeded):
        put.run(run, parameters({"url": "https://h.example/"}))


def test_loopback_is_not_reached_unless_the_deployment_opens_it(
    run: LocalRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALLOWED_NETWORKS")
    with listen() as (port, hits):
        for scheme in ("http", "https", "ftp", "ftps", "sftp"):
            with pytest.raises(AddressForbidden):
                put.run(run, parameters({"url": f"{scheme}://127.0.0.1:{port}/", **FTP}))
        assert hits == []


def test_no_secret_stands_in_log_result_or_error(run: LocalRun, root: Path) -> None:
    def signed(handler: Handler) -> None:
        handler.answer(201 if "Authorization" in handler.headers else 401, WWW_Authenticate="Basic")

    seen = []
    with serve({"/a.mp4": signed}) as server, ftp.serve(root) as ftp_port, sftp.serve(root) as sftp_port:
        address = f"{server.host}:{server.port}"
        url = f"http://ann:{CANARY}@{address}/a.mp4?sig={CANARY}"
        result = put.run(run, parameters({"url": url}, files=["out.mp4"]))
        seen.append(repr(result))
        for url in (
            f"http://ann:{CANARY}@{address}/none?sig={CANARY}",
            f"ftp://ann:{CANARY}@127.0.0.1:{ftp_port}/none",
            f"sftp://ann:{CANARY}@127.0.0.1:{sftp_port}/none",
        ):
            with pytest.raises(ToolError) as caught:
                put.run(run, parameters({"url": url}, files=["out.mp4"]))
            seen += [str(caught.value), repr(caught.value.__cause__)]
    assert CANARY not in run.text + "".join(seen)
    assert result.data["written"][0]["url"] == f"http://{address}/a.mp4"


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"destinations": []}, "at least 1"),
        ({"destinations": [{"url": "https://h.example/"}] * 11}, "at most 10"),
        ({"destinations": [{"url": "https://h.example/"}], "files": []}, "at least 1"),
        ({"destinations": [{"url": "https://h.example/"}], "files": ["../x"]}, r"neither \. nor"),
        ({"destinations": [{"url": "https://h.example/", "name": "x"}]}, "Extra inputs"),
    ],
)
def test_bad_parameters_are_refused_at_submission(body: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        put.Parameters.model_validate(body)
