"""Fargate in a region: what a deployment that has it gets, and that one without it gets nothing of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from infra.fargate import BOOT, NAME
from mediajobs.executor import SPOKEN
from tests.infra.executor import FARGATE, config, region_with
from tests.infra.template import Template, text


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return region_with(tmp_path_factory.mktemp("fargate"), "fargate", "outside")


def _container(region: Template) -> dict[str, Any]:
    (definition,) = region.properties("AWS::ECS::TaskDefinition")
    (container,) = definition["ContainerDefinitions"]
    return dict(container)


def test_cfn_lint_finds_nothing(region: Template) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", region.path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_container_runs_the_worker_with_names_and_no_secrets(region: Template) -> None:
    container = _container(region)
    assert (container["Name"], container["Image"]) == (NAME, FARGATE["image"])
    assert container["EntryPoint"] == ["python3", "-c", BOOT]
    told = {each["Name"]: each["Value"] for each in container["Environment"]}
    assert set(told) == {
        *("STAGE", "HOME_REGION", "REGIONS", "TABLE_NAME", "WORKSPACE_BUCKETS"),
        *("AWS_REGION", "AWS_DEFAULT_REGION", "CONTAINER_MB", "CODE"),
    }
    assert json.dumps(told["CODE"]).count(".zip") == 3
    assert container["LogConfiguration"]["LogDriver"] == "awslogs"


def test_an_old_revision_stays_for_executions_that_began_with_it(region: Template) -> None:
    (definition,) = region.of_type("AWS::ECS::TaskDefinition").values()
    assert (definition["DeletionPolicy"], definition["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_worker_in_a_container_may_do_what_the_one_in_lambda_may_and_load_its_code(
    region: Template,
) -> None:
    (definition,) = region.properties("AWS::ECS::TaskDefinition")
    role = definition["TaskRoleArn"]["Fn::GetAtt"][0]
    mine = [
        statement
        for policy in region.properties("AWS::IAM::Policy")
        if {"Ref": role} in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    written = [json.dumps(each, sort_keys=True) for each in mine]
    for statement in region.statements("worker.media"):
        actions = json.dumps(statement["Action"])
        if "logs:" not in actions and "xray:" not in actions:
            assert json.dumps(statement, sort_keys=True) in written
    assert "kms" not in json.dumps(written), "it opens no credentials"
    assert sum("cdk-" in each for each in written) >= 1


def test_nobody_can_reach_a_container(region: Template) -> None:
    (guard,) = region.properties("AWS::EC2::SecurityGroup")
    assert "SecurityGroupIngress" not in guard
    assert [(each["FromPort"], each["ToPort"]) for each in guard["SecurityGroupEgress"]] == [(443, 443)]


def test_the_machine_may_run_this_definition_in_this_cluster_and_pass_its_two_roles(region: Template) -> None:
    statements = [
        statement
        for policy in region.properties("AWS::IAM::Policy")
        if any("MachineRole" in role["Ref"] for role in policy["Roles"])
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    (run,) = [each for each in statements if each["Action"] == "ecs:RunTask"]
    assert text(run["Resource"]).endswith("task-definition/mediajobs-test-worker:*")
    assert text(run["Condition"]["ArnEquals"]["ecs:cluster"]).endswith("cluster/mediajobs-test")
    (passed,) = [each for each in statements if each["Action"] == "iam:PassRole"]
    assert len(passed["Resource"]) == 2


def test_what_is_counted_as_lost_is_a_container_that_did_not_start_or_had_no_word_left(
    region: Template,
) -> None:
    (lost,) = [
        rule
        for rule in region.properties("AWS::Events::Rule")
        if rule["EventPattern"]["source"] == ["aws.ecs"]
    ]
    detail = lost["EventPattern"]["detail"]
    assert detail["lastStatus"] == ["STOPPED"]
    started, ended = detail["$or"]
    assert started == {"stopCode": ["TaskFailedToStart"]}
    assert ended["stopCode"] == ["EssentialContainerExited"], "not those that a cancel has stopped"
    assert ended["containers"]["exitCode"] == [{"anything-but": [0, SPOKEN]}]
    (alarm,) = [
        alarm
        for alarm in region.properties("AWS::CloudWatch::Alarm")
        if alarm["AlarmName"].endswith("containers-fail")
    ]
    assert alarm["Dimensions"] == [{"Name": "RuleName", "Value": lost["Name"]}]


def test_a_deployment_without_fargate_has_nothing_of_it(tmp_path: Path) -> None:
    written = region_with(tmp_path).path.read_text()
    assert "AWS::ECS" not in written
    assert "ecs:" not in written
    assert "containers-fail" not in written
    assert "reactions-offer" not in written


def test_fargate_without_a_network_for_each_region_is_refused() -> None:
    with pytest.raises(ValidationError, match="no network for us-east-1"):
        config(executors=["fargate"], fargate=FARGATE, regions=["eu-west-1", "us-east-1"])
    with pytest.raises(ValidationError, match="no network"):
        config(executors=["fargate"])
