"""The stack of the home region: the table, the bus, the dispatch queue, the API and what reacts to them."""

from collections.abc import Sequence

from aws_cdk import App, CfnOutput, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs

from infra.alarm import Alarms
from infra.api import Api
from infra.asset import LayerName
from infra.config import Config, Size
from infra.dead_letter import dead_letter_queue
from infra.function import Handler, Package
from infra.inbox import Inbox
from infra.permission.grant import Grant, Needs
from infra.permission.reaction import reactions
from infra.stack import StageStack
from infra.table import jobs_table
from infra.watch import Watch
from mediajobs.arrival import MAX_TRIES, OWN

#: A grant takes a moment; a batch that hangs must not hold its pool for long.
_DISPATCH_SECONDS = 10
#: A try to deliver gives up after half of it.
_NOTIFY_SECONDS = 30
_NOTIFY_CONCURRENCY = 100


class HomeStack(StageStack):
    """Everything there is one of."""

    def __init__(self, app: App, config: Config) -> None:
        super().__init__(
            app, "home", config, config.home_region, description="mediajobs: the table, the bus and the API"
        )
        self._alarms = Alarms(self)
        self._table = jobs_table(self)
        self._bus = events.EventBus(self, "Bus", event_bus_name=self.names.bus)
        kms.Key(
            self,
            "SecretKey",
            alias=self.names.secret_key_alias,
            description="The credentials that jobs carry",
            enable_key_rotation=True,
            removal_policy=self.removal,
        )
        self._dispatch = Inbox(self, self._alarms, "dispatch", seconds=_DISPATCH_SECONDS, tries=3, fifo=True)
        self._notify = Inbox(self, self._alarms, "notify", seconds=_NOTIFY_SECONDS, tries=5)
        self._trigger = Inbox(
            self,
            self._alarms,
            "trigger",
            seconds=config.reaction.timeout_seconds,
            # The function itself gives an event up before, and says why.
            tries=2 * MAX_TRIES,
        )
        #: What the variables of the functions in the home region are told.
        self.values = {
            "STAGE": config.stage,
            "HOME_REGION": config.home_region,
            "REGIONS": ",".join(config.regions),
            "TABLE_NAME": self.names.table,
            "EVENT_BUS_NAME": self.names.bus,
            "DISPATCH_QUEUE_URL": self._dispatch.queue.queue_url,
            "NOTIFY_QUEUE_URL": self._notify.queue.queue_url,
            "TRIGGER_FAILED_QUEUE_URL": self._trigger.failed.queue_url,
            "ALLOWED_NETWORKS": ",".join(map(str, config.allowed_networks)),
            "MAIL_SENDER": config.mail_sender or "",
            "SECRET_KEY_ARN": self.names.secret_key_arn,
            "STATE_MACHINE_ARN": self.names.state_machine_arn("{region}"),
            "INSPECTOR_ARN": self.names.function_arn("worker.inspect", "{region}"),
            "STORAGE_WORKER_MB": str(config.storage_worker.memory_mb),
            "MEDIA_WORKER_MB": str(config.media_worker.memory_mb),
            "WORKSPACE_BUCKETS": self.names.bucket("workspace", "{region}"),
            "MEDIA_BUCKETS": self.names.bucket("media", "{region}"),
            "DIALECTS": ",".join(config.dialects),
            "EXECUTORS": ",".join(config.executors),
            "OUTSIDE_LOG_GROUP": self.names.outside_log_group,
            "ORGANIZATION_METRICS": "yes" if config.organization_metrics else "no",
            "ENDPOINT_FUNCTION": f"{self.names.prefix}-{{name}}",
        }
        self.log_group("OutsideLog", self.names.outside_log_group)
        self._package = Package(self)
        self.api_id = Api(self, self._package, self.values).id
        self._needs = reactions(self.names)
        self._announce()
        self._dispatching()
        self._drive()
        self._notifying()
        self._sweep()
        self._triggering()
        Watch(self, self._alarms, self._table, api_id=self.api_id)
        CfnOutput(self, "TableName", value=self._table.table_name)
        CfnOutput(self, "EventBusName", value=self._bus.event_bus_name)
        CfnOutput(self, "DispatchQueueUrl", value=self._dispatch.queue.queue_url)

    def _reaction(
        self,
        name: str,
        *extra: Grant,
        size: Size | None = None,
        layers: Sequence[LayerName] = ("dependencies",),
    ) -> Handler:
        module = f"reactions.{name}"
        needs = self._needs[module]
        return Handler(
            self,
            self._package,
            module,
            needs=Needs((*needs.grants, *extra), needs.variables),
            values=self.values,
            size=size or self.config.reaction,
            layers=layers,
        )

    def _announce(self) -> None:
        """The outbox: every new event row goes out once, in its job's order."""
        stream = self._stream_arn()
        handler = self._reaction(
            "announce",
            Grant(("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"), (stream,)),
            Grant(("dynamodb:ListStreams",), ("*",), reason="ListStreams has no resources."),
        )
        failed = dead_letter_queue(self, self._alarms, "announce-failed")
        mapping = lambda_.EventSourceMapping(
            handler,
            "NewEvents",
            target=handler.function,
            event_source_arn=stream,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=25,
            filters=[
                lambda_.FilterCriteria.filter(
                    {
                        "eventName": lambda_.FilterRule.is_equal("INSERT"),
                        "dynamodb": {"Keys": {"sk": {"S": lambda_.FilterRule.begins_with("EVENT#")}}},
                    }
                )
            ],
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            retry_attempts=5,
            parallelization_factor=4,
            on_failure=sources.SqsDlq(failed),
        )
        mapping.node.add_dependency(handler.role)
        self._alarms.over(
            "announce-late",
            handler.function.metric("IteratorAge", statistic="max", period=Duration.minutes(1)),
            60_000,
            periods=3,
            meaning="Status changes are announced more than a minute late; the sweeper does the work.",
        )

    def _dispatching(self) -> None:
        """One pool at a time: the queue's message group is the pool."""
        size = Size(memory_mb=self.config.reaction.memory_mb, timeout_seconds=_DISPATCH_SECONDS)
        handler = self._reaction(
            "dispatch",
            self._dispatch.read,
            size=size,
        )
        self._dispatch.wake(handler, "Pools")
        self._dispatch.late(300, "Pools with room have been waiting for more than five minutes.")

    def _drive(self) -> None:
        """Executions are started and stopped as the jobs' status says."""
        handler = self._reaction("drive")
        failed = self._asynchronous(handler, "drive")
        events.Rule(
            handler,
            "StatusChanged",
            rule_name=f"{self.names.prefix}-drive",
            event_bus=self._bus,
            event_pattern=events.EventPattern(
                source=["mediajobs"],
                detail_type=["Job Status Changed"],
                detail={"status": ["Running", "Cancelled", "Failed"]},
            ),
            targets=[
                targets.LambdaFunction(
                    handler.function,
                    dead_letter_queue=failed,
                    retry_attempts=10,
                    max_event_age=Duration.hours(1),
                )
            ],
        )

    def _notifying(self) -> None:
        """Each try to deliver is an invocation of its own: a slow receiver keeps nobody else waiting."""
        size = Size(memory_mb=self.config.reaction.memory_mb, timeout_seconds=_NOTIFY_SECONDS)
        handler = self._reaction(
            "notify",
            self._notify.read,
            size=size,
            layers=("dependencies", "storage"),
        )
        # What waits is told fairly by receiver; the account's other functions keep their share.
        self._notify.wake(handler, "Tries", batch_size=1, max_concurrency=_NOTIFY_CONCURRENCY)
        self._notify.late(1800, "Webhooks and mails have been waiting for more than half an hour.")

    def _sweep(self) -> None:
        """Whatever is owed is found again."""
        handler = self._reaction("sweep", size=Size(memory_mb=512, timeout_seconds=55))
        failed = self._asynchronous(handler, "sweep")
        events.Rule(
            handler,
            "EveryMinute",
            rule_name=f"{self.names.prefix}-sweep",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[
                # The next minute brings the next one.
                targets.LambdaFunction(
                    handler.function,
                    dead_letter_queue=failed,
                    retry_attempts=0,
                    max_event_age=Duration.minutes(1),
                )
            ],
        )
        self._alarms.over(
            "sweep-fails",
            handler.function.metric_errors(period=Duration.minutes(1)),
            0,
            periods=3,
            meaning="What was lost is not found again.",
        )

    def _triggering(self) -> None:
        """Events from outside make jobs: what the regions say of uploads, and what others put on the bus."""
        handler = self._reaction(
            "submit_on_event",
            self._trigger.read,
        )
        patterns = {
            # Only AWS can put events of its own services on a bus; rules of this account forward them.
            "uploads": events.EventPattern(
                account=[self.account], source=["aws.s3"], detail_type=["Object Created"]
            ),
            "arrivals": events.EventPattern(
                source=events.Match.anything_but(OWN, "aws.s3"),
                detail={"organization_id": events.Match.exists()},
            ),
        }
        for name, pattern in patterns.items():
            events.Rule(
                handler,
                name.title(),
                rule_name=f"{self.names.prefix}-{name}",
                event_bus=self._bus,
                event_pattern=pattern,
                targets=[targets.SqsQueue(self._trigger.queue, dead_letter_queue=self._trigger.failed)],
            )
        self._trigger.wake(handler, "Arrived")
        self._trigger.late(
            900, "Events that should make jobs have been waiting for more than a quarter of an hour."
        )

    def _asynchronous(self, handler: Handler, name: str) -> sqs.Queue:
        """The queue of the events that a function failed to handle."""
        failed = dead_letter_queue(self, self._alarms, f"{name}-failed")
        lambda_.CfnEventInvokeConfig(
            handler,
            "Retries",
            function_name=handler.function.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=2 if name == "drive" else 0,
            maximum_event_age_in_seconds=3600 if name == "drive" else 60,
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=failed.queue_arn)
            ),
        )
        failed.grant_send_messages(handler.role)
        return failed

    def _stream_arn(self) -> str:
        arn = self._table.table_stream_arn
        if arn is None:
            raise ValueError("the jobs table has no stream")
        return arn
