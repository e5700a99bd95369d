"""Logging in with an API key, and out again."""

from playwright.sync_api import expect

from tests.console.tenant import Tenant
from tests.console.visit import Visit


def test_a_wrong_key_is_refused_in_words(visitor: Visit) -> None:
    visitor.expect_trouble("status of 401")
    visitor.open()
    visitor.page.get_by_label("API key").fill("mj_wrong")
    visitor.button("Log in").click()
    expect(visitor.page.get_by_text("The key is not valid")).to_be_visible()
    assert visitor.barriers() == []
    visitor.picture("login-refused")


def test_a_right_key_opens_the_list_which_says_that_it_is_empty(member: Visit) -> None:
    expect(member.page.get_by_text("No jobs yet")).to_be_visible()
    assert member.barriers() == []
    member.picture("jobs-empty")


def test_the_key_stays_in_this_tab_alone_and_over_a_reload(member: Visit, tenant: Tenant) -> None:
    kept = "Object.values({...localStorage}).join() + document.cookie"
    assert tenant.key not in member.page.evaluate(kept)
    member.page.reload()
    expect(member.heading("Jobs")).to_be_visible()
    other = member.page.context.new_page()
    other.goto(member.page.url)
    expect(other.get_by_label("API key")).to_be_visible()


def test_who_logs_out_leaves_no_key_behind(member: Visit, tenant: Tenant) -> None:
    member.page.get_by_role("button", name="role ADMIN").click()
    member.page.get_by_role("menuitem", name="Log out").click()
    expect(member.page.get_by_label("API key")).to_be_visible()
    assert tenant.key not in member.page.evaluate("Object.values({...sessionStorage}).join()")
    member.page.reload()
    expect(member.page.get_by_label("API key")).to_be_visible()
