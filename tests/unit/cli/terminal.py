"""A user's terminal, where the service is this process."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from typer.testing import Result as Run

from mediajobs.cli import context, main
from mediajobs.client import Client, Retry
from mediajobs.tools.tool import Result
from tests.unit.client.wire import Wire
from tests.world import World, tool

SPEC = {"tasks": [{"tool": "test:nothing"}], "tags": ["terminal"]}


class Terminal:
    """Runs commands, and says what they have printed."""

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
        return str(self.run("submit", stdin=json.dumps({**SPEC, **more})).stdout.strip())


@pytest.fixture
def terminal(acme: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    def run(_: Any, parameters: Any) -> Result:
        if parameters.fail:
            raise ValueError(parameters.fail)
        return Result()

    acme.tools["test:nothing"] = tool(run)
    return Terminal(acme, tmp_path, monkeypatch)
