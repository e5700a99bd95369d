"""schemathesis: whatever is sent to the running stack, it answers as its OpenAPI document says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.door import call
from tests.stack import RunningStack

#: Seconds for the phases that go on as long as they may; a night's run may give them more.
SECONDS = int(os.environ.get("SCHEMA_SECONDS", "30"))


@pytest.fixture
def environment(stack: RunningStack, stranger: dict[str, str]) -> dict[str, str]:
    """Another organization than the other tests', in which no job starts."""
    key = stranger["api_key"]
    for region in stack.local.regions:
        answer = call(stack.url, "PUT", f"/pools/{region}", json.dumps({"capacity": 0}), key=key)
        assert answer.status == 200
    (organization,) = call(stack.url, "GET", "/organizations", key=key).json["organizations"]
    return {
        **os.environ,
        "MEDIAJOBS_KEY": key,
        "MEDIAJOBS_ORGANIZATION_ID": organization["id"],
        "MEDIAJOBS_ORGANIZATION": organization["name"],
    }


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("phases", "options"),
    [
        pytest.param("examples,fuzzing", [f"--max-time={SECONDS}"], id="fuzzing"),
        pytest.param("stateful", [f"--max-time={SECONDS}"], id="stateful"),
        pytest.param("coverage", [f"--max-time={SECONDS}"], id="coverage"),
    ],
)
def test_every_answer_is_as_the_document_says(
    stack: RunningStack, environment: dict[str, str], tmp_path: Path, phases: str, options: list[str]
) -> None:
    done = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "schemathesis"), "--no-color"),
            *("--config-file", str(Path(__file__).with_name("schemathesis.toml"))),
            *("run", f"{stack.url}/openapi.json", f"--phases={phases}", "--generation-database=none"),
            *("--seed=1", "--warnings=off", *options),
        ],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
