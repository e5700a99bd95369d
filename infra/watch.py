"""What a person sees of a deployment: the alarms beside those of the queues, and the dashboard."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_logs as logs

from infra.alarm import Alarms
from infra.stack import StageStack
from mediajobs.job import Status
from mediajobs.metric import NAMESPACE
from mediajobs.table import INDEXES
from mediajobs.timestamp import MINUTE

_OUTCOMES = (Status.SUCCESS, Status.FAILED, Status.CANCELLED)
_SPREAD = ("p50", "p95", "max")
#: Healings in a quarter of an hour that are no chance any more.
_MANY_HEALED = 20
#: Requests in five minutes that may go wrong by our fault.
_FEW_ERRORS = 5
#: What is thrown back in five minutes without harm: clients of AWS try again.
_FEW_THROTTLED = 10


class Watch:
    """The home region's."""

    def __init__(self, stack: StageStack, alarms: Alarms, table: dynamodb.Table, *, api_id: str) -> None:
        self._stack = stack
        self._alarms = alarms
        self._table = table
        self._api_id = api_id
        self._of_jobs()
        self._of_the_api()
        self._of_the_table()
        functions_throttled(alarms)
        self._dashboard()

    def _of_jobs(self) -> None:
        self._alarms.over(
            "pending-too-long",
            self._own("OldestPending", "max"),
            self._stack.config.pending_alarm_minutes * MINUTE,
            periods=2,
            meaning="A job has been waiting for a slot of its pool for longer than it should.",
        )
        self._alarms.over(
            "sweeper-heals",
            self._own("Healed", "sum", minutes=15),
            _MANY_HEALED,
            periods=1,
            meaning="Events are lost or late: the sweeper does what they should have done.",
        )

    def _of_the_api(self) -> None:
        self._alarms.over(
            "api-errors",
            self._api("5xx", "sum"),
            _FEW_ERRORS,
            periods=2,
            meaning="The API answers some requests with 5xx.",
        )
        logs.MetricFilter(
            self._stack,
            "Refused",
            log_group=logs.LogGroup.from_log_group_name(self._stack, "Access", self._stack.names.access_log),
            filter_pattern=logs.FilterPattern.string_value("$.status", "=", "429"),
            metric_namespace=NAMESPACE,
            metric_name=f"TooManyRequests-{self._stack.config.stage}",
            metric_value="1",
        ).node.add_dependency(self._stack.node.find_child("AccessLog"))
        self._alarms.over(
            "api-throttled",
            self._too_many(),
            100,
            periods=3,
            meaning="The API refuses many requests with 429.",
        )

    def _of_the_table(self) -> None:
        meaning = "DynamoDB refuses some of what the functions ask of it."
        for name, dimensions in self._places().items():
            for verb in ("Read", "Write"):
                self._alarms.over(
                    f"table-throttled-{verb.lower()}-{name}",
                    cloudwatch.Metric(
                        namespace="AWS/DynamoDB",
                        metric_name=f"{verb}ThrottleEvents",
                        dimensions_map=dimensions,
                        statistic="sum",
                        period=Duration.minutes(5),
                    ),
                    _FEW_THROTTLED,
                    periods=2,
                    meaning=meaning,
                    page="table-throttled",
                )

    def _places(self) -> dict[str, dict[str, str]]:
        """The table and its indexes, as CloudWatch knows them."""
        table = {"TableName": self._stack.names.table}
        return {"table": table} | {
            index.name: {**table, "GlobalSecondaryIndexName": index.name} for index in INDEXES
        }

    def _dashboard(self) -> None:
        made = cloudwatch.Dashboard(self._stack, "Dashboard", dashboard_name=self._stack.names.prefix)
        made.add_widgets(
            _graph("Jobs", self._own("Submitted"), self._own("Started"), self._own("Finished")),
            _graph("Outcomes", *(self._own("Finished", Outcome=each.value) for each in _OUTCOMES)),
            _graph("Cost at list price, USD", self._own("Cost")),
        )
        made.add_widgets(
            _graph("Time in the queue, ms", *(self._own("QueueTime", each) for each in _SPREAD)),
            _graph("Run time, ms", *(self._own("RunTime", each) for each in _SPREAD)),
            _graph("Oldest pending job looked at, ms", self._own("OldestPending", "max")),
        )
        made.add_widgets(
            _graph(
                "By region",
                *(self._own("Finished", Region=region) for region in self._stack.config.regions),
            ),
            _graph("The sweeper", self._own("Healed"), self._own("LookedAt"), self._own("NotLookedAfter")),
            _graph("Dead-letter queues", *self._dead_letters()),
        )
        made.add_widgets(
            _graph("The API", self._api("Count"), self._api("4xx"), self._api("5xx"), self._too_many()),
            _graph("The API's latency, ms", self._api("Latency", "p50"), self._api("Latency", "p99")),
            _graph(
                "Refused by AWS",
                lambda_throttles(),
                *(
                    self._table.metric(f"{verb}ThrottleEvents", statistic="sum", period=Duration.minutes(5))
                    for verb in ("Read", "Write")
                ),
                *(_executions_throttled(self._stack, region) for region in self._stack.config.regions),
            ),
        )

    def _own(
        self, name: str, statistic: str = "sum", *, minutes: int = 5, **dimensions: str
    ) -> cloudwatch.Metric:
        """One of `mediajobs.metric`."""
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"Stage": self._stack.config.stage, **dimensions},
            statistic=statistic,
            period=Duration.minutes(minutes),
        )

    def _api(self, name: str, statistic: str = "sum") -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/ApiGateway",
            metric_name=name,
            dimensions_map={"ApiId": self._api_id},
            statistic=statistic,
            period=Duration.minutes(5),
        )

    def _too_many(self) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=f"TooManyRequests-{self._stack.config.stage}",
            statistic="sum",
            period=Duration.minutes(5),
        )

    def _dead_letters(self) -> list[cloudwatch.Metric]:
        return [
            cloudwatch.Metric(
                namespace="AWS/SQS",
                metric_name="ApproximateNumberOfMessagesVisible",
                dimensions_map={"QueueName": self._stack.names.queue(purpose)},
                statistic="max",
                period=Duration.minutes(5),
            )
            for purpose in self._alarms.dead_letters
        ]


def functions_throttled(alarms: Alarms) -> None:
    """The alarm of a region whose account has no room for more functions at once."""
    alarms.over(
        "functions-throttled",
        lambda_throttles(),
        _FEW_THROTTLED,
        periods=2,
        meaning="Lambda refuses invocations, as too many functions of this account run at once.",
    )


def lambda_throttles() -> cloudwatch.Metric:
    """Of all functions of the account in the stack's region."""
    return cloudwatch.Metric(
        namespace="AWS/Lambda", metric_name="Throttles", statistic="sum", period=Duration.minutes(5)
    )


def executions_throttled(stack: StageStack, alarms: Alarms, region: str) -> None:
    """The alarm of a region whose executions wait for Step Functions."""
    alarms.over(
        "executions-throttled",
        _executions_throttled(stack, region),
        _FEW_THROTTLED,
        periods=2,
        meaning="Step Functions slows executions down, as there are too many transitions a second.",
    )


def _executions_throttled(stack: StageStack, region: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/States",
        metric_name="ExecutionThrottled",
        dimensions_map={"StateMachineArn": stack.names.state_machine_arn(region)},
        statistic="sum",
        period=Duration.minutes(5),
        region=region if region != stack.region else None,
    )


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8)
