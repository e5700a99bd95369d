"""What our dispatch and our deliveries rely on in SQS, and our announcements on EventBridge."""

import json
import time
import uuid
from typing import Any

import pytest

from tests.aws.place import Place


@pytest.fixture
def sqs(aws: Place) -> Any:
    return aws.client("sqs")


def receive(sqs: Any, url: str, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1, **more).get(
        "Messages", []
    )
    return found


def test_a_wake_is_sent_once_under_its_deduplication_id(aws: Place, sqs: Any) -> None:
    url = aws.queue(fifo=True)
    for _ in range(2):
        sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="one")
    (message,) = receive(sqs, url, MaxNumberOfMessages=10)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="one")
    assert receive(sqs, url) == [], "for five minutes, and also when it has been handled"


def test_a_group_is_in_order_and_waits_for_the_one_in_hand(aws: Place, sqs: Any) -> None:
    url = aws.queue(fifo=True)
    for number, group in enumerate(("g", "g", "h")):
        sqs.send_message(
            QueueUrl=url, MessageBody=str(number), MessageGroupId=group, MessageDeduplicationId=str(number)
        )
    (first,) = receive(sqs, url, MaxNumberOfMessages=1)
    assert first["Body"] == "0"
    assert [message["Body"] for message in receive(sqs, url, MaxNumberOfMessages=10)] == ["2"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    assert [message["Body"] for message in receive(sqs, url, MaxNumberOfMessages=10)] == ["1"]


def test_a_message_is_hidden_while_it_is_in_hand_and_then_comes_again(aws: Place, sqs: Any) -> None:
    url = aws.queue(VisibilityTimeout="2")
    sqs.send_message(QueueUrl=url, MessageBody="x")
    begin = time.monotonic()
    assert len(receive(sqs, url)) == 1
    assert receive(sqs, url) == []
    while not (again := receive(sqs, url, MessageSystemAttributeNames=["ApproximateReceiveCount"])):
        assert time.monotonic() - begin < 30
    assert again[0]["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_message_can_be_handed_back_at_once(aws: Place, sqs: Any) -> None:
    url = aws.queue(VisibilityTimeout="600")
    sqs.send_message(QueueUrl=url, MessageBody="x")
    (message,) = receive(sqs, url)
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    assert len(receive(sqs, url)) == 1


def test_a_delayed_message_comes_later(aws: Place, sqs: Any) -> None:
    url = aws.queue()
    sqs.send_message(QueueUrl=url, MessageBody="x", DelaySeconds=3)
    begin = time.monotonic()
    while not receive(sqs, url):
        assert time.monotonic() - begin < 30
    assert time.monotonic() - begin > 2


def test_a_message_that_always_fails_is_put_aside(aws: Place, sqs: Any) -> None:
    aside = aws.queue()
    policy = {"deadLetterTargetArn": aws.queue_arn(aside), "maxReceiveCount": 1}
    url = aws.queue(VisibilityTimeout="0", RedrivePolicy=json.dumps(policy))
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    assert len(receive(sqs, url)) == 1
    assert receive(sqs, url) == []
    assert [message["Body"] for message in receive(sqs, aside)] == ["poison"]


def test_of_a_batch_each_entry_has_its_own_answer(aws: Place, sqs: Any) -> None:
    url = aws.queue()
    answer = sqs.send_message_batch(
        QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "x"}, {"Id": "b", "MessageBody": "y"}]
    )
    assert {entry["Id"] for entry in answer["Successful"]} == {"a", "b"}
    (message, other) = receive(sqs, url, MaxNumberOfMessages=10)
    answer = sqs.delete_message_batch(
        QueueUrl=url,
        Entries=[
            {"Id": "a", "ReceiptHandle": message["ReceiptHandle"]},
            {"Id": "b", "ReceiptHandle": other["ReceiptHandle"]},
        ],
    )
    assert len(answer["Successful"]) == 2


def test_an_event_comes_to_the_queues_whose_pattern_it_matches(aws: Place, sqs: Any) -> None:
    events, bus = aws.client("events"), f"b-{uuid.uuid4().hex[:8]}"
    events.create_event_bus(Name=bus)
    url = aws.queue()
    pattern = {"source": ["mediajobs"], "detail": {"status": ["Failed", {"prefix": "Canc"}]}}
    events.put_rule(Name=bus, EventBusName=bus, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=bus, EventBusName=bus, Targets=[{"Id": "one", "Arn": aws.queue_arn(url)}])
    entries = [
        {
            "Source": "mediajobs",
            "DetailType": "Job Status Changed",
            "Detail": json.dumps({"status": status}),
            "EventBusName": bus,
        }
        for status in ("Running", "Failed", "Cancelled")
    ]
    assert events.put_events(Entries=entries)["FailedEntryCount"] == 0
    heard: list[dict[str, Any]] = []
    deadline = time.monotonic() + 20
    while len(heard) < 2 and time.monotonic() < deadline:
        heard += [json.loads(message["Body"]) for message in receive(sqs, url, MaxNumberOfMessages=10)]
    assert sorted(event["detail"]["status"] for event in heard) == ["Cancelled", "Failed"]
    assert {event["detail-type"] for event in heard} == {"Job Status Changed"}
