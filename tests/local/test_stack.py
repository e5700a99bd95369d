"""The local stack from outside: up, down, status, and what a restart keeps."""

import json
import os
import signal
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.local import stack as local_stack
from infra.local.caller import Caller, CallFailed
from tests.stack import RunningStack, stack

__all__ = ["stack"]


def test_without_a_stack_there_is_nothing_to_stop(tmp_path: Path) -> None:
    assert local_stack.running(tmp_path) is None
    assert local_stack.down(tmp_path) is False
    assert local_stack.trouble(tmp_path) == "not running"


def test_a_pid_file_of_a_dead_stack_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "local.pid").write_text(str(os.getpid()))
    (tmp_path / "local.json").write_text("{}")
    (tmp_path / "lock").touch()
    assert local_stack.running(tmp_path) is None
    assert local_stack.down(tmp_path) is False
    assert not (tmp_path / "local.json").exists()


def test_a_port_that_is_taken_is_refused_when_it_was_asked_for(tmp_path: Path, stack: RunningStack) -> None:
    port = int(stack.url.rpartition(":")[2])
    with pytest.raises(local_stack.StackFailed, match=f"port {port} is taken"):
        local_stack.up(tmp_path, port=port)


def test_local_json_says_where_the_stack_is_to_its_owner_only(stack: RunningStack) -> None:
    path = stack.directory / "local.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = json.loads(path.read_text())
    assert {"url", "api_key", "organization_id", "regions"} <= told.keys()
    assert len(told["regions"]) == 2
    assert local_stack.trouble(stack.directory) is None


def test_up_again_leaves_a_running_stack_as_it_is(stack: RunningStack) -> None:
    lines: list[str] = []
    again = local_stack.up(stack.directory, say=lines.append)
    assert again == stack.local
    assert lines == [f"already up (process {stack.local.pid})"]


def test_two_stacks_do_not_share_their_data(tmp_path: Path, stack: RunningStack) -> None:
    with pytest.raises(local_stack.StackFailed, match="another local stack"):
        local_stack.up(tmp_path, data=stack.directory / "data", port=0)


def test_the_admin_key_works_and_another_does_not(stack: RunningStack) -> None:
    assert {pool["region"] for pool in stack.call("GET", "/pools")["pools"]} == set(stack.local.regions)
    with pytest.raises(CallFailed) as refused:
        Caller(replace(stack.local, api_key="mj_no")).call("GET", "/pools")
    assert refused.value.status == 401


def test_a_restart_keeps_the_data_the_key_and_the_url_and_goes_on_working(stack: RunningStack) -> None:
    first = stack.wait(stack.submit({"tool": "media:probe"})["id"])
    before = stack.local
    stack.restart()
    assert (stack.url, stack.api_key, stack.organization_id) == (
        before.url,
        before.api_key,
        before.organization_id,
    )
    assert stack.job(first["id"]) == first
    second = stack.wait(stack.submit({"tool": "media:probe"})["id"], seconds=20)
    assert second["status"] == first["status"] == "Failed"


def test_a_crash_of_the_emulator_is_told(stack: RunningStack, until: Callable[..., Any]) -> None:
    os.kill(stack.local.emulator_pid, signal.SIGKILL)
    assert "the emulator has died" in until(lambda: local_stack.trouble(stack.directory))
    with pytest.raises(CallFailed) as refused:
        stack.call("GET", "/pools")
    assert refused.value.status == 503
    stack.restart()
    assert stack.call("GET", "/pools")
