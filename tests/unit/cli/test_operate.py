"""`mediajobs admin` on a table: the first key, organizations, pools, and what has drifted apart."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError
from typer.testing import CliRunner
from typer.testing import Result as Run

from mediajobs import aws, deployment
from mediajobs.cli import main
from mediajobs.store.write import Update, write
from mediajobs.table import job_key, pool_key
from mediajobs.tools.tool import Result
from tests.moto_account import OTHER_REGION, REGION, end_execution
from tests.world import World, tool

_TOLD = ("STAGE", "HOME_REGION", "REGIONS", "TABLE_NAME", "STATE_MACHINE_ARN")
_HERE = ("--stage", "test", "--region", REGION)


class _Lambda:
    """What AWS says of the deployed sweeper."""

    def __init__(self, told: dict[str, str]) -> None:
        self._told = told
        self.asked: list[str] = []

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append(FunctionName)
        if FunctionName != "mediajobs-test-reactions-sweep":
            error = {"Error": {"Code": "ResourceNotFoundException", "Message": "Function not found"}}
            raise ClientError(error, "GetFunctionConfiguration")
        return {"Environment": {"Variables": self._told}}


@pytest.fixture
def told(acme: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Lambda:
    made = _Lambda({name: os.environ[name] for name in _TOLD})
    monkeypatch.setattr(main.typer, "get_app_dir", lambda _: str(tmp_path))
    monkeypatch.setattr(
        deployment,
        "client",
        lambda service, region: made if service == "lambda" else aws.client(service, region),
    )
    return made


def _run(*arguments: str) -> Run:
    """On an operator's machine, which knows nothing of the deployment but its stage and region."""
    unset = dict.fromkeys(_TOLD)
    return CliRunner().invoke(main.app, ["--json", "admin", *arguments], env=unset)


def _json(*arguments: str) -> Any:
    run = _run(*arguments)
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def _found(run: Run) -> list[tuple[str, str]]:
    return [(line["job"], line["what"]) for line in map(json.loads, run.stdout.splitlines())]


def test_the_first_key_works_at_once_and_in_every_region(acme: World, told: _Lambda) -> None:
    made = _json("first-key", *_HERE, "--name", "Operator", "--capacity", "3")
    assert told.asked == ["mediajobs-test-reactions-sweep"]
    listed = acme.call("GET", "/pools", key=made["api_key"]).body["pools"]
    assert {(each["region"], each["capacity"]) for each in listed} == {(REGION, 3), (OTHER_REGION, 3)}


def test_a_stage_that_is_not_there_is_said_to_be_so(told: _Lambda) -> None:
    run = _run("organizations", "--stage", "prod", "--region", REGION)
    assert isinstance(run.exception, deployment.NoDeployment)
    assert "the stage prod is not found in eu-central-1" in str(run.exception)


def test_organizations_are_made_and_listed_in_their_order(acme: World, told: _Lambda) -> None:
    made = _json("create-organization", "Other", "jo@example.com", *_HERE)
    assert [(each["number"], each["name"]) for each in _json("organizations", *_HERE)] == [
        (1, "Acme"),
        (2, "Other"),
    ]
    (own,) = acme.call("GET", "/organizations", key=made["api_key"]).body["organizations"]
    assert own["id"] == made["organization_id"]


def test_a_pool_is_shown_and_set(acme: World, told: _Lambda) -> None:
    assert _json("pool", acme.organization, OTHER_REGION, "--capacity", "9", *_HERE)["capacity"] == 9
    assert {each["region"]: each["capacity"] for each in _json("pools", *_HERE)} == {
        REGION: 4,
        OTHER_REGION: 9,
    }
    assert acme.call("GET", f"/pools/{OTHER_REGION}").body["capacity"] == 9
    for wrong in ((acme.organization, "eu-north-1"), ("nobody", REGION)):
        assert _run("pool", *wrong, "--capacity", "1", *_HERE).exit_code == 2


def test_nothing_drifts_while_jobs_wait_run_and_end(acme: World, told: _Lambda) -> None:
    acme.tools["test:nothing"] = tool(lambda _run, _parameters: Result())
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        for _ in range(6):
            acme.submit("test:nothing")
            assert _run("drift", *_HERE).exit_code == 0
            acme.deliver()
        acme.settle_down()
        assert _run("drift", *_HERE).exit_code == 0


def test_what_nobody_is_about_to_make_good_is_found(acme: World, told: _Lambda) -> None:
    acme.tools["test:nothing"] = tool(lambda _run, _parameters: Result())
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        forgotten, overdue, gone = (acme.submit("test:nothing") for _ in range(3))
        for _ in range(4):
            acme.deliver()
        write(Update((job_key(acme.organization, forgotten), "JOB"), {"due": None, "due_shard": None}))
        gone_key = (job_key(acme.organization, gone), "JOB")
        write(Update(gone_key, {"due": 2_000_000_000_000}))
        arn = (
            told._told["STATE_MACHINE_ARN"]
            .replace("{region}", REGION)
            .replace(":stateMachine:", ":execution:")
        )
        end_execution(f"{arn}:{gone}-1-1", "FAILED")
        write(
            Update(
                (pool_key(acme.organization, OTHER_REGION), "POOL"), add={"holders": frozenset({"nobody#1"})}
            )
        )
        clock.shift(3600)
        run = _run("drift", *_HERE)
    assert run.exit_code == 1
    assert sorted(_found(run)) == sorted(
        [
            (forgotten, "it is Running, and nobody will look at it again"),
            (overdue, "it is Running, and nobody has looked at it when it was due"),
            (gone, f"its execution {gone}-1-1 is ended"),
            ("nobody", "the slot of nobody#1 is held by nobody"),
        ]
    )


def test_an_execution_that_should_not_run_is_found(acme: World, told: _Lambda) -> None:
    acme.tools["test:nothing"] = tool(lambda _run, _parameters: Result())
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        job_id = acme.submit("test:nothing")
        for _ in range(4):
            acme.deliver()
        acme.call("POST", f"/jobs/{job_id}/cancel")
        write(
            Update(
                (job_key(acme.organization, job_id), "JOB"), {"stops": None, "due": None, "due_shard": None}
            )
        )
        clock.shift(3600)
        run = _run("drift", *_HERE)
    assert _found(run) == [(job_id, f"{job_id}-1-1 runs, and should not")]
