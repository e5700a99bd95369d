"""Who is told when the service needs a person."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.stack import StageStack, acknowledge


class Alarms(Construct):
    """A region's alarms and the topic they are sent to."""

    def __init__(self, stack: StageStack) -> None:
        super().__init__(stack, "Alarms")
        self._prefix = stack.names.prefix
        self._manual = stack.config.manual_url
        #: The purposes of the dead-letter queues that there are.
        self.dead_letters: list[str] = []
        self.topic = sns.Topic(self, "Topic", topic_name=f"{stack.stack_name}-alarms", enforce_ssl=True)
        acknowledge(
            self.topic,
            "AwsSolutions-SNS2",
            "Alarms carry names and numbers only, and CloudWatch cannot publish under SNS's own key.",
        )
        if stack.config.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(stack.config.alarm_email))

    def over(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        limit: float,
        *,
        periods: int,
        meaning: str,
        page: str | None = None,
    ) -> None:
        """Tell when the metric is over the limit for so many of its periods; a missing value is fine. What to
        do then stands on a page of docs/runbook, by default the one of the alarm's name."""
        alarm = cloudwatch.Alarm(
            self,
            "".join(part.title() for part in name.split("-")),
            alarm_name=f"{self._prefix}-{name}",
            alarm_description=f"{meaning} What to do: {self._manual}docs/runbook/{page or name}.md",
            metric=metric,
            threshold=limit,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=periods,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
