"""Telling receivers: what is sent, signed and retried, and where nothing is sent to."""

import base64
import json
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from moto.ses.models import ses_backends
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from mediajobs import aws
from mediajobs.settings import settings
from mediajobs.tools.tool import Result
from mediajobs.transfer import address
from tests.moto_account import ACCOUNT, REGION
from tests.server.http import Handler, Server, listen, serve
from tests.world import World, tool

SECRET = "s3cret-w0rd"


def take(handler: Handler) -> None:
    handler.answer(204)


@pytest.fixture
def open_world(acme: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A deployment that has opened loopback, as local mode does."""
    monkeypatch.setenv("ALLOWED_NETWORKS", "127.0.0.0/8")
    settings.cache_clear()
    return acme


@pytest.fixture
def receiver() -> Iterator[Server]:
    with serve({"/": take}) as server:
        yield server


def hook(world: World, url: str, **more: Any) -> dict[str, Any]:
    answer = world.call("POST", "/webhooks", {"url": url, **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


def deliveries(world: World, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    answer = world.call("GET", f"/webhooks/{webhook['id']}/deliveries")
    assert answer.status == 200, answer.body
    return list(answer.body["deliveries"])


def done(world: World, **more: Any) -> str:
    """A job that has ended, and all that follows of it."""
    body = {"tasks": [{"tool": "test:nothing"}], **more}
    answer = world.call("POST", "/jobs", body)
    assert answer.status == 201, answer.body
    world.settle_down()
    return str(answer.body["id"])


def everything(world: World) -> str:
    return str(aws.client("dynamodb", REGION).scan(TableName=settings().table_name)["Items"])


def test_a_webhook_is_told_of_the_end_and_its_signature_is_verified_by_the_published_library(
    open_world: World, receiver: Server
) -> None:
    made = hook(open_world, receiver.url())
    job_id = done(open_world)
    (request,) = receiver.requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    message = Webhook(made["secret"]).verify(request.body, headers)
    assert message["type"] == "job.success"
    assert message["data"]["job_id"] == job_id
    assert message["data"]["job"] == open_world.job(job_id)
    assert headers["content-type"] == "application/json"
    (told,) = deliveries(open_world, made)
    assert (told["status"], told["tries"], told["last_try"]["status"]) == ("Delivered", 1, 204)
    assert told["message_id"] == headers["webhook-id"]


def test_a_changed_body_is_not_verified(open_world: World, receiver: Server) -> None:
    made = hook(open_world, receiver.url())
    done(open_world)
    (request,) = receiver.requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(request.body.replace(b"success", b"failure"), headers)


def test_after_a_rotation_both_secrets_verify_until_the_overlap_is_over(
    open_world: World, receiver: Server
) -> None:
    with time_machine.travel("2026-05-01T12:00Z", tick=False) as clock:
        made = hook(open_world, receiver.url())
        rotated = open_world.call("POST", f"/webhooks/{made['id']}/rotate", {"overlap_seconds": 3600})
        assert rotated.status == 201
        done(open_world)
        clock.shift(3601)
        done(open_world)
        during, after = receiver.requests
        old, new = made["secret"], rotated.body["secret"]
        assert old != new
        assert len(during.headers["webhook-signature"].split()) == 2
        assert len(after.headers["webhook-signature"].split()) == 1
        Webhook(new).verify(after.body, {name.lower(): text for name, text in after.headers.items()})
        with pytest.raises(WebhookVerificationError):
            Webhook(old).verify(after.body, {name.lower(): text for name, text in after.headers.items()})
        clock.shift(-3601)
        for secret in (old, new):
            headers = {name.lower(): text for name, text in during.headers.items()}
            Webhook(secret).verify(during.body, headers)


def test_a_webhook_is_told_of_what_it_wants_only(open_world: World, receiver: Server) -> None:
    hook(open_world, receiver.url(), events=["job.running", "task.success"])
    done(open_world)
    assert sorted(json.loads(each.body)["type"] for each in receiver.requests) == [
        "job.running",
        "task.success",
    ]
    assert len({each.headers["webhook-id"] for each in receiver.requests}) == 2


def test_a_disabled_or_deleted_webhook_is_told_nothing(open_world: World, receiver: Server) -> None:
    made = hook(open_world, receiver.url(), enabled=False)
    done(open_world)
    enabled = {"url": receiver.url()}
    assert open_world.call("PUT", f"/webhooks/{made['id']}", enabled).body["enabled"] is True
    assert open_world.call("DELETE", f"/webhooks/{made['id']}").status == 204
    assert open_world.call("GET", f"/webhooks/{made['id']}").status == 404
    done(open_world)
    assert receiver.requests == []


def test_a_failed_delivery_is_tried_again_under_the_same_id_and_then_parked(open_world: World) -> None:
    def fail(handler: Handler) -> None:
        handler.answer(503, b"come back later")

    with serve({"/": fail}) as server, time_machine.travel("2026-05-01T12:00Z", tick=False) as clock:
        made = hook(open_world, server.url())
        done(open_world)
        for _ in range(60):
            (told,) = deliveries(open_world, made)
            if told["status"] != "Pending":
                break
            clock.shift(3600)
            open_world.sweep()
            open_world.settle_down()
        assert told["status"] == "Parked"
        assert told["tries"] == len(server.requests) == 9
        assert told["next_try"] is None
        assert told["last_try"]["response"] == "come back later"
        assert len({each.headers["webhook-id"] for each in server.requests}) == 1
        timestamps = [int(each.headers["webhook-timestamp"]) for each in server.requests]
        assert 20 * 3600 < timestamps[-1] - timestamps[0] < 36 * 3600
        server.routes["/"] = take
        again = open_world.call("POST", f"/webhooks/{made['id']}/deliveries/{told['id']}/redeliver")
        assert again.status == 202
        assert again.body["status"] == "Pending"
        open_world.settle_down()
        (told,) = deliveries(open_world, made)
        assert (told["status"], told["tries"]) == ("Delivered", 10)
        assert server.requests[-1].headers["webhook-id"] == server.requests[0].headers["webhook-id"]


def test_a_pending_delivery_cannot_be_redelivered(open_world: World) -> None:
    with serve({"/": lambda handler: handler.answer(500)}) as server:
        made = hook(open_world, server.url())
        done(open_world)
        (told,) = deliveries(open_world, made)
        assert told["status"] == "Pending"
        path = f"/webhooks/{made['id']}/deliveries/{told['id']}/redeliver"
        assert open_world.call("POST", path).status == 409


def test_a_receiver_that_is_gone_disables_its_webhook(open_world: World) -> None:
    with serve({"/": lambda handler: handler.answer(410)}) as server:
        made = hook(open_world, server.url())
        done(open_world)
        (told,) = deliveries(open_world, made)
        assert (told["status"], told["tries"]) == ("Parked", 1)
        shown = open_world.call("GET", f"/webhooks/{made['id']}").body
        assert shown["enabled"] is False
        assert "410" in shown["disabled_because"]


def test_a_redirect_is_a_failure_and_is_not_followed(open_world: World) -> None:
    with listen() as (port, hits), serve({}) as server:
        server.routes["/"] = lambda handler: handler.answer(307, Location=f"http://127.0.0.1:{port}/")
        made = hook(open_world, server.url())
        done(open_world)
        (told,) = deliveries(open_world, made)
    assert (told["status"], told["last_try"]["status"]) == ("Pending", 307)
    assert hits == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "2130706433"]
)
def test_nothing_is_sent_to_a_private_address(acme: World, host: str) -> None:
    with listen() as (port, hits):
        made = hook(acme, f"https://{host}:{port}/")
        done(acme)
        (told,) = deliveries(acme, made)
    assert told["status"] == "Pending"
    assert told["last_try"]["error"].startswith(("AddressForbidden", "TransferFailed"))
    assert hits == []


def test_a_name_that_changes_its_address_after_the_check_is_not_followed(
    open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the connection goes to the address that was checked, and the name is not asked again."""
    real, asked = socket.getaddrinfo, []

    def rebinding(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host != "rebind.example":
            return real(host, port, *more, **named)
        asked.append(host)
        return real("127.0.0.2" if len(asked) == 1 else "127.0.0.1", port, *more, **named)

    monkeypatch.setattr(address.socket, "getaddrinfo", rebinding)
    with listen() as (port, hits), serve({"/": take}, host="127.0.0.2") as good:
        made = hook(open_world, f"http://rebind.example:{good.port}/")
        done(open_world)
        assert deliveries(open_world, made)[0]["status"] == "Delivered"
        assert (len(asked), len(good.requests)) == (1, 1)
        assert good.requests[0].headers["Host"] == f"rebind.example:{good.port}"
    assert hits == []
    assert port


def test_a_name_with_one_forbidden_address_is_refused(acme: World, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(address.socket, "getaddrinfo", lambda *_, **__: found)
    made = hook(acme, "https://mixed.example/")
    done(acme)
    assert deliveries(acme, made)[0]["last_try"]["error"].startswith("AddressForbidden")


def test_a_receiver_that_drips_is_given_up_in_time(
    open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediajobs.transfer import post

    monkeypatch.setattr(post.post, "__kwdefaults__", {**(post.post.__kwdefaults__ or {}), "seconds": 0.5})

    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        while not handler.home.over.wait(0.1):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    with serve({"/": drip}) as server:
        made = hook(open_world, server.url())
        done(open_world)
        (told,) = deliveries(open_world, made)
    assert told["status"] == "Pending"
    assert "TransferFailed" in told["last_try"]["error"]
    assert told["last_try"]["milliseconds"] < 3_000


def test_a_digest_receiver_is_answered_its_challenge_and_never_sent_the_password(open_world: World) -> None:
    def challenge(handler: Handler) -> None:
        if "Authorization" in handler.headers:
            handler.answer(200, b"hello " + handler.headers["Authorization"].encode())
        else:
            handler.answer(401, WWW_Authenticate='Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256')

    with serve({"/": challenge}) as server:
        url = server.url().replace("http://", f"digest:http://user:{SECRET}@")
        job_id = done(open_world, notify=[url])
        first, second = server.requests
        assert "Authorization" not in first.headers
        assert second.headers["Authorization"].startswith('Digest username="user"')
        assert second.body == first.body
        assert SECRET not in str(second.headers)
        (told,) = open_world.call("GET", f"/jobs/{job_id}/deliveries").body["deliveries"]
        assert told["status"] == "Delivered"
        assert told["url"] == f"digest:{server.url()}"


def test_a_receiver_of_a_job_gets_its_headers_its_login_and_a_signature_by_its_own_secret(
    open_world: World, receiver: Server
) -> None:
    secret = "whsec_" + base64.b64encode(b"x" * 32).decode()
    url = receiver.url("/?token=t0ken").replace("http://", f"http://user:{SECRET}@")
    done(open_world, notify=[{"url": url, "headers": {"X-Api": "k3y"}, "secret": secret}])
    (request,) = receiver.requests
    assert request.path == "/?token=t0ken"
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers["x-api"] == "k3y"
    assert headers["authorization"] == "Basic " + base64.b64encode(f"user:{SECRET}".encode()).decode()
    assert Webhook(secret).verify(request.body, headers)["type"] == "job.success"


def test_a_receiver_that_echoes_secrets_does_not_bring_them_into_the_record_or_the_log(
    open_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    def echo(handler: Handler) -> None:
        handler.answer(500, (str(handler.headers) + handler.path).encode())

    with serve({"/": echo}) as server:
        url = server.url("/?token=t0ken-in-query").replace("http://", f"http://user:{SECRET}@")
        made = hook(open_world, url, headers={"x-api": "k3y-of-header"})
        done(open_world, notify=[url])
        shown = str(deliveries(open_world, made))
    stored, said = everything(open_world), capsys.readouterr()
    pair = base64.b64encode(f"user:{SECRET}".encode()).decode()
    for secret in (SECRET, "t0ken-in-query", "k3y-of-header", pair, made["secret"]):
        for text in (shown, stored, said.out, said.err, str(open_world.call("GET", "/webhooks").body)):
            assert secret not in text
    assert "***" in shown


def test_the_query_of_a_receiver_is_not_logged_whatever_the_level(
    open_world: World, receiver: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        done(open_world, notify=[receiver.url("/?token=t0ken-in-query")])
    assert receiver.requests
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("http")]
    assert not [line for line in lines if "t0ken" in line]


def test_a_job_that_tells_nobody_costs_no_delivery(acme: World) -> None:
    done(acme)
    assert "DELIVERY#" not in everything(acme)


def test_the_same_event_announced_twice_is_one_delivery(open_world: World, receiver: Server) -> None:
    made = hook(open_world, receiver.url())
    body = {"tasks": [{"tool": "test:nothing"}], "notify": [receiver.url()]}
    assert open_world.call("POST", "/jobs", body).status == 201
    seen = []
    real = open_world.announce

    def twice(records: list[dict[str, Any]]) -> None:
        seen.append(records)
        real(records)
        real(records)

    open_world.announce = twice  # type: ignore[method-assign]
    open_world.settle_down()
    assert seen
    assert len(deliveries(open_world, made)) == 1
    assert len(receiver.requests) == 2


def test_a_delivery_whose_message_was_lost_is_found_by_the_sweeper(
    open_world: World, receiver: Server
) -> None:
    with time_machine.travel("2026-05-01T12:00Z", tick=False) as clock:
        made = hook(open_world, receiver.url())
        open_world.submit("test:nothing")
        real = open_world.tries
        open_world.tries = lambda: real() and []  # type: ignore[method-assign]
        open_world.settle_down()
        assert receiver.requests == []
        open_world.tries = real  # type: ignore[method-assign]
        clock.shift(61)
        open_world.sweep()
        open_world.settle_down()
        assert len(receiver.requests) == 1
        assert deliveries(open_world, made)[0]["status"] == "Delivered"


def test_a_worker_that_died_at_a_try_is_followed_by_another_try(
    open_world: World, receiver: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediajobs import delivery

    def die(*_: Any, **__: Any) -> None:
        raise SystemExit

    with time_machine.travel("2026-05-01T12:00Z", tick=False) as clock:
        made = hook(open_world, receiver.url())
        open_world.submit("test:nothing")
        with monkeypatch.context() as patch:
            patch.setattr(delivery, "post", die)
            with pytest.raises(SystemExit):
                open_world.settle_down()
        clock.shift(61)
        open_world.sweep()
        open_world.settle_down()
        (told,) = deliveries(open_world, made)
        assert (told["status"], told["tries"], len(receiver.requests)) == ("Delivered", 2, 1)


def test_a_ping_reaches_a_disabled_webhook_too(open_world: World, receiver: Server) -> None:
    made = hook(open_world, receiver.url(), enabled=False)
    answer = open_world.call("POST", f"/webhooks/{made['id']}/ping")
    assert answer.status == 202
    assert answer.body["type"] == "webhook.ping"
    open_world.settle_down()
    (request,) = receiver.requests
    assert json.loads(request.body)["type"] == "webhook.ping"


def test_deliveries_come_page_by_page_latest_first(open_world: World, receiver: Server) -> None:
    made = hook(open_world, receiver.url())
    for _ in range(3):
        open_world.call("POST", f"/webhooks/{made['id']}/ping")
    first = open_world.call("GET", f"/webhooks/{made['id']}/deliveries?limit=2")
    token = first.body["next_token"]
    rest = open_world.call("GET", f"/webhooks/{made['id']}/deliveries?limit=2&next_token={token}")
    found = [each["id"] for each in (*first.body["deliveries"], *rest.body["deliveries"])]
    assert found == sorted(found, reverse=True)
    assert (len(found), rest.body["next_token"]) == (3, None)


def test_a_list_of_jobs_shows_no_deliveries(open_world: World, receiver: Server) -> None:
    hook(open_world, receiver.url())
    job_id = done(open_world)
    assert [row["id"] for row in open_world.call("GET", "/jobs").body["jobs"]] == [job_id]


def test_changing_a_webhook_keeps_credentials_for_the_same_origin_only(
    open_world: World, receiver: Server
) -> None:
    made = hook(open_world, receiver.url().replace("http://", f"http://user:{SECRET}@"))
    assert made["credentials"] == {"sealed": "0"}
    path, kept = f"/webhooks/{made['id']}", {"credentials": {"sealed": "0"}}
    assert open_world.call("PUT", path, {"url": "http://127.0.0.1:1/", **kept}).status == 422
    changed = open_world.call("PUT", path, {"url": receiver.url("/"), **kept})
    assert changed.status == 200, changed.body
    done(open_world)
    assert "Authorization" in receiver.requests[0].headers
    assert open_world.call("PUT", path, {"url": receiver.url("/")}).body["credentials"] is None
    done(open_world)
    assert "Authorization" not in receiver.requests[1].headers


def test_webhooks_are_limited_in_number(acme: World) -> None:
    for _ in range(20):
        hook(acme, "https://example.com/")
    assert acme.call("POST", "/webhooks", {"url": "https://example.com/"}).status == 409


@pytest.mark.parametrize(
    "body",
    [
        {"url": "mailto:user@example.com"},
        {"url": "http://example.com/"},
        {"url": "https://example.com/", "events": ["job.pending"]},
        {"url": "https://example.com/", "events": []},
        {"url": "https://example.com/", "headers": {"Webhook-Id": "x"}},
        {"url": "https://example.com/", "credentials": {"sealed": "0"}},
        {"url": "https://example.com/", "headers": {f"x{n}": "y" * 1000 for n in range(5)}},
        {"url": "https://a..b/"},
    ],
)
def test_a_webhook_that_breaks_a_rule_is_refused(acme: World, body: dict[str, Any]) -> None:
    assert acme.call("POST", "/webhooks", body).status == 422


def mails() -> list[Any]:
    return list(ses_backends[ACCOUNT][REGION].sent_messages)


def test_a_mail_tells_of_the_end_in_text_and_html(acme: World) -> None:
    sent: list[dict[str, Any]] = []
    events = aws.session().get_component("event_emitter")
    note: Callable[..., None] = lambda params, **_: sent.append(params)  # noqa: E731
    aws.client.cache_clear()
    events.register("before-parameter-build.sesv2.SendEmail", note)
    try:
        job_id = done(acme, notify=["mailto:user@example.com"], user_data="<b>mine</b>")
    finally:
        events.unregister("before-parameter-build.sesv2.SendEmail", note)
        aws.client.cache_clear()
    (mail,) = sent
    content = mail["Content"]["Simple"]
    assert mail["FromEmailAddress"] == "mediajobs@example.com"
    assert mail["Destination"] == {"ToAddresses": ["user@example.com"]}
    assert content["Subject"]["Data"] == f"Job {job_id}: Success"
    assert "Tasks: test:nothing" in content["Body"]["Text"]["Data"]
    assert "&lt;b&gt;mine" in content["Body"]["Html"]["Data"]
    assert len(mails()) == 1


def test_a_mail_goes_to_verified_recipients_only(acme: World) -> None:
    job_id = done(acme, notify=["mailto:user@elsewhere.example"])
    (told,) = acme.call("GET", f"/jobs/{job_id}/deliveries").body["deliveries"]
    assert (told["status"], told["last_try"]["error"]) == ("Parked", "the recipient is not verified in SES")
    assert mails() == []


def test_a_failed_job_tells_its_reason(open_world: World, receiver: Server) -> None:
    from mediajobs.errors import InvalidMedia

    def fail(_run: Any, _parameters: Any) -> Result:
        raise InvalidMedia("this is no video")

    open_world.tools["test:fail"] = tool(fail)
    hook(open_world, receiver.url())
    open_world.submit("test:fail")
    open_world.settle_down()
    (request,) = receiver.requests
    message = json.loads(request.body)
    assert message["type"] == "job.failed"
    assert message["data"]["reason"] == "InvalidMedia: this is no video"
    assert message["data"]["job"]["error"]["code"] == "InvalidMedia"
