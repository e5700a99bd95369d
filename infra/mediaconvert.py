"""MediaConvert in a region: its queue, the role it works under, and the functions around its jobs."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_mediaconvert as mediaconvert
from constructs import Construct

from infra.alarm import Alarms
from infra.function import Handler, Package
from infra.permission import region as permission
from infra.permission.grant import Needs
from infra.stack import StageStack

#: Jobs that may fail in a quarter of an hour by their own inputs.
_FEW_FAILED = 5
_PERIOD = Duration.minutes(5)


class Conversions(Construct):
    """What a region needs so that its state machine can have MediaConvert do tasks."""

    def __init__(
        self,
        stack: StageStack,
        package: Package,
        alarms: Alarms,
        *,
        needs: Mapping[str, Needs],
        values: Mapping[str, str],
    ) -> None:
        super().__init__(stack, "Conversions")
        self._stack = stack
        # On demand, which is paid by what is made.
        queue = mediaconvert.CfnQueue(
            self, "Queue", name=stack.names.prefix, pricing_plan="ON_DEMAND", status="ACTIVE"
        )
        self._role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "mediaconvert.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": stack.names.account}},
            ),
        )
        for grant in permission.conversion_role(stack.names, stack.region):
            stack.allow(self._role, grant)
        told = {
            **values,
            "CONVERT_ROLE_ARN": self._role.role_arn,
            "CONVERT_QUEUE_ARN": stack.names.convert_queue_arn(stack.region),
        }
        convert, follow = (
            Handler(stack, package, module, needs=needs[module], values=told, size=stack.config.reaction)
            for module in ("reactions.convert", "reactions.follow")
        )
        self.convert_arn = convert.version_arn
        self._listen(follow, queue)
        self._watch(alarms, follow, told["CONVERT_QUEUE_ARN"])

    def let(self, role: iam.Role) -> None:
        """Let the state machine make, watch and cancel jobs there."""
        for grant in permission.conversions(self._stack.names, self._stack.region, self._role.role_arn):
            self._stack.allow(role, grant)

    def _listen(self, follow: Handler, queue: mediaconvert.CfnQueue) -> None:
        """What becomes of the jobs of our queue is told; nobody else's."""
        rule = events.Rule(
            self,
            "Changes",
            rule_name=f"{self._stack.names.prefix}-conversions",
            event_pattern=events.EventPattern(
                source=["aws.mediaconvert"],
                detail_type=["MediaConvert Job State Change"],
                detail={
                    "queue": [self._stack.names.convert_queue_arn(self._stack.region)],
                    "status": ["STATUS_UPDATE", "COMPLETE", "ERROR", "CANCELED"],
                },
            ),
        )
        rule.add_target(targets.LambdaFunction(follow.function))
        rule.node.add_dependency(queue)

    def _watch(self, alarms: Alarms, follow: Handler, queue_arn: str) -> None:
        alarms.over(
            "follow-fails",
            follow.function.metric_errors(period=_PERIOD),
            0,
            periods=1,
            meaning="What MediaConvert tells is not written: progress stands, slots come back late.",
        )
        alarms.over(
            "mediaconvert-fails",
            cloudwatch.Metric(
                namespace="AWS/MediaConvert",
                metric_name="JobsErroredCount",
                dimensions_map={"Queue": queue_arn},
                statistic="sum",
                period=Duration.minutes(15),
            ),
            _FEW_FAILED,
            periods=1,
            meaning="Many of MediaConvert's jobs fail, perhaps by no fault of their inputs.",
        )
