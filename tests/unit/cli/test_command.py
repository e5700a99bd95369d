"""Every command there is: that it prints JSON where that is wanted, and answers a shell that completes it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer

from mediajobs.cli import main
from tests.moto_account import OTHER_REGION, REGION
from tests.unit.cli.terminal import SPEC, Terminal, terminal
from tests.world import World

__all__ = ["terminal"]

_ROOT = Path(__file__).parents[3]


def _commands() -> dict[str, Any]:
    """Every command by the words that call it."""

    def below(words: str, command: Any) -> Iterator[tuple[str, Any]]:
        if not hasattr(command, "commands"):
            yield words, command
            return
        for name, each in command.commands.items():
            yield from below(f"{words} {name}".strip(), each)

    return dict(below("", typer.main.get_command(main.app)))


@pytest.mark.parametrize("words", _commands())
def test_every_command_takes_json_and_says_what_it_does(words: str) -> None:
    command = _commands()[words]
    assert "--json" in [each for parameter in command.params for each in parameter.opts]
    assert command.help
    assert [each.name for each in command.params if not each.help] == []


def test_the_guide_s_commands_are_there_and_take_what_it_gives_them() -> None:
    known = _commands()
    guide = (_ROOT / "docs/cli.md").read_text()
    lines = re.findall(r"^(?:cat .* \| )?mediajobs ([a-z][^#\n]*)", guide, re.MULTILINE)
    assert len(lines) > 30
    for line in lines:
        (words,) = (each for each in known if f"{line} ".startswith(f"{each} "))
        options = {
            each for known_one in known[words].params for each in (*known_one.opts, *known_one.secondary_opts)
        }
        assert set(re.findall(r" (--?[a-z][a-z-]*)", line)) <= options, line


class _Session:
    """Commands one after the other, and their answers."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.done: set[str] = set()

    def __call__(self, words: str, *arguments: str, stdin: Any = None) -> Any:
        text = stdin if stdin is None or isinstance(stdin, str) else json.dumps(stdin)
        run = self._terminal.run(*words.split(), *arguments, "--json", stdin=text)
        assert run.exit_code in (0, 1, 3), f"{words}: {run.output} {run.exception}"
        assert run.exception is None or isinstance(run.exception, SystemExit), f"{words}: {run.exception!r}"
        self.done.add(words)
        return [json.loads(line) for line in run.stdout.splitlines()]


