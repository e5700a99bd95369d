"""Batches with something bad in them, at every place: only that comes again, is kept in the end with its
reason, and is good again after a fix."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto.sqs.models import sqs_backends

from mediajobs import aws
from mediajobs.arrival import MAX_TRIES
from mediajobs.bootstrap import bootstrap
from mediajobs.identifier import new_id
from mediajobs.reactions import announce, dispatch, notify, submit_on_event
from mediajobs.redrive import Kept, redrive
from mediajobs.settings import settings
from mediajobs.store import decision
from mediajobs.tools.tool import Result
from tests.moto_account import ACCOUNT, REGION
from tests.world import Context, World, tool

#: What nobody can read as a message.
_NONSENSE = ["", "{", "null", "[]", '"text"', "{}", '{"organization": [], "region": {}, "job": []}', "\x00"]


@dataclass
class Queue:
    """A queue that hands its messages to a function, as Lambda does, and gives up what fails too often."""

    handler: Callable[[dict[str, Any], Any], dict[str, Any] | None]
    url: str
    failed: str
    receives: int
    _client: Any = field(default_factory=lambda: aws.client("sqs", REGION))

    @classmethod
    def of(cls, handler: Any, name: str, failed: str, receives: int) -> "Queue":
        """The queue of that name in the place of the world's, with a dead-letter queue."""
        client = aws.client("sqs", REGION)
        fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        dead = client.create_queue(QueueName=f"mediajobs-test-{failed}", Attributes=fifo)["QueueUrl"]
        told = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
        policy = json.dumps({"deadLetterTargetArn": told["QueueArn"], "maxReceiveCount": receives})
        made = client.create_queue(
            QueueName=f"mediajobs-test-{name}",
            Attributes={**fifo, "RedrivePolicy": policy, "VisibilityTimeout": "0"},
        )
        return cls(handler, made["QueueUrl"], dead, receives)

    def send(self, *bodies: str) -> None:
        for number, body in enumerate(bodies):
            fifo = {"MessageGroupId": f"{number}", "MessageDeduplicationId": new_id()}
            more = fifo if self.url.endswith(".fifo") else {}
            self._client.send_message(QueueUrl=self.url, MessageBody=body, **more)

    def deliver(self) -> None:
        """Until it is empty."""
        while found := self._client.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, AttributeNames=["All"]
        ).get("Messages"):
            records = [
                {"messageId": each["MessageId"], "body": each["Body"], "attributes": each["Attributes"]}
                for each in found
            ]
            answer = self.handler({"Records": records}, Context()) or {}
            again = {each["itemIdentifier"] for each in answer.get("batchItemFailures", ())}
            assert again <= {each["messageId"] for each in records}
            for each in found:
                if each["MessageId"] not in again:
                    self._client.delete_message(QueueUrl=self.url, ReceiptHandle=each["ReceiptHandle"])

    def depth(self) -> int:
        """What the alarm of the dead-letter queue watches."""
        name = "ApproximateNumberOfMessages"
        answer = self._client.get_queue_attributes(QueueUrl=self.failed, AttributeNames=[name])
        return int(answer["Attributes"][name])


@dataclass
class Side:
    """One kind of message: one that is good, and whether what it asks for has been done."""

    queue: Queue
    kept: Kept
    good: Callable[[], str]
    done: Callable[[str], bool]
    #: What, while it is broken, makes a good message fail.
    part: tuple[Any, str]


@pytest.fixture(params=["dispatch", "notify", "trigger"])
def side(request: pytest.FixtureRequest, acme: World, monkeypatch: pytest.MonkeyPatch) -> Side:
    acme.tools["test:nothing"] = tool(lambda _run, _parameters: Result())
    if request.param == "dispatch":
        made = Queue.of(dispatch.handler, "dispatch.fifo", "dispatch-failed.fifo", 3)
        return Side(made, Kept.DISPATCH, lambda: _waiting(acme), _runs, (decision, "grant"))
    if request.param == "notify":
        made = Queue.of(notify.handler, "notify", "notify-failed", 5)
        told: list[str] = []
        monkeypatch.setattr(notify, "attempt", lambda owner, sort: told.append(sort))
        return Side(
            made,
            Kept.NOTIFY,
            lambda: json.dumps({"owner": "o", "sort": new_id()}),
            lambda body: json.loads(body)["sort"] in told,
            (notify, "attempt"),
        )
    made = Queue.of(submit_on_event.handler, "trigger", "trigger-failed", 2 * MAX_TRIES)
    monkeypatch.setenv("TRIGGER_FAILED_QUEUE_URL", made.failed)
    settings.cache_clear()
    job = {"tasks": [{"tool": "test:nothing"}], "user_data": "${word}"}
    acme.call("PUT", "/templates/say", {"parameters": {"word": {"type": "string"}}, "job": job})
    wanted = {"name": "t", "pattern": {"source": ["shop"]}, "template": "say"}
    answer = acme.call("POST", "/triggers", {**wanted, "parameters": {"word": "${detail.word}"}})
    assert answer.status == 201, answer.body
    return Side(
        made,
        Kept.TRIGGER,
        lambda: _ordered(acme),
        lambda body: bool(_of_word(acme, json.loads(body)["detail"]["word"])),
        (submit_on_event, "make"),
    )


