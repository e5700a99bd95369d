"""Dead-letter queues: what could not be handled is kept, and somebody is told."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs

from infra.alarm import Alarms
from infra.stack import StageStack, acknowledge


def dead_letter_queue(stack: StageStack, alarms: Alarms, purpose: str, *, fifo: bool = False) -> sqs.Queue:
    """A dead-letter queue of that purpose, such as `drive-failed`, and the alarm on it."""
    name = f"{purpose}.fifo" if fifo else purpose
    alarms.dead_letters.append(name)
    made = sqs.Queue(
        stack,
        "".join(part.title() for part in purpose.split("-")),
        queue_name=stack.names.queue(name),
        fifo=True if fifo else None,
        retention_period=Duration.days(14),
        enforce_ssl=True,
        removal_policy=stack.removal,
    )
    acknowledge(made, "AwsSolutions-SQS3", "This is a dead-letter queue.")
    alarms.over(
        purpose,
        made.metric_approximate_number_of_messages_visible(period=Duration.minutes(1), statistic="max"),
        0,
        periods=1,
        meaning=f"Something could not be handled and lies in the queue {purpose}.",
    )
    return made
