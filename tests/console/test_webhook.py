"""A webhook's page: a message that a receiver refused is delivered again."""

import json

from playwright.sync_api import expect

from tests.console.tenant import Tenant
from tests.console.visit import Visit
from tests.e2e.process import until
from tests.server.http import Handler, serve

GONE, TAKEN = 410, 204


def test_a_refused_message_is_redelivered_once_the_receiver_is_back(member: Visit, tenant: Tenant) -> None:
    answers = [GONE]

    def receive(handler: Handler) -> None:
        handler.answer(answers.pop() if answers else TAKEN)

    with serve({"/hook": receive}) as server:
        hook = tenant.call("POST", "/webhooks", {"url": server.url("/hook"), "events": ["job.failed"]})
        job_id = tenant.submit({"tool": "media:probe"})
        path = f"/webhooks/{hook['id']}"
        until(
            lambda: (
                [each["status"] for each in tenant.call("GET", f"{path}/deliveries")["deliveries"]]
                == ["Parked"]
            ),
            60,
        )
        member.open(path)
        row = member.rows("Deliveries")
        expect(row).to_contain_text("Parked")
        expect(row).to_contain_text(f"{GONE} after")
        expect(member.page.get_by_text("The service has disabled it")).to_be_visible()
        assert member.barriers() == []
        member.picture("webhook-parked")

        member.button("Enable").click()
        expect(member.button("Disable")).to_be_visible()
        member.page.get_by_role("button", name="Redeliver job.failed").click()
        expect(row).to_contain_text("Delivered")
        expect(row).to_contain_text(f"{TAKEN} after")
        expect(member.page.get_by_text("The service has disabled it")).to_have_count(0)
        assert member.barriers() == []
        member.picture("webhook-redelivered")

        first, again = server.requests
        assert first.headers["webhook-id"] == again.headers["webhook-id"]
        assert json.loads(again.body)["data"]["job_id"] == job_id
