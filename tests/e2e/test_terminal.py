"""The command line as people and scripts run it: in a terminal, and in a pipe, against the running stack."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import task
from tests.pseudo_terminal import CTRL_C, PseudoTerminal
from tests.stack import RunningStack

_ROOT = Path(__file__).parents[2]
_PROGRAM = [sys.executable, "-m", "mediajobs"]
_ESCAPE = "\x1b"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(stack: RunningStack, tmp_path: Path) -> Mapping[str, str]:
    """A user's, with the stack's URL and key in it."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(_ROOT / "functions"),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "MEDIAJOBS_URL": stack.url,
        "MEDIAJOBS_API_KEY": stack.api_key,
    }


@pytest.fixture
def open_terminal(environment: Mapping[str, str]) -> Callable[..., PseudoTerminal]:
    """Starts a command in a terminal."""

    def begin(*arguments: str, without: tuple[str, ...] = ()) -> PseudoTerminal:
        known = {name: value for name, value in environment.items() if name not in without}
        return PseudoTerminal([*_PROGRAM, *arguments], known)

    return begin


@pytest.fixture
def pipe(environment: Mapping[str, str]) -> Run:
    """Runs a command with pipes at all sides."""

    def run(*arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*_PROGRAM, *arguments],
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_a_job_is_watched_with_live_bars_to_its_end(
    stack: RunningStack, open_terminal: Callable[..., PseudoTerminal], capacity: Callable[[int], Any]
) -> None:
    capacity(0)
    # Long enough that nobody overlooks it.
    job = stack.submit(task.encode(seconds=3, slow=True), task.encode(seconds=1))
    with open_terminal("watch", job["id"]) as terminal:
        terminal.until("Pending")
        capacity(1)
        assert terminal.ended(120) == 0
    assert "━" in terminal.text, "bars"
    assert f"{_ESCAPE}[1A" in terminal.raw, "drawn again in its place"
    assert f"{_ESCAPE}[32mSuccess" in terminal.raw, "in colour"
    assert terminal.text.count("ffmpeg:cmd") >= 4, "both tasks, at each change"
    assert terminal.text.rindex("Success") > terminal.text.index("Running")


def test_ctrl_c_leaves_a_watched_job_running_and_says_so(
    stack: RunningStack, open_terminal: Callable[..., PseudoTerminal]
) -> None:
    job = stack.submit(task.endless())
    try:
        with open_terminal("watch", job["id"]) as terminal:
            terminal.until("Running")
            terminal.press(CTRL_C)
            assert terminal.ended() == 130
        assert "the job goes on" in terminal.text
        assert f"mediajobs cancel {job['id']}" in terminal.text
        assert "Traceback" not in terminal.text
        assert stack.job(job["id"])["status"] == "Running"
    finally:
        stack.call("POST", f"/jobs/{job['id']}/cancel")


def test_a_job_that_is_waited_for_goes_on_without_who_waited(
    stack: RunningStack, open_terminal: Callable[..., PseudoTerminal], tmp_path: Path
) -> None:
    file = tmp_path / "job.json"
    file.write_text(json.dumps({"tasks": [task.endless()], "tags": ["waited-for"]}))
    try:
        with open_terminal("submit", str(file), "--wait") as terminal:
            terminal.until("Running")
            terminal.press(CTRL_C)
            assert terminal.ended() == 130
    finally:
        (row,) = stack.call("GET", "/jobs?tag=waited-for")["jobs"]
        cancelled = stack.call("POST", f"/jobs/{row['id']}/cancel")
    assert f"mediajobs cancel {row['id']}" in terminal.text
    assert cancelled["status"] == "Cancelled"