def _waiting(acme: World) -> str:
    """A pool of an organization of its own, with a job that waits."""
    made = bootstrap(f"O {new_id()}", 1, [REGION])
    answer = acme.call("POST", "/jobs", {"tasks": [{"tool": "test:nothing"}]}, key=made.api_key)
    return json.dumps({"organization": made.organization_id, "region": REGION, "job": answer.body["id"]})


def _runs(body: str) -> bool:
    from mediajobs.store import job as jobs

    named = json.loads(body)
    job = jobs.find(named["organization"], named["job"])
    return job is not None and job.status == "Running"


def _ordered(acme: World, **detail: Any) -> str:
    happened = {"version": "0", "id": new_id(), "source": "shop", "detail-type": "x", "account": "1"}
    word = {"organization_id": acme.organization, "word": new_id(), **detail}
    return json.dumps({**happened, "detail": word})


def _of_word(acme: World, word: str) -> list[Any]:
    return list(acme.call("GET", f"/jobs?user_data={word}").body["jobs"])


def test_only_what_cannot_be_read_comes_again(side: Side, total: Callable[[str], None]) -> None:
    batches = 0
    for number, nonsense in enumerate(_NONSENSE):
        good, place = [side.good(), side.good()], number % 3
        bodies = [*good[:place], nonsense, *good[place:]]
        records = [{"messageId": str(each), "body": body} for each, body in enumerate(bodies)]
        answer = side.queue.handler({"Records": records}, Context())
        assert answer == {"batchItemFailures": [{"itemIdentifier": str(place)}]}, (nonsense, answer)
        assert all(map(side.done, good)), nonsense
        batches += 1
    total(f"{side.kept}: {batches} batches, the bad one at every place, 0 good ones held up")


def test_what_fails_for_good_is_kept_raises_the_alarm_and_is_good_again_after_a_fix(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = side.good(), side.good()
    module, name = side.part
    real = getattr(module, name)
    tries = 0

    def broken(*given: Any, **more: Any) -> Any:
        nonlocal tries
        tries += 1
        raise KeyError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(module, name, broken)
        side.queue.send(bad, '{"nonsense": 1}')
        side.queue.deliver()
    assert getattr(module, name) is real
    assert tries == (MAX_TRIES if side.kept is Kept.TRIGGER else side.queue.receives)
    assert side.queue.depth() == 2
    assert not side.done(bad)
    side.queue.send(good)
    side.queue.deliver()
    assert side.done(good)

    shown = list(redrive(side.kept, "test", REGION, REGION, dry_run=True))
    if side.kept is Kept.TRIGGER:
        assert {each["reason"] for each in shown} == {"it broke off again and again: KeyError"}
    _pass_a_minute(side.queue)
    assert {each["body"] for each in redrive(side.kept, "test", REGION, REGION)} == {bad, '{"nonsense": 1}'}
    side.queue.deliver()
    assert side.done(bad)
    # What nobody can read is back, and still only shown.
    assert side.queue.depth() == 1


def _pass_a_minute(queue: Queue) -> None:
    """What was only looked at can be received again."""
    for message in sqs_backends[ACCOUNT][REGION].queues[queue.failed.rpartition("/")[2]]._messages:
        message.change_visibility(0)


def test_an_event_that_cannot_even_be_kept_stays_in_its_queue(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one that is as large as a message may be: there is no room for the reason."""
    acme.tools["test:nothing"] = tool(lambda _run, _parameters: Result())
    foreign = _ordered(acme, organization_id=new_id())
    real = submit_on_event._park

    def park(body: str, reason: str) -> None:
        real(body + " " * (2**20 + 1), reason)

    monkeypatch.setattr(submit_on_event, "_park", park)
    answer = submit_on_event.handler({"Records": [{"messageId": "0", "body": foreign}]}, Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}


def test_a_row_that_nobody_can_read_keeps_no_other_event_from_being_announced(
    acme: World, total: Callable[[str], None]
) -> None:
    """The stream's batch is cut in two again and again, as Lambda does with one that fails."""
    acme.tools["test:nothing"] = tool(lambda _run, _parameters: Result())
    made = 4
    bad = {"eventName": "INSERT", "dynamodb": {"NewImage": {"pk": {"S": "x"}, "job_id": {"S": "y"}}}}
    for place in range(made + 1):
        jobs = [acme.submit("test:nothing") for _ in range(made)]
        records = acme.records()
        records.insert(place, bad)
        given_up: list[Any] = []
        _bisect(records, given_up)
        assert given_up == [bad]
        told = {event["detail"]["job_id"] for event in acme.bus_events()}
        assert set(jobs) <= told
    total(f"announce: {made + 1} batches, the bad row at every place, 0 good ones held up")


def _bisect(records: list[Any], given_up: list[Any]) -> None:
    try:
        announce.handler({"Records": records}, Context())
    except Exception:
        if len(records) == 1:
            given_up.extend(records)
            return
        half = len(records) // 2
        _bisect(records[:half], given_up)
        _bisect(records[half:], given_up)
