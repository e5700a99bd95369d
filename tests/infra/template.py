"""A synthesized stack, asked in the words of the tests."""

import json
import re
from pathlib import Path
from typing import Any

Resource = dict[str, Any]


class Template:
    """A stack's template."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content: dict[str, Any] = json.loads(path.read_text())
        self.resources: dict[str, Resource] = self.content["Resources"]

    def of_type(self, kind: str) -> dict[str, Resource]:
        return {name: each for name, each in self.resources.items() if each["Type"] == kind}

    def properties(self, kind: str) -> list[dict[str, Any]]:
        return [each.get("Properties", {}) for each in self.of_type(kind).values()]

    def functions(self) -> dict[str, dict[str, Any]]:
        """The functions by the module they run, or by dialect and endpoint."""
        return {
            re.sub(
                r"^dialects\.(\w+)\.endpoints", r"\1", each["Handler"].removeprefix("mediajobs.")
            ).removesuffix(".handler"): each
            for each in self.properties("AWS::Lambda::Function")
        }

    def statements(self, module: str) -> list[dict[str, Any]]:
        """What the role of the function that runs a module allows."""
        role = self.functions()[module]["Role"]["Fn::GetAtt"][0]
        return [
            statement
            for policy in self.properties("AWS::IAM::Policy")
            if {"Ref": role} in policy["Roles"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]


def listed(value: Any) -> list[Any]:
    """What CloudFormation writes as one value or as a list."""
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """An ARN with its references written out, such as `arn:AWS::Partition:sqs:…`."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(text(part) for part in value["Fn::Join"][1])
    if "Fn::GetAtt" in value:
        return ".".join(value["Fn::GetAtt"])
    return str(value["Ref"])
