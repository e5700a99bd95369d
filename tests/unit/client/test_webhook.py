"""Receivers tell the service's messages from anybody else's, as the published library does."""

import asyncio
import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_type_hints

import jsonschema
import pytest
import time_machine
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from mediajobs import answer, message, signature
from mediajobs.client import MessageRefused, webhook
from mediajobs.settings import settings
from mediajobs.tools.tool import Result
from tests.server.http import Server, serve
from tests.world import World, tool

_BODY = json.dumps(
    {"type": "job.success", "timestamp": "2026-11-22T12:00:00.000Z", "data": {"é": 1}}
).encode()
_NOW = 1_795_348_800
_SCHEMAS = Path(__file__).parents[3] / "docs/events"


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(_NOW, tick=False):
        yield


def _headers(*secrets: str, at: int = _NOW, name: str = "msg_1", body: bytes = _BODY) -> dict[str, str]:
    return {
        "Webhook-Id": name,
        "webhook-timestamp": str(at),
        "WEBHOOK-SIGNATURE": signature.sign(name, at, body, secrets),
    }


def test_what_we_sign_is_taken_by_the_published_library_and_by_us() -> None:
    secret = signature.new_secret()
    headers = _headers(secret)
    assert Webhook(secret).verify(_BODY, headers) == json.loads(_BODY)
    assert webhook.check(_BODY, headers, secret) == "msg_1"
    assert webhook.read(_BODY, headers, secret) == json.loads(_BODY)
    assert webhook.read(_BODY.decode(), headers, secret) == json.loads(_BODY)


def test_what_the_published_library_signs_is_taken_by_us() -> None:
    secret = signature.new_secret()
    signed = Webhook(secret).sign("msg_2", datetime.fromtimestamp(_NOW, tz=UTC), _BODY.decode())
    headers = {"webhook-id": "msg_2", "webhook-timestamp": str(_NOW), "webhook-signature": signed}
    assert webhook.check(_BODY, headers, secret) == "msg_2"


def test_while_a_secret_is_rotated_either_one_is_enough_on_either_side() -> None:
    old, new, other = (signature.new_secret() for _ in range(3))
    both = _headers(new, old)
    for known in (old, new, [old, new], [other, old]):
        assert webhook.check(_BODY, both, known)
    assert webhook.check(_BODY, _headers(old), [new, old])
    with pytest.raises(MessageRefused, match="not signed"):
        webhook.check(_BODY, both, other)
    with pytest.raises(MessageRefused, match="not signed"):
        webhook.check(_BODY, _headers(old), new)


_SECRET = signature.new_secret()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**_headers(_SECRET), "Webhook-Id": "msg_other"},
        {**_headers(_SECRET), "Webhook-Id": ""},
        {**_headers(_SECRET), "webhook-timestamp": str(_NOW - 1)},
        {**_headers(_SECRET), "webhook-timestamp": "now"},
        {**_headers(_SECRET), "webhook-timestamp": "nan"},
        {**_headers(_SECRET), "WEBHOOK-SIGNATURE": ""},
        {**_headers(_SECRET), "WEBHOOK-SIGNATURE": "v1,"},
        {**_headers(_SECRET), "WEBHOOK-SIGNATURE": "v2," + _headers(_SECRET)["WEBHOOK-SIGNATURE"][3:]},
        {**_headers(_SECRET), "WEBHOOK-SIGNATURE": "v1a,é"},
        _headers(_SECRET, body=_BODY + b" "),
        _headers(_SECRET, at=_NOW - 301),
        _headers(_SECRET, at=_NOW + 301),
    ],
)
def test_what_the_published_library_refuses_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(MessageRefused):
        webhook.check(_BODY, headers, _SECRET)
    # It stumbles over some where it means to refuse them.
    with pytest.raises((WebhookVerificationError, ValueError, TypeError)):
        Webhook(_SECRET).verify(_BODY, headers)


def test_a_message_may_be_late_by_as_much_as_is_tolerated() -> None:
    for at in (_NOW - 300, _NOW + 300):
        assert webhook.check(_BODY, _headers(_SECRET, at=at), _SECRET)
    late = _headers(_SECRET, at=_NOW - 3600)
    assert webhook.check(_BODY, late, _SECRET, tolerance_seconds=3600)
    with pytest.raises(MessageRefused, match="60 s"):
        webhook.read(_BODY, _headers(_SECRET, at=_NOW - 61), _SECRET, tolerance_seconds=60)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "secret", "whsec_" + "A" * 200, []])
def test_what_is_no_secret_proves_nothing(secret: Any) -> None:
    empty = signature.sign("msg_1", _NOW, _BODY, ["whsec_" + base64.b64encode(b"").decode()])
    with pytest.raises(ValueError, match="24 to 64 bytes"):
        webhook.check(_BODY, {**_headers(_SECRET), "WEBHOOK-SIGNATURE": empty}, secret)


@pytest.mark.parametrize("body", [b"job=1", b"[]", b'{"job_id": "1"}', b""])
def test_a_signed_message_in_another_vendor_s_words_is_checked_but_not_read(body: bytes) -> None:
    headers = _headers(_SECRET, body=body)
    assert webhook.check(body, headers, _SECRET)
    with pytest.raises(MessageRefused, match="format"):
        webhook.read(body, headers, _SECRET)


@pytest.fixture
def receiver() -> Iterator[Server]:
    with serve({"/": lambda handler: handler.answer(204)}) as server:
        yield server


def test_every_message_of_the_service_is_of_the_type_that_it_says(
    acme: World, receiver: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_NETWORKS", "127.0.0.0/8")
    settings.cache_clear()

    def run(_: Any, parameters: Any) -> Result:
        if parameters.fail:
            raise ValueError(parameters.fail)
        return Result()

    acme.tools["test:nothing"] = tool(run)
    made = acme.call("POST", "/webhooks", {"url": receiver.url(), "events": list(message.KINDS)}).body
    for parameters in ({}, {"fail": "on purpose"}):
        body = {"tasks": [{"tool": "test:nothing", "parameters": parameters}]}
        assert acme.call("POST", "/jobs", body).status == 201
    acme.settle_down()
    acme.call("POST", f"/webhooks/{made['id']}/ping")
    acme.settle_down()

    async def read(request: Any) -> answer.Message:
        """The same for those that run in an event loop: nothing waits."""
        return webhook.read(request.body, request.headers, made["secret"])

    told = [asyncio.run(read(each)) for each in receiver.requests]
    assert {each["type"] for each in told} == {
        "job.running",
        "job.success",
        "job.failed",
        "task.success",
        "task.failed",
        "webhook.ping",
    }
    for each in told:
        if each["type"] == "webhook.ping":
            kind: Any = answer.Ping
            assert each["data"]["webhook_id"] == made["id"]
        else:
            kind, name = (
                (answer.JobMessage, "job-status-changed")
                if each["type"].startswith("job.")
                else (answer.TaskMessage, "task-status-changed")
            )
            schema = json.loads((_SCHEMAS / f"{name}.v1.json").read_text())
            jsonschema.validate({k: v for k, v in each["data"].items() if k != "job"}, schema)
            assert each["data"]["job"]
            assert each["data"]["job"].keys() == acme.job(each["data"]["job_id"]).keys()
        assert each["data"].keys() == get_type_hints(get_type_hints(kind)["data"]).keys()
