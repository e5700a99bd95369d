"""The stack of a processing region: the workers, the machine that runs them, and the buckets they work on."""

from aws_cdk import App, CfnOutput, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

from infra import asset, machine
from infra.alarm import Alarms
from infra.asset import MEDIA_MINOR
from infra.bucket import private_bucket
from infra.config import Config, Size
from infra.dead_letter import dead_letter_queue
from infra.fargate import Containers
from infra.function import Handler, Package
from infra.mediaconvert import Conversions
from infra.permission import region as permission
from infra.stack import StageStack, acknowledge
from infra.watch import executions_throttled, functions_throttled
from mediajobs.job import RETENTION_DAYS
from mediajobs.organization import TEMPORARY
from mediajobs.spec import MAX_JOB_SECONDS

#: How long a file of a job is kept. The job may run to its deadline and be seen until its last day, and be
#: restarted then to go on with its files for as long once more. A day is for the sweeper and S3's own clock.
WORKSPACE_DAYS = 2 * (-(-MAX_JOB_SECONDS // (24 * 3600)) + RETENTION_DAYS) + 1

#: The API waits for it, and has to answer after it in its own time.
_INSPECTOR = Size(memory_mb=1024, timeout_seconds=20)


class RegionStack(StageStack):
    """Everything a region needs to run jobs for the home region."""

    def __init__(self, app: App, config: Config, region: str) -> None:
        super().__init__(app, region, config, region, description=f"mediajobs: workers in {region}")
        self._region = region
        self._alarms = Alarms(self)
        workspace = private_bucket(
            self, "workspace", s3.LifecycleRule(id="workspace", expiration=Duration.days(WORKSPACE_DAYS))
        )
        # A page that plays HLS fetches its segments. Any origin may: a signed link is what opens a file.
        workspace.add_cors_rule(
            allowed_methods=[s3.HttpMethods.GET],
            allowed_origins=["*"],
            allowed_headers=["Range"],
            max_age=3600,
        )
        media = private_bucket(
            self, "media", s3.LifecycleRule(id="temporary", prefix=TEMPORARY, expiration=Duration.days(2))
        )
        self._uploads(media)
        values = {
            "STAGE": config.stage,
            "HOME_REGION": config.home_region,
            "REGIONS": ",".join(config.regions),
            "TABLE_NAME": self.names.table,
            "SECRET_KEY_ARN": self.names.secret_key_arn,
            "WORKSPACE_BUCKETS": self.names.bucket("workspace", "{region}"),
            "MEDIA_BUCKET": media.bucket_name,
            "ALLOWED_NETWORKS": ",".join(map(str, config.allowed_networks)),
        }
        package = Package(self)
        needs = permission.handlers(self.names, region)

        storage = Handler(
            self,
            package,
            "worker.storage",
            needs=needs["worker.storage"],
            values=values,
            size=config.storage_worker,
            layers=("dependencies", "storage"),
            disk_mb=config.worker_disk_mb,
        )
        media_worker = Handler(
            self,
            package,
            "worker.media",
            needs=needs["worker.media"],
            values=values,
            size=config.media_worker,
            layers=("dependencies", "media"),
            minor=MEDIA_MINOR,
            disk_mb=config.worker_disk_mb,
        )
        Handler(
            self,
            package,
            "worker.inspect",
            needs=needs["worker.inspect"],
            values=values,
            size=_INSPECTOR,
            layers=("dependencies", "storage"),
        )
        settle = Handler(
            self,
            package,
            "reactions.settle",
            needs=needs["reactions.settle"],
            values=values,
            size=config.reaction,
        )
        offer = None
        if "outside" in config.executors:
            offer = Handler(
                self,
                package,
                "reactions.offer",
                needs=needs["reactions.offer"],
                values=values,
                size=config.reaction,
            )
            self._alarms.over(
                "offer-fails",
                offer.function.metric_errors(period=Duration.minutes(5)),
                0,
                periods=1,
                meaning="Outside workers cannot find tasks; such a task fails after its retries.",
            )
        containers = None
        if config.fargate and "fargate" in config.executors:
            containers = Containers(
                self,
                config.fargate,
                config.fargate.networks[region],
                needs=needs["worker.container"],
                values=values,
                layers={"code": asset.code(), **package.made("dependencies", "media", minor=MEDIA_MINOR)},
            )
            containers.watch(self._alarms)
        conversions = None
        if "mediaconvert" in config.executors:
            conversions = Conversions(self, package, self._alarms, needs=needs, values=values)
        state_machine = self._machine(
            machine.Functions(
                storage.version_arn,
                media_worker.version_arn,
                settle.version_arn,
                None if offer is None else offer.version_arn,
                None if conversions is None else conversions.convert_arn,
            ),
            containers,
            conversions,
        )
        self._alarms.over(
            "settle-fails",
            settle.function.metric_errors(period=Duration.minutes(5)),
            0,
            periods=1,
            meaning="The end of a task could not be written; the sweeper ends it when its lease is over.",
        )
        executions_throttled(self, self._alarms, region)
        if region != config.home_region:
            functions_throttled(self._alarms)
        CfnOutput(self, "StateMachineArn", value=state_machine.state_machine_arn)
        CfnOutput(self, "WorkspaceBucket", value=workspace.bucket_name)
        CfnOutput(self, "MediaBucket", value=media.bucket_name)

    def _uploads(self, media: s3.Bucket) -> None:
        """What organizations upload is told to home's bus, for their triggers; what is temporary is not."""
        resource = media.node.default_child
        if not isinstance(resource, s3.CfnBucket):
            raise TypeError("the media bucket has no resource")
        # CDK's own way would be a function that writes the same setting.
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                event_bridge_enabled=True
            )
        )
        failed = dead_letter_queue(self, self._alarms, "uploads-failed")
        rule = events.Rule(
            self,
            "Uploads",
            rule_name=f"{self.names.prefix}-uploads",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [media.bucket_name]},
                    "object": {"key": events.Match.anything_but_prefix(TEMPORARY)},
                },
            ),
        )
        home = events.EventBus.from_event_bus_arn(self, "Home", self.names.bus_arn)
        rule.add_target(targets.EventBus(home, dead_letter_queue=failed))

    def _machine(
        self,
        functions: machine.Functions,
        containers: Containers | None,
        conversions: Conversions | None,
    ) -> sfn.StateMachine:
        """The machine calls published versions, so an execution ends on the code it started with."""
        role = iam.Role(self, "MachineRole", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        for grant in permission.machine(self.names, self._region):
            self.allow(role, grant)
        for executor in (containers, conversions):
            if executor is not None:
                executor.let(role)
        made = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=self.names.state_machine,
            state_machine_type=sfn.StateMachineType.STANDARD,
            definition_body=sfn.DefinitionBody.from_string(
                self.to_json_string(
                    machine.definition(functions, None if containers is None else containers.told)
                )
            ),
            role=role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=self.log_group(
                    "MachineLog", f"/aws/vendedlogs/states/{self.names.state_machine}"
                ),
                level=sfn.LogLevel.ERROR,
                include_execution_data=False,
            ),
            removal_policy=self.removal,
        )
        acknowledge(
            made,
            "AwsSolutions-SF1",
            "A job's own event log and its tasks' logs tell all; logging every state would only repeat it.",
        )
        return made
