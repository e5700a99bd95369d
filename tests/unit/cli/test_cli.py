"""The command line against the service's real endpoints: what it prints, and how it exits."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from mediajobs.cli import job, main, show
from mediajobs.cli.profile import ProfileMissing
from mediajobs.client import CallRefused, Client
from mediajobs.client.call import Call
from tests.unit.cli.terminal import SPEC, Terminal, terminal
from tests.world import World

__all__ = ["terminal"]


def test_a_job_is_submitted_from_a_file_or_a_pipe_and_its_id_printed_alone(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "job.json"
    file.write_text(json.dumps(SPEC))
    ids = [terminal.run("submit", str(file)).stdout, terminal.run("submit", stdin=json.dumps(SPEC)).stdout]
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
    assert terminal.json("submit", "--dry-run", stdin=json.dumps(SPEC))["job"]["status"] == "Pending"
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
    assert terminal.run("validate", stdin=json.dumps(SPEC)).exit_code == 0
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


def test_a_log_is_read_to_its_end_and_as_often_as_allowed(
    terminal: Terminal, acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = terminal.submitted()
    acme.settle_down()
    pauses: list[float] = []
    monkeypatch.setattr(job.time, "sleep", pauses.append)
    refusals = [CallRefused(429, {"detail": "Too many calls"}, 31.0), CallRefused(429, {}, 7.0)]
    pages = [
        {
            "logs": [{"timestamp": "t", "level": "INFO", "message": f"line {number}"}],
            "next_token": f"{number}",
        }
        for number in range(3)
    ]
    asked: list[Any] = []

    def send(self: Client, call: Call[Any]) -> Any:
        if not call.path.endswith("/logs"):
            return _send(self, call)
        asked.append(call.query["next_token"])
        if len(asked) in (2, 3):
            raise refusals[len(asked) - 2]
        return pages.pop(0) if pages else {"logs": [], "next_token": "2"}

    _send = Client.send
    monkeypatch.setattr(Client, "send", send)
    run = terminal.run("logs", "-f", job_id)
    assert run.exit_code == 0, run.output
    assert [line.split()[-1] for line in run.stdout.splitlines()] == ["0", "1", "2"]
    assert asked == [None, "0", "0", "0", "1", "2"]
    assert pauses == [4.0, 31.0, 7.0, 4.0, 4.0]
    assert "going on in 31 s" in run.stderr
    asked.clear()
    refusals[0] = CallRefused(429, {"detail": "1,000 on a day"}, 3600.0)
    pages.append({"logs": [{"timestamp": "t", "level": "INFO", "message": "line"}], "next_token": "0"})
    assert isinstance(terminal.run("logs", job_id).exception, CallRefused), "nobody waits for tomorrow"


def test_a_task_that_is_not_there_is_said_to_be_so(terminal: Terminal) -> None:
    job_id = terminal.submitted()
    run = terminal.run("logs", "-f", job_id, "7")
    assert run.exit_code == 2
    assert "the job has 1 tasks" in " ".join(run.stderr.replace("│", " ").split())


def test_the_deliveries_of_a_job_are_shown(terminal: Terminal, acme: World) -> None:
    job_id = terminal.submitted(notify=["https://10.0.0.1/hook"])
    acme.settle_down()
    (told,) = terminal.json("deliveries", job_id)
    assert (told["type"], told["job_id"]) == ("job.success", job_id)
    shown = terminal.run("deliveries", job_id).stdout
    assert "AddressForbidden" in shown
    assert told["id"] in shown


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


def test_login_keeps_the_key_under_the_profile_that_is_chosen(terminal: Terminal, acme: World) -> None:
    terminal.environment = {"MEDIAJOBS_PROFILE": "staging"}
    for name, key in (("staging", acme.key), ("nightly", acme.key)):
        more = () if name == "staging" else ("--name", name)
        run = terminal.run("login", "--url", "https://api.example.com", *more, stdin=f"{key}\n")
        assert run.exit_code == 0, run.output
    assert set(json.loads(terminal.profiles.read_text())) == {"staging", "nightly"}
    assert terminal.json("list") == []
    terminal.environment = {}
    assert isinstance(terminal.run("list").exception, ProfileMissing)


def test_login_keeps_no_key_that_does_not_work(terminal: Terminal) -> None:
    terminal.environment = {}
    run = terminal.run("login", "--url", "https://api.example.com", stdin="mj_wrong\n")
    assert isinstance(run.exception, CallRefused)
    assert not terminal.profiles.exists()
    assert terminal.run("login", "--url", "https://api.example.com", stdin="").exit_code == 2


@pytest.mark.parametrize("arguments", [("submit", "{}"), ("validate", "{}"), ("templates", "put", "a", "{}")])
def test_a_file_that_cannot_be_read_is_named(
    terminal: Terminal, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    binary = tmp_path / "film.mp4"
    binary.write_bytes(b"\xff\xfe\x00")
    for file, reason in (
        (tmp_path / "nothing.json", "No such file"),
        (tmp_path, "Is a directory"),
        (binary, "JSON"),
    ):
        run = terminal.run(*(each.format(file) for each in arguments))
        assert run.exit_code == 2
        assert reason in " ".join(run.stderr.replace("│", " ").split())


def test_a_bad_field_is_named_with_its_rule(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in terminal.environment.items():
        monkeypatch.setenv(name, value)
    arguments = ["webhooks", "create", "https://a.example.com", "--event", "job.done", "--header", "host: b"]
    monkeypatch.setattr(sys, "argv", ["mediajobs", *arguments])
    with pytest.raises(SystemExit) as caught:
        main.main()
    assert caught.value.code == main.REFUSED
    said = capsys.readouterr().err
    assert "/events/0" in said
    assert "'job.running'" in said


def test_what_moves_a_terminal_s_cursor_is_not_printed(terminal: Terminal) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07 \x9b31m \u202eabc"
    job_id = terminal.submitted(user_data=evil)
    for arguments in (("get", job_id), ("list",), ("events", job_id)):
        shown = terminal.run(*arguments).stdout
        assert not set(shown) & set("\x1b\x07\x9b\u202e")
    assert show.said(evil).plain == "\ufffd[2J\ufffd]0;owned\ufffd \ufffd31m \ufffdabc"
    assert terminal.json("get", job_id)["user_data"] == evil


def test_what_users_have_written_is_not_taken_for_markup(terminal: Terminal) -> None:
    terminal.submitted(tags=["[red]not red[/red]", "[/nothing]"])
    shown = terminal.run("list").stdout
    assert "[red]not red[/red]" in shown.replace("\n", "")


def test_no_command_prints_a_secret_that_it_is_given(terminal: Terminal, acme: World) -> None:
    canary = "canary-9f2b"
    url = f"https://user:{canary}@films.example.com/a.mp4"
    jobs = [
        json.dumps({"tasks": [{"tool": "storage:get", "parameters": {"sources": [source]}}]})
        for source in ({"url": url}, {"url": url, "password": canary})
    ]
    create = ["webhooks", "create", "https://a.example.com", "--header", f"authorization: {canary}"]
    runs = [
        *(terminal.run(verb, stdin=job) for verb in ("submit", "validate") for job in jobs),
        terminal.run("secrets", "put", "films", stdin=f"{canary}\n"),
        *(terminal.run(*create, "--event", event) for event in ("job.failed", "job.done")),
        *(terminal.run(*what.split()) for what in ("secrets list", "webhooks list")),
    ]
    (taken,) = terminal.json("list")
    runs += [terminal.run(what, taken["id"]) for what in ("get", "events", "resubmit")]
    for run in runs:
        said = run.output + str(run.exception)
        assert canary not in said, said
        assert acme.key not in said
    failed = [bool(run.exit_code) for run in runs]
    assert failed == [False, True, False, True, False, False, True, *[False] * 5], "each as it should"
