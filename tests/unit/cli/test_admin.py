"""What could not be handled is shown with its reason, and sent again by one command."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from mediajobs import aws, redrive
from mediajobs.cli import main
from tests.moto_account import REGION
from tests.world import World

KEPT = {
    "trigger-failed": "trigger",
    "uploads-failed": "trigger",
    "notify-failed": "notify",
    "dispatch-failed.fifo": "dispatch.fifo",
}


def run(*arguments: str) -> Any:
    place = ["--stage", "test", "--region", REGION]
    done = CliRunner().invoke(main.app, ["--json", "admin", "redrive", *arguments, *place])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def queue(name: str) -> str:
    fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    made = aws.client("sqs", REGION).create_queue(QueueName=f"mediajobs-test-{name}", Attributes=fifo)
    return str(made["QueueUrl"])


def send(url: str, body: str, **more: Any) -> None:
    fifo = {"MessageGroupId": "g", "MessageDeduplicationId": body} if url.endswith(".fifo") else {}
    aws.client("sqs", REGION).send_message(QueueUrl=url, MessageBody=body, **fifo, **more)


def received(url: str) -> list[str]:
    client = aws.client("sqs", REGION)
    found = []
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in messages:
            client.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
            found.append(each["Body"])
    return found


@pytest.mark.parametrize("name", KEPT)
def test_every_message_goes_back_to_its_queue(acme: World, name: str) -> None:
    kept, source = queue(name), queue(KEPT[name])
    bodies = {f"body {number}" for number in range(12)}
    for body in bodies:
        send(kept, body)
    assert {each["body"] for each in run(name)} == bodies
    assert set(received(source)) == bodies
    assert received(kept) == []


def test_a_dry_run_shows_the_reason_and_leaves_the_message(acme: World) -> None:
    kept, source = queue("trigger-failed"), queue("trigger")
    reason = {"reason": {"DataType": "String", "StringValue": "no such template"}}
    send(kept, "{}", MessageAttributes=reason)
    (shown,) = run("trigger-failed", "--dry-run")
    assert (shown["reason"], shown["body"]) == ("no such template", "{}")
    assert received(source) == []


def test_what_comes_back_at_once_does_not_go_round(acme: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, _ = queue("trigger-failed"), queue("trigger")
    send(kept, "bad")
    again = redrive._send

    def fails(*given: Any) -> None:
        again(*given)
        send(kept, "bad")

    monkeypatch.setattr(redrive, "_send", fails)
    assert len(run("trigger-failed")) == 1


def test_what_drive_failed_to_do_is_handed_to_it_again(acme: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = queue("drive-failed")
    send(kept, json.dumps({"detail": 1}))
    send(kept, json.dumps({"requestContext": {}, "requestPayload": {"detail": 2}}))
    called = []
    real = aws.client

    class Functions:
        def invoke(self, **given: Any) -> None:
            called.append((given["FunctionName"], json.loads(given["Payload"])["detail"]))

    monkeypatch.setattr(
        "mediajobs.redrive.client",
        lambda service, region: Functions() if service == "lambda" else real(service, region),
    )
    run("drive-failed")
    assert sorted(called) == [("mediajobs-test-reactions-drive", 1), ("mediajobs-test-reactions-drive", 2)]
