"""A cloud assembly into the emulator: its assets published, its templates deployed as they are."""

import io
import json
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.local.emulator import ACCOUNT, client

#: What the CDK asks a bootstrapped account for.
BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
BOOTSTRAP_VERSION = "30"


class DeploymentFailed(Exception):
    """A stack cannot be made; the message says which resource and why."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack."""

    name: str
    region: str
    outputs: Mapping[str, str]


def deploy(assembly: Path, endpoint_url: str, home_region: str) -> list[Stack]:
    """Create or update every stack of the assembly, in order. Raises DeploymentFailed."""
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    return [
        _Deployment(assembly, artifact, endpoint_url, _region(artifact, home_region)).run()
        for artifact in _ordered(artifacts)
    ]


def _ordered(artifacts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The stacks, each after those it depends on."""
    seen: set[str] = set()

    def visit(name: str) -> Iterator[dict[str, Any]]:
        if name in seen:
            return
        seen.add(name)
        for dependency in artifacts[name].get("dependencies", ()):
            yield from visit(dependency)
        if artifacts[name]["type"] == "aws:cloudformation:stack":
            yield {**artifacts[name], "id": name}

    for name in artifacts:
        yield from visit(name)


def _region(artifact: Mapping[str, Any], home_region: str) -> str:
    region: str = artifact["environment"].rpartition("/")[2]
    return home_region if region == "unknown-region" else region


class _Deployment:
    """One stack on its way into the emulator."""

    def __init__(self, assembly: Path, artifact: Mapping[str, Any], endpoint_url: str, region: str) -> None:
        self._assembly = assembly
        self._properties = artifact["properties"]
        self._name: str = self._properties.get("stackName", artifact["id"])
        self._endpoint_url = endpoint_url
        self._region = region
        self._open = ExitStack()
        self._cloudformation = self._client("cloudformation")

    def _client(self, service: str) -> Any:
        return self._open.enter_context(closing(client(self._endpoint_url, service, self._region)))

    def run(self) -> Stack:
        """Publish, deploy, wait."""
        with self._open:
            return self._run()

    def _run(self) -> Stack:
        self._client("ssm").put_parameter(
            Name=BOOTSTRAP_PARAMETER, Value=BOOTSTRAP_VERSION, Type="String", Overwrite=True
        )
        self._publish()
        if self._submit():
            self._wait()
        outputs = self._describe().get("Outputs", [])
        return Stack(self._name, self._region, {one["OutputKey"]: one["OutputValue"] for one in outputs})

    def _publish(self) -> None:
        s3 = self._client("s3")
        manifest = json.loads((self._assembly / f"{Path(self._template).name}.assets.json").read_text())
        buckets: set[str] = set()
        for asset in manifest["files"].values():
            content = _content(self._assembly / asset["source"]["path"], asset["source"]["packaging"])
            for destination in asset["destinations"].values():
                bucket, key = self._fill(destination["bucketName"]), self._fill(destination["objectKey"])
                if bucket not in buckets:
                    _make_bucket(s3, bucket, self._region)
                    buckets.add(bucket)
                s3.put_object(Bucket=bucket, Key=key, Body=content)

    @property
    def _template(self) -> str:
        name: str = self._properties["templateFile"]
        return name.removesuffix(".template.json")

    def _fill(self, text: str) -> str:
        values = {"AccountId": ACCOUNT, "Region": self._region, "Partition": "aws"}
        for name, value in values.items():
            text = text.replace(f"${{AWS::{name}}}", value)
        return text

    def _submit(self) -> bool:
        """Hand the template over; False if the stack has it already."""
        location = self._fill(self._properties["stackTemplateAssetObjectUrl"]).removeprefix("s3://")
        request = {
            "StackName": self._name,
            # By URL, since a template in the request may have 51,200 bytes.
            "TemplateURL": f"{self._endpoint_url}/{location}",
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in self._properties.get("parameters", {}).items()
            ],
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Tags": [{"Key": key, "Value": value} for key, value in self._properties.get("tags", {}).items()],
        }
        try:
            self._cloudformation.create_stack(**request)
            return True
        except ClientError as error:
            if error.response["Error"]["Code"] != "AlreadyExistsException":
                raise DeploymentFailed(f"{self._name}: {error}") from error
        try:
            self._cloudformation.update_stack(**request)
            return True
        except ClientError as error:
            if "No updates" in str(error):
                return False
            raise DeploymentFailed(f"{self._name}: {error}") from error

    def _describe(self) -> dict[str, Any]:
        stack: dict[str, Any] = self._cloudformation.describe_stacks(StackName=self._name)["Stacks"][0]
        return stack

    def _wait(self) -> None:
        while (status := self._describe()["StackStatus"]).endswith("IN_PROGRESS"):
            time.sleep(0.05)
        if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            raise DeploymentFailed(f"{self._name} ended as {status}: {self._reasons()}")

    def _reasons(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName=self._name)["StackEvents"]
        return "; ".join(
            f"{event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason', '')}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("FAILED")
        )


def _make_bucket(s3: Any, name: str, region: str) -> None:
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        s3.create_bucket(Bucket=name, **place)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
            raise


def _content(path: Path, packaging: str) -> bytes:
    if packaging != "zip":
        return path.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path.rglob("*")):
            if file.is_file():
                # A fixed time, so that the same content is the same code.
                entry = zipfile.ZipInfo(str(file.relative_to(path)), (1980, 1, 1, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
