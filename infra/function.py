"""One way to make every Lambda function: its role, its log group, its code, and nothing it does not need."""

from collections.abc import Mapping, Sequence

from aws_cdk import AssetHashType, Duration, RemovalPolicy
from aws_cdk import Size as Space
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import asset
from infra.config import Size
from infra.permission.grant import TRACE, Needs
from infra.stack import StageStack, acknowledge


class Package(Construct):
    """The code and the layers that a stack's functions share."""

    def __init__(self, stack: StageStack) -> None:
        super().__init__(stack, "Package")
        self._stack = stack
        self._layers: dict[tuple[str, int], lambda_.LayerVersion] = {}
        self.code = _code(asset.code())

    def layer(self, name: asset.LayerName, minor: int) -> lambda_.LayerVersion:
        """The layer for a minor version of Python; empty in local mode."""
        key = (name, minor)
        if key not in self._layers:
            self._layers[key] = lambda_.LayerVersion(
                self,
                f"{name.title()}{minor}",
                code=_code(self.made(name, minor=minor)[name]),
                compatible_architectures=[architecture(self._stack)],
                compatible_runtimes=[runtime(minor)],
            )
        return self._layers[key]

    def made(self, *names: asset.LayerName, minor: int) -> dict[str, asset.Asset]:
        """What is in layers, by their names."""
        if self._stack.config.local:
            return {name: asset.empty_layer(name) for name in names}
        return {name: asset.layer(name, self._stack.architecture, minor) for name in names}


class Handler(Construct):
    """A function of its own for a module's `handler`, under a role of its own."""

    def __init__(
        self,
        stack: StageStack,
        package: Package,
        module: str,
        *,
        needs: Needs,
        values: Mapping[str, str],
        size: Size,
        entry: str | None = None,
        layers: Sequence[asset.LayerName] = ("dependencies",),
        minor: int = asset.MINOR,
        disk_mb: int = 512,
    ) -> None:
        """Module is such as `api.submit_job`; values has at least the variables that the needs name; entry is
        what Lambda calls, by default the module's `handler`."""
        super().__init__(stack, "".join(part.title() for part in module.replace("_", ".").split(".")))
        log_group = stack.log_group(f"{self.node.id}Log", stack.names.log_group(module))
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(self.role)
        for grant in (TRACE, *needs.grants):
            stack.allow(self.role, grant)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=stack.names.function(module),
            handler=entry or f"mediajobs.{module}.handler",
            code=package.code,
            layers=[package.layer(name, minor) for name in layers],
            runtime=runtime(minor),
            architecture=architecture(stack),
            role=self.role,
            log_group=log_group,
            environment={name: values[name] for name in needs.variables},
            memory_size=size.memory_mb,
            timeout=Duration.seconds(size.timeout_seconds),
            ephemeral_storage_size=Space.mebibytes(disk_mb),
            tracing=lambda_.Tracing.ACTIVE,
            # An execution ends on the version it started with; deleting the function deletes them all.
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
        )
        acknowledge(
            self.function,
            "AwsSolutions-L1",
            "The byte-code in the asset is valid only for the version of Python that wrote it.",
        )

    @property
    def version_arn(self) -> str:
        """The function as it is deployed now, whatever it will become."""
        return self.function.current_version.function_arn


def runtime(minor: int) -> lambda_.Runtime:
    """Lambda's runtime of Python 3's minor version."""
    return lambda_.Runtime(f"python3.{minor}", lambda_.RuntimeFamily.PYTHON)


def architecture(stack: StageStack) -> lambda_.Architecture:
    """The processor of the stack's functions, as CDK names it."""
    return lambda_.Architecture.ARM_64 if stack.architecture == "arm64" else lambda_.Architecture.X86_64


def _code(made: asset.Asset) -> lambda_.AssetCode:
    return lambda_.Code.from_asset(
        str(made.path), asset_hash=made.digest, asset_hash_type=AssetHashType.CUSTOM
    )