def test_every_command_prints_json_and_nothing_else(terminal: Terminal, acme: World) -> None:
    do = _Session(terminal)
    do("login", "--url", "https://api.example.com", "--api-key", acme.key)
    (job,) = do("submit", stdin=SPEC)
    acme.settle_down()
    for words in ("get", "watch", "logs", "events", "deliveries", "metrics"):
        do(words, job["id"])
    assert [each["id"] for each in do("list", "--status", "success")[0]] == [job["id"]]
    (again,) = do("restart", job["id"])
    assert again["attempt"] == 2
    do("cancel", job["id"])
    do("resubmit", job["id"])
    do("tools", "storage:get")
    do("validate", stdin=SPEC)
    (bundle,) = do("bundle create", "spring")
    do("bundle list")
    do("bundle get", bundle["id"])

    body = {"parameters": {"word": {"type": "string"}}, "job": {**SPEC, "tags": ["${word}"]}}
    assert do("templates put", "say", stdin=body)[0]["id"] == "say@1"
    assert do("templates list")[0][0]["name"] == "say"
    assert do("templates get", "say", "--version", "1")[0]["version"] == 1
    trigger = {
        "name": "shop",
        "pattern": {"source": ["shop"]},
        "template": "say",
        "parameters": {"word": "a"},
    }
    (made,) = do("triggers create", stdin=trigger)
    assert do("triggers update", made["id"], stdin={**trigger, "enabled": False})[0]["enabled"] is False
    assert do("triggers get", made["id"])[0]["name"] == "shop"
    assert len(do("triggers list")[0]) == 1
    assert do("triggers delete", made["id"]) == [None]
    assert do("triggers list") == [[]]
    do("templates delete", "say")

    assert do("secrets put", "server", stdin="pass word\n")[0]["name"] == "server"
    assert [each["name"] for each in do("secrets list")[0]] == ["server"]
    do("secrets delete", "server")

    (hook,) = do("webhooks create", "https://hooks.example.com/", "--event", "job.failed")
    assert hook["secret"].startswith("whsec_")
    assert "secret" not in do("webhooks get", hook["id"])[0]
    assert do("webhooks rotate", hook["id"], "--overlap", "60")[0]["secret"] != hook["secret"]
    (delivery,) = do("webhooks ping", hook["id"])
    assert [each["id"] for each in do("webhooks deliveries", hook["id"])[0]] == [delivery["id"]]
    assert do("webhooks update", hook["id"], "--disabled")[0]["events"] == ["job.failed"]
    assert [each["enabled"] for each in do("webhooks list")[0]] == [False]
    terminal_run = terminal.run("webhooks", "redeliver", hook["id"], delivery["id"], "--json")
    assert "still being tried" in str(terminal_run.exception)
    do.done.add("webhooks redeliver")
    do("webhooks delete", hook["id"])
    assert do("webhooks list") == [[]]

    do("pools set", OTHER_REGION, "--capacity", "3")
    assert do("pools get", OTHER_REGION)[0]["capacity"] == 3
    assert {each["region"] for each in do("pools list")[0]} == {REGION, OTHER_REGION}
    (key,) = do("keys create", "jo@example.com", "view")
    (new,) = do("keys rotate", key["id"])
    assert do("keys revoke", new["id"]) == [None]
    assert len(do("keys list")[0]) == 3
    assert do("organizations list")[0][0]["name"] == "Acme"
    (other,) = do("organizations create", "Other", "jo@example.com")
    assert do("organizations set-region", acme.organization, REGION)[0]["default_region"] == REGION
    assert do("organizations get", acme.organization)[0]["default_region"] == REGION
    mine = terminal.environment["MEDIAJOBS_API_KEY"]
    terminal.environment["MEDIAJOBS_API_KEY"] = other["api_key"]
    (invitation,) = do("keys create", "jo@example.com", "VIEW", "--invitation")
    terminal.environment["MEDIAJOBS_API_KEY"] = mine
    assert do("organizations join", stdin=invitation["api_key"])[0]["name"] == "Other"

    # Those have tests of their own: they need an operator's machine, or ffmpeg.
    others = {words for words in _commands() if words.startswith("admin ")} | {"worker"}
    assert do.done | others == set(_commands())


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """`mediajobs` as pip installs it."""
    made = tmp_path / "bin/mediajobs"
    made.parent.mkdir()
    made.write_text(f"#!{sys.executable}\nfrom mediajobs.cli.main import main\nmain()\n")
    made.chmod(0o755)
    return made


def _run(program: Path, *arguments: str, **environment: str) -> str:
    known = {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(_ROOT / "functions"),
        "HOME": str(program.parent),
        **environment,
    }
    done = subprocess.run(
        [str(program), *arguments], env=known, capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(program: Path, shell: str) -> None:
    script = _run(program, _MEDIAJOBS_COMPLETE=f"source_{shell}")
    assert "mediajobs" in script
    assert f"complete_{shell}" in script


def _asked(shell: str, words: Sequence[str]) -> dict[str, str]:
    """How a shell asks for the words that may stand last."""
    if shell == "bash":
        return {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}
    action = {"_TYPER_COMPLETE_FISH_ACTION": "get-args"} if shell == "fish" else {}
    return {"_TYPER_COMPLETE_ARGS": " ".join(words), **action}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["mediajobs", "webh"], "webhooks"),
        (["mediajobs", "webhooks", "red"], "redeliver"),
        (["mediajobs", "list", "--sta"], "--status"),
        (["mediajobs", "list", "--status", "Fai"], "Failed"),
        (["mediajobs", "webhooks", "create", "--event", "job.s"], "job.success"),
    ],
)
def test_a_shell_that_asks_is_answered(program: Path, shell: str, words: list[str], wanted: str) -> None:
    said = _run(program, _MEDIAJOBS_COMPLETE=f"complete_{shell}", **_asked(shell, words))
    assert wanted.lower() in said.lower()
    assert "submit" not in said


def test_bash_itself_completes_with_the_script(program: Path) -> None:
    script = f"""
        eval "$(_MEDIAJOBS_COMPLETE=source_bash {program})"
        COMP_WORDS=(mediajobs templates d); COMP_CWORD=2; COMP_LINE='mediajobs templates d'
        "$(complete -p mediajobs | sed 's/.*-F \\([^ ]*\\).*/\\1/')" mediajobs d templates
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    known = {"PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(_ROOT / "functions")}
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=known, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["delete"], done.stderr
