"""Assemblies are deployed as they are: assets, large templates, several regions, updates, failures."""

import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from infra.local.deploy import DeploymentFailed, deploy
from tests.local.place import Place


class Assembly:
    """A cloud assembly with one stack a region, as the CDK writes it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.prefix = f"s{uuid.uuid4().hex[:8]}"
        self._artifacts: dict[str, Any] = {}

    def add(
        self,
        region: str,
        resources: dict[str, Any],
        outputs: dict[str, Any] | None = None,
        after: Sequence[str] = (),
    ) -> str:
        name = f"{self.prefix}-{region}"
        template = {
            "Resources": resources,
            "Outputs": outputs or {},
            "Parameters": {
                "BootstrapVersion": {
                    "Type": "AWS::SSM::Parameter::Value<String>",
                    "Default": "/cdk-bootstrap/hnb659fds/version",
                }
            },
        }
        (self.directory / f"{name}.template.json").write_text(json.dumps(template, indent=1))
        code = self.directory / "asset.code"
        code.mkdir(exist_ok=True)
        (code / "main.py").write_text("def handler(event, context): return 'deployed'")
        bucket = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
        assets = {
            "code": (code.name, "zip", "code.zip"),
            "template": (f"{name}.template.json", "file", f"{name}.json"),
        }
        files = {
            key: {
                "source": {"path": path, "packaging": packaging},
                "destinations": {"there": {"bucketName": bucket, "objectKey": target}},
            }
            for key, (path, packaging, target) in assets.items()
        }
        (self.directory / f"{name}.assets.json").write_text(json.dumps({"files": files}))
        self._artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://000000000000/{region}",
            "dependencies": [f"{self.prefix}-{each}" for each in after],
            "properties": {
                "templateFile": f"{name}.template.json",
                "stackTemplateAssetObjectUrl": f"s3://{bucket}/{name}.json",
                "tags": {"project": "mediajobs"},
            },
        }
        (self.directory / "manifest.json").write_text(json.dumps({"artifacts": self._artifacts}))
        return name


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    return Assembly(tmp_path)


def _function() -> dict[str, Any]:
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.11",
                "Handler": "main.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {
                    "S3Bucket": {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"},
                    "S3Key": "code.zip",
                },
            },
        },
    }


def _table(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        },
    }


def test_stacks_go_into_their_regions_in_order_and_their_functions_run(
    place: Place, assembly: Assembly
) -> None:
    outputs = {"Name": {"Value": {"Ref": "Function"}}}
    assembly.add("us-east-1", _function(), outputs, after=["eu-central-1"])
    assembly.add("eu-central-1", _function(), outputs)
    stacks = deploy(assembly.directory, place.emulator.endpoint_url, "eu-central-1")
    assert [stack.region for stack in stacks] == ["eu-central-1", "us-east-1"]
    for stack in stacks:
        answer = place.client("lambda", stack.region).invoke(FunctionName=stack.outputs["Name"])
        assert json.loads(answer["Payload"].read()) == "deployed"


def test_a_template_may_be_larger_than_a_request(place: Place, assembly: Assembly) -> None:
    parameters = {
        f"P{number}": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": f"/{assembly.prefix}/{number}", "Type": "String", "Value": "x" * 400},
        }
        for number in range(150)
    }
    assembly.add("eu-central-1", parameters)
    deploy(assembly.directory, place.emulator.endpoint_url, "eu-central-1")
    told = place.client("ssm").get_parameter(Name=f"/{assembly.prefix}/149")
    assert told["Parameter"]["Value"] == "x" * 400


def test_an_update_keeps_the_data_and_no_change_is_no_failure(place: Place, assembly: Assembly) -> None:
    one, two = f"{assembly.prefix}-one", f"{assembly.prefix}-two"
    assembly.add("eu-central-1", {"One": _table(one)})
    deploy(assembly.directory, place.emulator.endpoint_url, "eu-central-1")
    table = place.client("dynamodb")
    table.put_item(TableName=one, Item={"pk": {"S": "kept"}})
    deploy(assembly.directory, place.emulator.endpoint_url, "eu-central-1")
    assembly.add("eu-central-1", {"One": _table(one), "Two": _table(two)})
    deploy(assembly.directory, place.emulator.endpoint_url, "eu-central-1")
    assert table.get_item(TableName=one, Key={"pk": {"S": "kept"}})["Item"]
    assert two in table.list_tables()["TableNames"]


def test_a_resource_that_the_emulator_does_not_know_is_named(place: Place, assembly: Assembly) -> None:
    assembly.add("eu-central-1", {"Odd": {"Type": "AWS::Odd::Thing"}})
    with pytest.raises(DeploymentFailed, match="AWS::Odd::Thing"):
        deploy(assembly.directory, place.emulator.endpoint_url, "eu-central-1")
