"""What the console is when things are not as usual: dark, narrow, refused, offline."""

import pytest
from playwright.sync_api import Route, expect

from tests.console.tenant import Tenant
from tests.console.visit import Visit


@pytest.fixture(scope="module", autouse=True)
def _a_job(tenant: Tenant) -> None:
    tenant.wait(tenant.submit({"tool": "media:probe"}, tags=["shown"]))


def test_after_too_many_calls_the_page_says_so_and_tries_again_by_itself(member: Visit) -> None:
    member.expect_trouble("status of 429")
    answers = ["429"]

    def answer(route: Route) -> None:
        if answers and "/jobs?" in route.request.url:
            answers.pop()
            route.fulfill(
                status=429,
                headers={"Retry-After": "3", "Content-Type": "application/problem+json"},
                body='{"type": "about:blank", "title": "Too many calls", "status": 429}',
            )
        else:
            route.continue_()

    expect(member.rows("Jobs")).to_have_count(1)
    member.page.route("**/jobs*", answer)
    member.button("Load the list again").click()
    expect(member.page.get_by_text("Too many calls").first).to_be_visible()
    expect(member.page.get_by_text("Trying again in").first).to_be_visible()
    # What was known stays.
    expect(member.rows("Jobs")).to_have_count(1)
    member.picture("jobs-429")
    expect(member.page.get_by_text("Too many calls")).to_have_count(0)
    assert answers == []


def test_a_list_that_cannot_be_had_is_not_called_empty(visitor: Visit, tenant: Tenant) -> None:
    visitor.expect_trouble("status of 503")
    visitor.page.route("**/jobs?*", lambda route: route.fulfill(status=503))
    visitor.log_in(tenant.key)
    expect(visitor.page.get_by_text("The service cannot answer now")).to_be_visible()
    expect(visitor.page.get_by_text("No jobs yet")).to_have_count(0)
    visitor.picture("jobs-503")


def test_offline_the_page_says_so_and_recovers(member: Visit) -> None:
    member.expect_trouble("ERR_INTERNET_DISCONNECTED")
    expect(member.rows("Jobs")).to_have_count(1)
    member.page.context.set_offline(True)
    member.button("Load the list again").click()
    expect(member.page.get_by_text("You are offline")).to_be_visible()
    expect(member.rows("Jobs")).to_have_count(1)
    member.picture("jobs-offline")
    member.page.context.set_offline(False)
    expect(member.page.get_by_text("You are offline")).to_have_count(0)


def test_dark_mode_is_chosen_and_kept(member: Visit) -> None:
    ink = "getComputedStyle(document.querySelector('h1')).color"
    light = member.page.evaluate(ink)
    member.button("Change to dark mode").click()
    expect(member.button("Change to light mode")).to_be_visible()
    assert member.page.evaluate(ink) != light
    expect(member.rows("Jobs")).to_have_count(1)
    assert member.barriers() == []
    member.picture("jobs-dark")
    member.page.reload()
    expect(member.button("Change to light mode")).to_be_visible()


def test_the_systems_dark_mode_is_followed(visitor: Visit) -> None:
    visitor.page.emulate_media(color_scheme="dark")
    visitor.open()
    expect(visitor.page.get_by_label("API key")).to_be_visible()
    assert "dark" in visitor.page.evaluate("document.body.className")
    visitor.picture("login-dark")


@pytest.mark.parametrize("path", ["/jobs", "/submit", "job"])
def test_on_a_phone_nothing_is_wider_than_the_screen(member: Visit, tenant: Tenant, path: str) -> None:
    if path == "job":
        path = f"/jobs/{tenant.call('GET', '/jobs')['jobs'][0]['id']}"
    member.page.set_viewport_size({"width": 360, "height": 740})
    member.open(path)
    member.page.reload()
    expect(member.page.get_by_role("heading", level=1).first).to_be_visible()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert member.page.evaluate(wide) == 0
    member.picture(f"phone-{'job' if path.count('/') > 1 else path.strip('/')}")
