"""`mediajobs webhooks` against the service's real endpoints and a real receiver."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from mediajobs.client import CallRefused, webhook
from mediajobs.settings import settings
from tests.server.http import Server, serve
from tests.unit.cli.terminal import Terminal, terminal
from tests.world import World

__all__ = ["terminal"]


@pytest.fixture
def receiver(acme: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """One on loopback, which this deployment has opened."""
    monkeypatch.setenv("ALLOWED_NETWORKS", "127.0.0.0/8")
    settings.cache_clear()
    with serve(
        {"/": lambda handler: handler.answer(204), "/gone": lambda handler: handler.answer(500)}
    ) as server:
        yield server


def test_the_secret_that_is_shown_once_checks_what_then_comes(
    terminal: Terminal, acme: World, receiver: Server
) -> None:
    run = terminal.run(
        "webhooks", "create", receiver.url(), "--event", "job.success", "--event", "job.failed"
    )
    assert run.exit_code == 0, run.output
    shown = dict(line.strip().split(maxsplit=1) for line in run.stdout.splitlines() if " " in line.strip())
    assert shown["events"].split(", ") == ["job.failed", "job.success"]
    assert "not shown again" in run.stderr
    job_id = terminal.submitted()
    acme.settle_down()
    (request,) = receiver.requests
    told = webhook.read(request.body, request.headers, shown["secret"])
    assert told["type"] == "job.success"
    assert told["data"]["job_id"] == job_id

    rotated = terminal.json("webhooks", "rotate", shown["id"])
    terminal.run("webhooks", "ping", shown["id"])
    acme.settle_down()
    for secret in (shown["secret"], rotated["secret"]):
        assert webhook.read(receiver.requests[-1].body, receiver.requests[-1].headers, secret)


def test_an_update_changes_what_is_given_and_nothing_else(
    terminal: Terminal, acme: World, receiver: Server
) -> None:
    made = terminal.json(
        *("webhooks", "create", f"{receiver.url()}?token=s3cret", "--event", "job.success"),
        *("--description", "the archive", "--header", "x-api-key: k3y", "--format", "dolby"),
    )
    changed = terminal.json("webhooks", "update", made["id"], "--disabled")
    kept = ("url", "events", "description", "format", "credentials")
    assert changed["enabled"] is False
    assert {name: changed[name] for name in kept} == {name: made[name] for name in kept}
    terminal.json(
        "webhooks", "update", made["id"], "--enabled", "--event", "job.failed", "--event", "job.success"
    )

    def sent() -> Any:
        terminal.submitted()
        acme.settle_down()
        return receiver.requests[-1]

    request = sent()
    assert request.path.endswith("?token=s3cret")
    assert request.headers["x-api-key"] == "k3y"
    # The same host keeps them, new ones take their place, and none is left where that is said.
    terminal.json("webhooks", "update", made["id"], "--url", receiver.url("/gone"))
    assert sent().headers["x-api-key"] == "k3y"
    terminal.json("webhooks", "update", made["id"], "--header", "x-api-key: new", "--url", receiver.url())
    request = sent()
    assert (request.headers["x-api-key"], request.path) == ("new", "/")
    assert terminal.json("webhooks", "update", made["id"], "--drop-credentials")["credentials"] is None
    assert "x-api-key" not in sent().headers
    terminal.json("webhooks", "update", made["id"], "--url", f"{receiver.url()}?token=other")
    assert sent().path == "/?token=other"
    run = terminal.run("webhooks", "update", made["id"], "--url", "http://127.0.0.1:1/")
    assert isinstance(run.exception, CallRefused)
    assert run.exception.fields[0].pointer == "/credentials"
    assert "give them anew" in run.exception.fields[0].detail


def test_what_was_given_up_is_found_and_delivered_again(
    terminal: Terminal, acme: World, receiver: Server
) -> None:
    made = terminal.json("webhooks", "create", receiver.url("/gone"), "--event", "job.success")
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        job_id = terminal.submitted()
        acme.settle_down()
        for _ in range(12):
            clock.shift(13 * 3600)
            acme.sweep()
            acme.settle_down()
        terminal.json("webhooks", "ping", made["id"])
        (parked,) = terminal.json("webhooks", "deliveries", made["id"], "--status", "parked")
        assert (parked["job_id"], parked["status"]) == (job_id, "Parked")
        shown = terminal.run(
            "webhooks", "deliveries", made["id"], "--status", "Parked", "--job", job_id
        ).stdout
        assert "the receiver answered 500" in shown
        assert terminal.json("webhooks", "deliveries", made["id"], "--type", "job.failed") == []
        assert len(terminal.json("webhooks", "deliveries", made["id"])) == 2
        assert len(terminal.json("webhooks", "deliveries", made["id"], "--limit", "1")) == 1
        receiver.routes["/gone"] = receiver.routes["/"]
        assert terminal.json("webhooks", "redeliver", made["id"], parked["id"])["status"] == "Pending"
        acme.settle_down()
        found = terminal.json("webhooks", "deliveries", made["id"], "--status", "Delivered", "--job", job_id)
    assert [each["id"] for each in found] == [parked["id"]]


def test_a_header_that_is_none_is_refused_before_it_is_sent(terminal: Terminal) -> None:
    run = terminal.run("webhooks", "create", "https://a.example.com", "--header", "s3cret-token")
    assert run.exit_code == 2
    assert "name: value" in run.output
