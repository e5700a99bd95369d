"""The whole assembly: what CloudFormation, cfn-lint and cdk-nag accept."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_sqs as sqs

from infra.app import inspect
from infra.config import Config
from tests.infra.template import Template


def test_cfn_lint_finds_nothing(home: Template, console: Template, regions: dict[str, Template]) -> None:
    # The regions have the same template but for their names.
    paths = [str(each.path) for each in (home, console, regions["us-east-1"])]
    checked = subprocess.run(
        [str(Path(sys.executable).parent / "cfn-lint"), *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stdout + checked.stderr == ""
    assert checked.returncode == 0


def test_a_finding_that_nobody_gave_a_reason_for_fails_the_synthesis(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    sqs.Queue(Stack(app, "Careless"), "Queue")
    inspect(app)
    with pytest.raises(RuntimeError, match="AwsSolutions-SQS3"):
        app.synth()


def test_every_stack_is_below_the_limits_of_cloudformation(templates: list[Template]) -> None:
    for template in templates:
        assert len(template.resources) < 500
        assert len(template.path.read_bytes()) < 1_000_000
        assert len(template.content.get("Outputs", ())) < 200


def test_the_stacks_are_tagged_and_protected(assembly: Path, config: Config) -> None:
    manifest = json.loads((assembly / "manifest.json").read_text())
    stacks = {
        name: each["properties"]
        for name, each in manifest["artifacts"].items()
        if each["type"] == "aws:cloudformation:stack"
    }
    assert set(stacks) == {
        f"mediajobs-test-{part}" for part in ("home", "api", "console", *config.regions, *config.dialects)
    }
    for properties in stacks.values():
        assert properties["tags"] == {"project": "mediajobs", "stage": "test"}
        assert properties["terminationProtection"] is True


def test_everything_that_can_be_tagged_says_whose_it_is(home: Template) -> None:
    (table,) = home.properties("AWS::DynamoDB::Table")
    assert {"Key": "stage", "Value": "test"} in table["Tags"]


@pytest.mark.parametrize("stage", ["dev", "prod", "local"])
def test_the_stages_that_come_with_the_project_are_valid(stage: str) -> None:
    config = Config.of_stage(stage)
    assert config.stage == stage
    assert config.disposable is (stage != "prod")
    assert config.local is (stage == "local")
