"""A queue that one function works through, what it cannot handle, and the alarm on what waits too long."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from infra.alarm import Alarms
from infra.dead_letter import dead_letter_queue
from infra.function import Handler
from infra.permission.grant import Grant
from infra.stack import StageStack


class Inbox:
    """The queue of that name; a message that its function has failed with `tries` times is a dead letter."""

    def __init__(
        self, stack: StageStack, alarms: Alarms, name: str, *, seconds: int, tries: int, fifo: bool = False
    ) -> None:
        self._alarms, self._name = alarms, name
        self.failed = dead_letter_queue(stack, alarms, f"{name}-failed", fifo=fifo)
        self.queue = sqs.Queue(
            stack,
            name.title(),
            queue_name=stack.names.queue(f"{name}.fifo" if fifo else name),
            fifo=True if fifo else None,
            content_based_deduplication=False if fifo else None,
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP if fifo else None,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID if fifo else None,
            # AWS asks for six times the function's own time.
            visibility_timeout=Duration.seconds(6 * seconds),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.failed, max_receive_count=tries),
            enforce_ssl=True,
            removal_policy=stack.removal,
        )
        #: What the function needs to be woken by the queue.
        self.read = Grant(
            ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"), (self.queue.queue_arn,)
        )

    def wake(
        self, handler: Handler, purpose: str, *, batch_size: int = 10, max_concurrency: int | None = None
    ) -> None:
        """Have the function take what is in the queue."""
        mapping = lambda_.EventSourceMapping(
            handler,
            purpose,
            target=handler.function,
            event_source_arn=self.queue.queue_arn,
            batch_size=batch_size,
            max_concurrency=max_concurrency,
            report_batch_item_failures=True,
        )
        mapping.node.add_dependency(handler.role)

    def late(self, seconds: int, meaning: str) -> None:
        """Tell when the oldest message has been waiting for so long."""
        age: cloudwatch.IMetric = self.queue.metric_approximate_age_of_oldest_message(
            period=Duration.minutes(1)
        )
        self._alarms.over(f"{self._name}-late", age, seconds, periods=3, meaning=meaning)
