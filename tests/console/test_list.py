"""The list of jobs: filters, pages and the back button."""

import pytest
from playwright.sync_api import expect

from tests.console.tenant import Tenant
from tests.console.visit import Visit

#: As many as fill a page of the list, and some more.
MANY = 28
PAGE = 25


@pytest.fixture(scope="module")
def waiting(tenant: Tenant) -> list[str]:
    """Jobs that never start, so that they cost nothing; the newest first."""
    region = tenant.call("GET", "/pools")["pools"][-1]["region"]
    tenant.call("PUT", f"/pools/{region}", {"capacity": 0})
    ids = [
        tenant.submit({"tool": "media:probe"}, region=region, tags=[f"number-{number}"])
        for number in range(MANY)
    ]
    return ids[::-1]


@pytest.fixture
def listing(member: Visit, waiting: list[str]) -> Visit:
    """Somebody at the list."""
    member.button("Load the list again").click()
    expect(member.rows("Jobs")).to_have_count(PAGE)
    return member


def test_pages_lead_forward_and_back_and_so_does_the_browser(listing: Visit) -> None:
    rows = listing.rows("Jobs")
    expect(rows.first).to_contain_text(f"number-{MANY - 1}")
    listing.button("Next page").click()
    expect(rows).to_have_count(MANY - PAGE)
    expect(rows.last).to_contain_text("number-0")
    expect(listing.page.get_by_text("Page 2")).to_be_visible()
    listing.page.go_back()
    expect(rows).to_have_count(PAGE)
    listing.page.go_forward()
    expect(rows).to_have_count(MANY - PAGE)
    listing.button("Previous page").click()
    expect(rows).to_have_count(PAGE)
    assert listing.barriers() == []
    listing.picture("jobs-pages")


def test_a_filter_stands_in_the_address_and_the_back_button_undoes_it(listing: Visit) -> None:
    rows = listing.rows("Jobs")
    tag = listing.page.get_by_label("Tag", exact=True)
    tag.fill("number-7")
    tag.press("Enter")
    expect(rows).to_have_count(1)
    assert "tag=number-7" in listing.page.url
    listing.page.reload()
    expect(rows).to_have_count(1)
    listing.page.go_back()
    expect(rows).to_have_count(PAGE)


def test_a_filter_that_nothing_fits_says_so_and_is_taken_back(listing: Visit) -> None:
    listing.open("/jobs?tag=none")
    expect(listing.page.get_by_text("No job fits")).to_be_visible()
    listing.button("Show all jobs").click()
    expect(listing.rows("Jobs")).to_have_count(PAGE)


def test_jobs_are_filtered_by_status_and_tool(listing: Visit) -> None:
    listing.page.get_by_label("Status", exact=True).first.click()
    listing.page.get_by_role("option", name="Failed").click()
    expect(listing.page.get_by_text("No job fits")).to_be_visible()
    listing.page.get_by_role("option", name="Pending").click()
    expect(listing.rows("Jobs")).to_have_count(PAGE)
    assert "status=Failed%2CPending" in listing.page.url


def test_a_job_of_the_list_opens_and_back_leads_to_the_list(listing: Visit, waiting: list[str]) -> None:
    listing.rows("Jobs").first.get_by_role("link").first.click()
    expect(listing.page.get_by_role("table", name="Tasks")).to_be_visible()
    assert waiting[0] in listing.page.url
    listing.page.go_back()
    expect(listing.rows("Jobs")).to_have_count(PAGE)