def test_a_key_that_is_typed_is_not_shown_and_kept_for_its_owner(
    stack: RunningStack, open_terminal: Callable[..., PseudoTerminal], tmp_path: Path
) -> None:
    without = ("MEDIAJOBS_API_KEY", "MEDIAJOBS_URL")
    with open_terminal("login", without=without) as terminal:
        terminal.until("Url")
        terminal.press(f"{stack.url}\r")
        terminal.until("API key")
        terminal.press(f"{stack.api_key}\r")
        assert terminal.ended() == 0, terminal.text
    assert "logged in to" in terminal.text
    assert stack.url in terminal.text
    assert stack.api_key not in terminal.raw
    (profiles,) = tmp_path.rglob("profiles.json")
    assert stat.S_IMODE(profiles.stat().st_mode) == 0o600
    with open_terminal("pools", "list", without=without) as terminal:
        assert terminal.ended() == 0
    assert stack.home_region in terminal.text


def test_a_secret_is_typed_twice_and_not_shown(
    stack: RunningStack, open_terminal: Callable[..., PseudoTerminal]
) -> None:
    with open_terminal("secrets", "put", "terminal") as terminal:
        terminal.until("Value")
        terminal.press("open sesame\r")
        terminal.until("Repeat")
        terminal.press("open sesame\r")
        assert terminal.ended() == 0, terminal.text
    assert "sesame" not in terminal.raw
    assert "terminal" in [each["name"] for each in stack.call("GET", "/secrets")["secrets"]]
    stack.call("DELETE", "/secrets/terminal")


def test_at_a_terminal_submit_does_not_wait_for_what_nobody_types(
    open_terminal: Callable[..., PseudoTerminal],
) -> None:
    with open_terminal("submit") as terminal:
        assert terminal.ended() == 2
    assert "--template" in terminal.text


def test_in_a_pipe_there_are_plain_lines_and_json_that_parses(stack: RunningStack, pipe: Run) -> None:
    made = pipe("submit", stdin=json.dumps({"tasks": [task.encode(seconds=1)], "tags": ["pipe"]}))
    assert (made.returncode, made.stderr) == (0, "")
    job_id = made.stdout.strip()
    watched = pipe("watch", job_id)
    assert watched.returncode == 0
    assert watched.stdout.splitlines()[-1] == "Success 100 %"
    shown = pipe("list", "--tag", "pipe")
    head, row = shown.stdout.splitlines()
    assert head.split()[:2] == ["id", "status"]
    assert row.split()[:2] == [job_id, "Success"]
    logged = pipe("logs", "-f", job_id)
    assert (logged.returncode, logged.stderr) == (0, "")
    assert logged.stdout
    for done in (made, watched, shown, logged, pipe("get", job_id), pipe("tools"), pipe("nothing")):
        assert _ESCAPE not in done.stdout + done.stderr
    assert json.loads(pipe("get", job_id, "--json").stdout)["status"] == "Success"
    assert [each["id"] for each in json.loads(pipe("--json", "list", "--tag", "pipe").stdout)] == [job_id]
    lines = [json.loads(line) for line in pipe("watch", job_id, "--json").stdout.splitlines()]
    assert lines[-1]["status"] == "Success"
    log = [json.loads(line) for line in pipe("logs", job_id, "--json").stdout.splitlines()]
    assert len(log) == len(logged.stdout.splitlines())


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_who_has_read_enough_is_not_complained_at(
    environment: Mapping[str, str], more: tuple[str, ...]
) -> None:
    process: Any = subprocess.Popen(
        [*_PROGRAM, "tools", *more],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # As `head` does, before the first line comes.
    process.stdout.close()
    with process.stderr as said:
        assert said.read() == ""
    assert process.wait(60) == 141


def test_without_the_service_the_exit_code_and_one_line_say_so(pipe: Run) -> None:
    away = pipe("--url", "http://127.0.0.1:9", "list")
    assert (away.returncode, away.stdout) == (5, "")
    assert len(away.stderr.splitlines()) == 1
    refused = pipe("--api-key", "mj_wrong", "list")
    assert (refused.returncode, refused.stdout) == (4, "")
    assert len(refused.stderr.splitlines()) == 1
