"""storage:get from real servers on loopback."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mediajobs.errors import AddressForbidden, SourceNotFound, ToolError
from mediajobs.tools import catalog
from mediajobs.tools.storage import get
from mediajobs.tools.tool import Worker
from tests.server import ftp, sftp
from tests.server.http import Handler, listen, serve
from tests.tool_run import LocalRun

CANARY = "canary-5eCr3t"


@pytest.fixture
def run(tmp_path: Path) -> LocalRun:
    return LocalRun(tmp_path)


@pytest.fixture
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_NETWORKS", "127.0.0.0/8")


def parameters(*sources: dict[str, Any]) -> get.Parameters:
    return get.Parameters.model_validate({"sources": list(sources)})


def test_the_catalog_has_the_tool() -> None:
    tool = catalog.find("storage:get")
    assert tool is not None
    assert tool.WORKER is Worker.STORAGE


@pytest.mark.usefixtures("_loopback")
def test_files_from_several_protocols_come_into_the_job(run: LocalRun, tmp_path: Path) -> None:
    root = tmp_path / "served"
    root.mkdir()
    (root / "b.mov").write_bytes(b"by ftp")
    (root / "c.mov").write_bytes(b"by sftp")
    routes = {"/in/a%20clip.mp4": lambda handler: handler.answer(200, b"by http")}
    with serve(routes) as server, ftp.serve(root) as ftp_port, sftp.serve(root) as sftp_port:
        result = get.run(
            run,
            parameters(
                {"url": server.url("/in/a%20clip.mp4?sig=1")},
                {
                    "url": f"ftp://127.0.0.1:{ftp_port}/b.mov",
                    "credentials": {"username": ftp.USER, "password": ftp.PASSWORD},
                },
                {
                    "url": f"sftp://127.0.0.1:{sftp_port}/c.mov",
                    "credentials": {"username": sftp.USER, "password": sftp.PASSWORD},
                    "name": "camera/c.mov",
                },
            ),
        )
    assert [(file.name, file.size) for file in result.files] == [
        ("a clip.mp4", 7),
        ("b.mov", 6),
        ("camera/c.mov", 7),
    ]
    assert run.stored("a clip.mp4").read_bytes() == b"by http"
    assert run.stored("b.mov").read_bytes() == b"by ftp"
    assert run.stored("camera/c.mov").read_bytes() == b"by sftp"
    assert result.usage.bytes_in == 20
    assert run.fractions == sorted(run.fractions)
    assert run.fractions[-1] == 1
    assert list(run.directory.iterdir()) == []


def test_loopback_is_not_reached_unless_the_deployment_opens_it(run: LocalRun) -> None:
    with listen() as (port, hits):
        for scheme in ("http", "https", "ftp", "ftps", "sftp"):
            source = {
                "url": f"{scheme}://127.0.0.1:{port}/a",
                "credentials": {"username": "u", "password": "p"},
            }
            with pytest.raises(AddressForbidden):
                get.run(run, parameters(source))
        assert hits == []


@pytest.mark.usefixtures("_loopback")
def test_a_missing_source_ends_the_task_and_saves_nothing(run: LocalRun) -> None:
    with serve({}) as server, pytest.raises(SourceNotFound, match="404"):
        get.run(run, parameters({"url": server.url("/a.mp4")}))
    assert not run.stored("a.mp4").exists()


@pytest.mark.usefixtures("_loopback")
def test_no_secret_stands_in_log_result_or_error(run: LocalRun, tmp_path: Path) -> None:
    def signed(handler: Handler) -> None:
        handler.answer(200 if "Authorization" in handler.headers else 401, WWW_Authenticate="Basic")

    seen = []
    with (
        serve({"/a.mp4": signed}) as server,
        ftp.serve(tmp_path) as ftp_port,
        sftp.serve(tmp_path) as sftp_port,
    ):
        address = f"{server.host}:{server.port}"
        seen.append(
            repr(get.run(run, parameters({"url": f"http://ann:{CANARY}@{address}/a.mp4?sig={CANARY}"})))
        )
        for url in (
            f"http://ann:{CANARY}@{address}/none?sig={CANARY}",
            f"https://ann:{CANARY}@{address}/none?sig={CANARY}",
            f"ftp://ann:{CANARY}@127.0.0.1:{ftp_port}/none",
            f"ftps://ann:{CANARY}@127.0.0.1:{ftp_port}/none",
            f"sftp://ann:{CANARY}@127.0.0.1:{sftp_port}/none",
        ):
            with pytest.raises(ToolError) as caught:
                get.run(run, parameters({"url": url}))
            seen += [str(caught.value), repr(caught.value.__cause__)]
    assert CANARY not in run.text + "".join(seen)
    assert "a.mp4" in run.text


@pytest.mark.parametrize(
    ("sources", "rule"),
    [
        ([], "at least 1"),
        ([{"url": f"https://h.example/{n}"} for n in range(21)], "at most 20"),
        ([{"url": "https://h.example/a"}, {"url": "https://i.example/a"}], "same name"),
        ([{"url": "https://h.example/a/"}], "does not end in /"),
        ([{"url": "https://h.example/a", "name": "../a"}], r"neither \. nor \.\."),
        ([{"url": "https://h.example/a", "name": "/etc/a"}], "no empty part"),
        ([{"url": "file:///etc/passwd"}], "pattern"),
        ([{"url": "https://h.example/a", "surprise": 1}], "Extra inputs"),
    ],
)
def test_bad_parameters_are_refused_at_submission(sources: list[dict[str, Any]], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        parameters(*sources)


def test_submitting_loads_no_transfer_library() -> None:
    code = (
        "import sys, mediajobs.tools.storage.get, mediajobs.tools.storage.put;"
        "heavy = {'httpx2', 'httpcore2', 'paramiko', 'botocore', 'ftplib', 'ssl'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd="functions", capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")
