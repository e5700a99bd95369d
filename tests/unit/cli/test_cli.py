"""The command line against the service's real endpoints: what it prints, and how it exits."""

import json
import stat
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result as Run
from typer.testing import CliRunner

from mediajobs.cli import context, main
from mediajobs.client import Client, Retry
from mediajobs.tools.tool import Result
from tests.unit.client.wire import Wire
from tests.world import World, tool

_SPEC = {"tasks": [{"tool": "test:nothing"}], "tags": ["terminal"]}


class Terminal:
    """A user's terminal, where the service is this process."""

    def __init__(self, world: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._world = world
        self.profiles = home / "profiles.json"
        self.environment = {"MEDIAJOBS_URL": "https://api.example.com", "MEDIAJOBS_API_KEY": world.key}
        monkeypatch.setattr(main.typer, "get_app_dir", lambda _: str(home))
        for module in (context, main):
            client = partial(Client, transport=Wire(world), retry=Retry(first=0))
            monkeypatch.setattr(module, "Client", client)

    def run(self, *arguments: str, stdin: str | None = None) -> Run:
        """One command."""
        return CliRunner().invoke(main.app, list(arguments), input=stdin, env=self.environment)

    def json(self, *arguments: str, stdin: str | None = None) -> Any:
        """What a command prints with `--json`."""
        run = self.run("--json", *arguments, stdin=stdin)
        assert run.exit_code == 0, run.output
        return json.loads(run.stdout)

    def submitted(self, **more: Any) -> str:
        """The id of a new job."""
        return str(self.run("submit", stdin=json.dumps({**_SPEC, **more})).stdout.strip())


@pytest.fixture
def terminal(acme: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    def run(_: Any, parameters: Any) -> Result:
        if parameters.fail:
            raise ValueError(parameters.fail)
        return Result()

    acme.tools["test:nothing"] = tool(run)
    return Terminal(acme, tmp_path, monkeypatch)


def test_a_job_is_submitted_from_a_file_or_a_pipe_and_its_id_printed_alone(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "job.json"
    file.write_text(json.dumps(_SPEC))
    ids = [terminal.run("submit", str(file)).stdout, terminal.run("submit", stdin=json.dumps(_SPEC)).stdout]
    assert [row["id"] for row in terminal.json("list")] == [each.strip() for each in reversed(ids)]


def test_a_list_shows_jobs_and_takes_filters(terminal: Terminal) -> None:
    first, second = terminal.submitted(), terminal.submitted(tags=["other"])
    shown = terminal.run("list", "--tag", "other").stdout
    assert second in shown
    assert first not in shown
    assert len(terminal.json("list", "--limit", "1")) == 1


def test_the_exit_code_tells_how_a_job_ended(terminal: Terminal, acme: World) -> None:
    succeeds, cancelled = terminal.submitted(), terminal.submitted()
    fails = terminal.submitted(tasks=[{"tool": "test:nothing", "parameters": {"fail": "on purpose"}}])
    assert terminal.run("cancel", cancelled).exit_code == 0
    acme.settle_down()
    assert terminal.run("watch", succeeds).exit_code == 0
    assert terminal.run("watch", fails).exit_code == 1
    assert terminal.run("watch", cancelled).exit_code == 3
    assert "ToolCrashed" in terminal.run("get", fails).stdout


def test_a_job_is_restarted_and_resubmitted_with_a_patch(terminal: Terminal) -> None:
    job = terminal.submitted()
    assert terminal.json("cancel", job)["status"] == "Cancelled"
    assert terminal.json("restart", job, "--from-failed")["attempt"] == 2
    other = terminal.json("resubmit", job, "--patch", "-", stdin='{"tags": ["patched"]}')
    assert (other["tags"], other["resubmitted_from"]) == (["patched"], job)
    assert [event["status"] for event in terminal.json("events", job)] == ["Pending", "Cancelled", "Pending"]


def test_a_dry_run_starts_nothing(terminal: Terminal) -> None:
    assert terminal.json("submit", "--dry-run", stdin=json.dumps(_SPEC))["job"]["status"] == "Pending"
    assert terminal.json("list") == []


def test_a_job_is_made_of_a_template(terminal: Terminal, acme: World) -> None:
    made = {
        "parameters": {"word": {"type": "string"}},
        "job": {"tasks": [{"tool": "test:nothing"}], "tags": ["${word}"]},
    }
    answer = acme.call("PUT", "/templates/say", made)
    if answer.status not in (200, 201):
        pytest.fail(f"{answer.body}")
    job = terminal.json("submit", "--template", "say", "-p", "word=hello")
    assert (job["template_id"], job["tags"]) == ("say@1", ["hello"])


@pytest.mark.parametrize("text", ["", "{", "[]", "1"])
def test_what_is_no_json_object_is_refused_before_it_is_sent(terminal: Terminal, text: str) -> None:
    run = terminal.run("submit", stdin=text)
    assert run.exit_code == 2
    assert "JSON" in run.output


def test_validate_names_the_fields_without_calling_anybody(terminal: Terminal) -> None:
    terminal.environment = {}
    assert terminal.run("validate", stdin=json.dumps(_SPEC)).exit_code == 0
    wrong = {"tasks": [{"tool": "media:transcode", "parameters": {"renditions": []}}, {"tool": "no:tool"}]}
    run = terminal.run("--json", "validate", stdin=json.dumps(wrong))
    assert run.exit_code == 1
    pointers = [bad["pointer"] for bad in json.loads(run.stdout)]
    assert "/tasks/1/tool" in pointers
    assert any(pointer.startswith("/tasks/0/parameters") for pointer in pointers)
    assert terminal.run("validate", stdin="{").exit_code == 1


def test_login_tries_the_key_and_keeps_it_for_its_owner_alone(terminal: Terminal, acme: World) -> None:
    terminal.environment = {}
    run = terminal.run("login", "--url", "https://api.example.com", stdin=f"{acme.key}\n")
    assert run.exit_code == 0, run.output
    assert "Acme" in run.output
    assert acme.key not in run.output
    assert stat.S_IMODE(terminal.profiles.stat().st_mode) == 0o600
    assert terminal.json("list") == []


def test_without_a_profile_the_way_to_one_is_told(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in terminal.environment:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "argv", ["mediajobs", "list"])
    with pytest.raises(SystemExit) as caught:
        main.main()
    assert caught.value.code == main.AWAY
    assert "mediajobs login" in capsys.readouterr().err


def test_a_refusal_is_one_line_and_an_exit_code(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in terminal.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["mediajobs", "get", "nothing"])
    with pytest.raises(SystemExit) as caught:
        main.main()
    assert caught.value.code == main.REFUSED
    assert "There is no such job" in capsys.readouterr().err


def test_bundles_are_made_listed_and_shown(terminal: Terminal) -> None:
    made = terminal.json("bundle", "create", "spring")
    terminal.submitted(bundle="spring")
    assert [row["name"] for row in terminal.json("bundle", "list", "--search", "SPR")] == ["spring"]
    assert terminal.json("bundle", "get", made["id"])["jobs"]["Pending"] == 1


def test_metrics_are_those_of_a_job_or_of_the_months(terminal: Terminal, acme: World) -> None:
    job = terminal.submitted()
    acme.settle_down()
    assert terminal.json("metrics", job)["id"] == job
    assert terminal.json("metrics")[0]["succeeded"] == 1


def test_the_tools_are_listed_and_one_shows_its_schema(terminal: Terminal) -> None:
    assert "media:transcode" in terminal.run("tools").stdout
    assert json.loads(terminal.run("tools", "storage:get").stdout)["name"] == "storage:get"
    assert terminal.run("tools", "no:tool").exit_code == 2


def test_what_users_have_written_is_not_taken_for_markup(terminal: Terminal) -> None:
    terminal.submitted(tags=["[red]not red[/red]", "[/nothing]"])
    shown = terminal.run("list").stdout
    assert "[red]not red[/red]" in shown.replace("\n", "")
