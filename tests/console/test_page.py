"""Every page of the console: it opens, it says what the API says, and nothing on it keeps anybody out."""

import pytest
from playwright.sync_api import expect

from tests.console.tenant import Tenant
from tests.console.visit import Visit


@pytest.fixture(scope="module", autouse=True)
def _something_to_show(tenant: Tenant) -> None:
    tenant.call("POST", "/webhooks", {"url": "https://example.com/hook"})
    tenant.wait(tenant.submit({"tool": "media:probe"}))


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("Submit a job", "The job"),
        ("Overview", "Outcomes"),
        ("Bundles", "Bundles"),
        ("Pools", "eu-west-1"),
        ("Webhooks", "https://example.com/hook"),
        ("Keys", "ADMIN"),
    ],
)
def test_a_page_opens_and_shows_what_there_is(member: Visit, link: str, shown: str) -> None:
    member.page.get_by_role("link", name=link, exact=True).click()
    expect(member.page.get_by_role("heading", level=1).first).to_be_visible()
    expect(member.page.get_by_role("main").get_by_text(shown).first).to_be_visible()
    member.page.wait_for_load_state("networkidle")
    assert member.barriers() == []
    member.picture(f"page-{link.lower().replace(' ', '-')}")
