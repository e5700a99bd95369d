"""Telling receivers, through the whole stack."""

import base64
import json
from typing import Any

from standardwebhooks.webhooks import Webhook

from infra.local import mail
from tests.e2e.process import until
from tests.server.http import Handler, serve
from tests.stack import RunningStack

PROBE_NOTHING = {"tool": "media:probe", "parameters": {"input": "nothing.mp4"}}


def test_a_failed_job_is_told_to_a_webhook_to_a_receiver_and_by_mail(stack: RunningStack) -> None:
    def challenge(handler: Handler) -> None:
        if "Authorization" in handler.headers:
            handler.answer(200)
        else:
            handler.answer(401, WWW_Authenticate='Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256')

    with serve({"/hook": lambda handler: handler.answer(204), "/digest": challenge}) as server:
        hook = stack.call("POST", "/webhooks", {"url": server.url("/hook")})
        digest = server.url("/digest").replace("http://", "digest:http://user:s3cret@")
        recipient = "someone@example.com"
        job = stack.submit(PROBE_NOTHING, notify=[digest, f"mailto:{recipient}"])
        stack.wait(job["id"], "Failed")

        def told() -> dict[str, Any] | None:
            shown = stack.call("GET", f"/webhooks/{hook['id']}/deliveries")["deliveries"]
            return next((each for each in shown if each["status"] == "Delivered"), None)

        until(lambda: told() is not None, 60)
        request = next(each for each in server.requests if each.path == "/hook")
        headers = {name.lower(): value for name, value in request.headers.items()}
        message = Webhook(hook["secret"]).verify(request.body, headers)
        assert (message["type"], message["data"]["job_id"]) == ("job.failed", job["id"])
        assert message["data"]["job"]["error"]["code"] == "SourceNotFound"

        path = f"/jobs/{job['id']}/deliveries"
        until(
            lambda: (
                {each["status"] for each in stack.call("GET", path)["deliveries"]} == {"Delivered"}
                and len(stack.call("GET", path)["deliveries"]) == 2
            ),
            60,
        )
        signed = [each for each in server.requests if each.path == "/digest"]
        assert signed[-1].headers["Authorization"].startswith('Digest username="user"')
        assert json.loads(signed[-1].body)["type"] == "job.failed"
        (sent,) = [each for each in mail.sent(stack.endpoint_url) if each["To"] == [recipient]]
        assert sent["Subject"] == f"Job {job['id']}: Failed"
        assert "SourceNotFound" in sent["BodyText"]

        pinged = stack.call("POST", f"/webhooks/{hook['id']}/ping")
        until(
            lambda: any(pinged["message_id"] == each.headers.get("webhook-id") for each in server.requests),
            60,
        )
        stack.call("DELETE", f"/webhooks/{hook['id']}")
    for secret in ("s3cret", hook["secret"], base64.b64encode(b"user:s3cret").decode()):
        assert secret not in stack.log


def test_a_receiver_that_fails_at_first_is_told_in_the_end(stack: RunningStack) -> None:
    answers = [500, 500]

    def fail_twice(handler: Handler) -> None:
        handler.answer(answers.pop() if answers else 200)

    with serve({"/": fail_twice}) as server:
        job = stack.submit(PROBE_NOTHING, notify=[server.url()])
        stack.wait(job["id"], "Failed")

        def delivery() -> dict[str, Any]:
            shown = stack.call("GET", f"/jobs/{job['id']}/deliveries")["deliveries"]
            return dict(shown[0]) if shown else {}

        until(lambda: delivery().get("status") == "Delivered", 120)
        assert delivery()["tries"] == 3
        assert len({each.headers["webhook-id"] for each in server.requests}) == 1
