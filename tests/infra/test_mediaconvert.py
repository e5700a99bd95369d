"""MediaConvert in a region: what a deployment with it gets, and that one without it gets nothing of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infra.executor import region_with
from tests.infra.template import Template, listed, text


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return region_with(tmp_path_factory.mktemp("mediaconvert"), "mediaconvert")


def _statements(region: Template, role: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in region.properties("AWS::IAM::Policy")
        if any(role in each["Ref"] for each in policy["Roles"])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def test_cfn_lint_finds_nothing(region: Template) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", region.path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_mediaconvert_reads_and_writes_the_files_of_jobs_and_nothing_else(region: Template) -> None:
    (statement,) = _statements(region, "ConversionsRole")
    assert set(statement["Action"]) == {"s3:GetObject", "s3:PutObject"}
    assert "-workspace-" in text(statement["Resource"])
    assert text(statement["Resource"]).endswith("/jobs/*")
    (role,) = [
        each for name, each in region.of_type("AWS::IAM::Role").items() if name.startswith("ConversionsRole")
    ]
    (trusted,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "mediaconvert.amazonaws.com"}
    assert "aws:SourceAccount" in trusted["Condition"]["StringEquals"]


def test_the_machine_may_make_watch_and_cancel_jobs_there_and_pass_one_role(region: Template) -> None:
    mine = _statements(region, "MachineRole")
    actions = {action for each in mine for action in listed(each["Action"])}
    assert {"mediaconvert:CreateJob", "mediaconvert:GetJob", "mediaconvert:CancelJob"} <= actions
    assert {action for action in actions if action.startswith("mediaconvert:")} == {
        *("mediaconvert:CreateJob", "mediaconvert:GetJob", "mediaconvert:CancelJob"),
        "mediaconvert:TagResource",
    }
    (passed,) = [each for each in mine if each["Action"] == "iam:PassRole"]
    assert text(passed["Resource"]).startswith("ConversionsRole")
    assert passed["Condition"]["StringEquals"] == {"iam:PassedToService": "mediaconvert.amazonaws.com"}


def test_the_function_says_the_queue_and_the_role_that_are_deployed(region: Template) -> None:
    (queue,) = region.properties("AWS::MediaConvert::Queue")
    told = region.functions()["reactions.convert"]["Environment"]["Variables"]
    assert text(told["CONVERT_QUEUE_ARN"]).endswith(f":queues/{queue['Name']}")
    assert text(told["CONVERT_ROLE_ARN"]).startswith("ConversionsRole")
    assert queue["PricingPlan"] == "ON_DEMAND"


def test_only_what_becomes_of_jobs_of_our_queue_wakes_the_function(region: Template) -> None:
    (rule,) = [
        rule
        for rule in region.properties("AWS::Events::Rule")
        if rule["EventPattern"]["source"] == ["aws.mediaconvert"]
    ]
    detail = rule["EventPattern"]["detail"]
    assert text(detail["queue"][0]).endswith(":queues/mediajobs-test")
    assert set(detail["status"]) == {"STATUS_UPDATE", "COMPLETE", "ERROR", "CANCELED"}
    (target,) = rule["Targets"]
    assert "ReactionsFollow" in text(target["Arn"])


def test_the_machine_hands_over_to_mediaconvert(region: Template) -> None:
    (made,) = region.properties("AWS::StepFunctions::StateMachine")
    written = json.dumps(made["DefinitionString"])
    assert "mediaconvert:createJob.sync" in written
    assert written.count("createJob") == 1


def test_a_deployment_without_mediaconvert_has_nothing_of_it(tmp_path: Path) -> None:
    written = region_with(tmp_path, "outside").path.read_text()
    for word in ("MediaConvert", "mediaconvert", "reactions-convert", "reactions-follow"):
        assert word not in written
