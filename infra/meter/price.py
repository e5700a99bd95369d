"""AWS's list prices, us-east-1, as they were on a day, and what a million jobs cost by them."""

from collections.abc import Iterator
from dataclasses import dataclass

from infra.meter.bill import Bill

#: The day of the prices.
DAY = "2026-11-22"
#: What an invocation is taken to last where nothing but bookkeeping is done; the work itself is not counted.
SECONDS = 0.1

_MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """Dollars for a million of something; `looked_up` in AWS's list on that day, or else remembered."""

    dollars: float
    looked_up: bool


PRICES = {
    "Step Functions transitions": Price(25.00, looked_up=True),
    "DynamoDB write units": Price(0.625, looked_up=True),
    "DynamoDB read units": Price(0.125, looked_up=True),
    "HTTP API requests": Price(1.00, looked_up=False),
    "Lambda invocations": Price(0.20, looked_up=False),
    "Lambda GB-seconds, arm64": Price(13.3334, looked_up=False),
    "EventBridge events": Price(1.00, looked_up=False),
    "SQS requests, FIFO": Price(0.50, looked_up=False),
    "KMS requests": Price(3.00, looked_up=False),
    "Log GB": Price(0.50 * _MILLION, looked_up=False),
}


@dataclass(frozen=True)
class Item:
    """One position: how much a job takes of it, and what a million jobs pay (dollars)."""

    name: str
    amount: float
    dollars: float


def control_plane(bill: Bill) -> list[Item]:
    """What a million such jobs cost without their media: S3, the worker's seconds of work, and traffic."""
    return [Item(name, amount, amount * PRICES[name].dollars) for name, amount in _amounts(bill)]


def _amounts(bill: Bill) -> Iterator[tuple[str, float]]:
    yield "Step Functions transitions", bill.transitions
    yield "DynamoDB write units", bill.total("write") + bill.total("write", progress=True)
    yield "DynamoDB read units", bill.total("read")
    yield "HTTP API requests", bill.requests.total()
    invocations = bill.run.total() + bill.reactions.total() + bill.requests.total()
    yield "Lambda invocations", invocations
    yield "Lambda GB-seconds, arm64", bill.gigabyte_invocations * SECONDS
    yield "EventBridge events", bill.events
    yield "SQS requests, FIFO", bill.called("sqs") + bill.delivered + 2 * bill.polled
    yield "KMS requests", bill.called("kms")
    yield "Log GB", bill.log_bytes / 1e9
