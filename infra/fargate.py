"""The media worker as a container on Fargate, for tasks that take longer than Lambda gives.

The image is any that has Python and boto3; the code and its packages are those of the Lambda functions, and
the container loads them from the deployment's own assets when it starts. So no image has to be built.
"""

from collections.abc import Mapping

from aws_cdk import AssetHashType, Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from infra import machine
from infra.alarm import Alarms
from infra.asset import Asset
from infra.config import Fargate, Network
from infra.permission import region as permission
from infra.permission.grant import Grant, Needs
from infra.stack import StageStack, acknowledge
from mediajobs.executor import SPOKEN

#: Containers that may be lost in a quarter of an hour, as by one task that takes too much memory.
_FEW_LOST = 2
#: Its name in the task definition.
NAME = "worker"
#: What the image's Python does first: lay the assets of CODE beside each other, and become the worker.
BOOT = """
import os, sys, tempfile, zipfile
import boto3
root = tempfile.mkdtemp(prefix="code-")
for place in os.environ["CODE"].split():
    bucket, _, key = place.partition("/")
    packed = os.path.join(root, "part.zip")
    boto3.client("s3").download_file(bucket, key, packed)
    with zipfile.ZipFile(packed) as archive:
        for entry in archive.infolist():
            path = archive.extract(entry, root)
            mode = entry.external_attr >> 16 & 0o777
            if mode and not entry.is_dir():
                os.chmod(path, mode)
    os.unlink(packed)
paths = [root, os.path.join(root, "python"), os.environ.get("PYTHONPATH", "")]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
os.execv(sys.executable, [sys.executable, "-m", "mediajobs.worker.container"])
""".strip()


class Containers(Construct):
    """The cluster and the task definition of a region, and what its state machine is told of them."""

    def __init__(
        self,
        stack: StageStack,
        size: Fargate,
        network: Network,
        *,
        needs: Needs,
        values: Mapping[str, str],
        layers: Mapping[str, Asset],
    ) -> None:
        super().__init__(stack, "Containers")
        self._stack = stack
        self._network = network
        self._cluster = ecs.CfnCluster(
            self,
            "Cluster",
            cluster_name=stack.names.cluster,
            cluster_settings=[
                ecs.CfnCluster.ClusterSettingsProperty(name="containerInsights", value="enabled")
            ],
        )
        group = stack.log_group("ContainerLog", stack.names.container_log_group)
        role, starter = (self._role(each) for each in ("Role", "Starter"))
        for grant in needs.grants:
            stack.allow(role, grant)
        group.grant_write(starter)
        for grant in permission.image(stack.names, stack.region):
            stack.allow(starter, grant)
        self._roles = role, starter
        parts = [self._part(name, made, role) for name, made in layers.items()]
        variables = {
            **{name: values[name] for name in needs.variables},
            "AWS_REGION": stack.region,
            "AWS_DEFAULT_REGION": stack.region,
            "CONTAINER_MB": str(size.memory_mb),
            "CODE": " ".join(parts),
        }
        log = {"awslogs-group": group.log_group_name, "awslogs-region": stack.region}
        self._definition = ecs.CfnTaskDefinition(
            self,
            "Definition",
            family=stack.names.container,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(size.cpu),
            memory=str(size.memory_mb),
            ephemeral_storage=ecs.CfnTaskDefinition.EphemeralStorageProperty(size_in_gib=size.disk_gb),
            runtime_platform=ecs.CfnTaskDefinition.RuntimePlatformProperty(
                operating_system_family="LINUX",
                cpu_architecture="ARM64" if stack.architecture == "arm64" else "X86_64",
            ),
            task_role_arn=role.role_arn,
            execution_role_arn=starter.role_arn,
            container_definitions=[
                ecs.CfnTaskDefinition.ContainerDefinitionProperty(
                    name=NAME,
                    image=size.image,
                    essential=True,
                    entry_point=["python3", "-c", BOOT],
                    environment=[
                        ecs.CfnTaskDefinition.KeyValuePairProperty(name=name, value=value)
                        for name, value in variables.items()
                    ],
                    linux_parameters=ecs.CfnTaskDefinition.LinuxParametersProperty(init_process_enabled=True),
                    log_configuration=ecs.CfnTaskDefinition.LogConfigurationProperty(
                        log_driver="awslogs", options={**log, "awslogs-stream-prefix": "run"}
                    ),
                    stop_timeout=30,
                )
            ],
        )
        # An execution ends on the revision it started with, which a deployment would put out of use.
        self._definition.apply_removal_policy(RemovalPolicy.RETAIN)
        acknowledge(
            self._definition,
            "AwsSolutions-ECS2",
            "The variables are names of resources and a size; secrets are none among them.",
        )
        self._guard = ec2.CfnSecurityGroup(
            self,
            "Guard",
            vpc_id=network.vpc_id,
            group_description="The media worker: it calls AWS, and nobody calls it",
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp", from_port=443, to_port=443, cidr_ip="0.0.0.0/0", description="AWS"
                )
            ],
        )

    def let(self, role: iam.Role) -> None:
        """Let the state machine run, watch and stop containers."""
        for grant in permission.containers(self._stack.names, self._stack.region):
            self._stack.allow(role, grant)
        passed = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
        arns = tuple(each.role_arn for each in self._roles)
        self._stack.allow(role, Grant(("iam:PassRole",), arns, passed))

    def watch(self, alarms: Alarms) -> None:
        """Tell when containers do not start, or end without the word of a worker."""
        name = f"{self._stack.names.prefix}-containers"
        # It has no target: that it matches is what is counted.
        events.CfnRule(
            self,
            "Lost",
            name=name,
            event_pattern={
                "source": ["aws.ecs"],
                "detail-type": ["ECS Task State Change"],
                "detail": {
                    "clusterArn": [self._cluster.attr_arn],
                    "lastStatus": ["STOPPED"],
                    "$or": [
                        {"stopCode": ["TaskFailedToStart"]},
                        {
                            "stopCode": ["EssentialContainerExited"],
                            "containers": {"exitCode": [{"anything-but": [0, SPOKEN]}]},
                        },
                    ],
                },
            },
        )
        alarms.over(
            "containers-fail",
            cloudwatch.Metric(
                namespace="AWS/Events",
                metric_name="MatchedEvents",
                dimensions_map={"RuleName": name},
                statistic="sum",
                period=Duration.minutes(15),
            ),
            _FEW_LOST,
            periods=1,
            meaning="Containers of the media worker do not start, or are killed at their work.",
        )

    @property
    def told(self) -> machine.Container:
        """What the state machine says to ECS."""
        return machine.Container(
            cluster=self._cluster.attr_arn,
            task_definition=self._definition.ref,
            name=NAME,
            subnets=self._network.subnets,
            security_group=self._guard.attr_group_id,
            public_ip=self._network.public_ip,
        )

    def _role(self, name: str) -> iam.Role:
        return iam.Role(self, name, assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))

    def _part(self, name: str, made: Asset, role: iam.Role) -> str:
        """Where the container finds a part of its code."""
        packed = assets.Asset(
            self,
            name.title(),
            path=str(made.path),
            asset_hash=made.digest,
            asset_hash_type=AssetHashType.CUSTOM,
        )
        self._stack.allow(
            role,
            Grant(("s3:GetObject",), (packed.bucket.arn_for_objects(packed.s3_object_key),)),
        )
        return f"{packed.s3_bucket_name}/{packed.s3_object_key}"
