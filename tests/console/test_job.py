"""A job's page: cancel, restart, resubmit, its log and its history."""

import re

from playwright.sync_api import expect

from tests.console.tenant import Tenant
from tests.console.visit import Visit
from tests.e2e.task import encode, endless


def status(visit: Visit, word: str) -> None:
    """Wait until the page shows the job's status."""
    expect(visit.page.get_by_text(word, exact=True).first).to_be_visible(timeout=60_000)


def test_a_running_job_shows_its_progress_and_is_cancelled_after_a_question(
    member: Visit, tenant: Tenant
) -> None:
    job_id = tenant.submit(endless())
    tenant.wait(job_id, "Running")
    member.open(f"/jobs/{job_id}")
    expect(member.page.get_by_role("progressbar").first).to_be_visible()
    member.picture("job-running")
    member.button("Cancel").click()
    assert member.barriers() == []
    member.picture("job-cancel")
    member.button("Cancel the job").click()
    status(member, "Cancelled")
    assert tenant.wait(job_id)["status"] == "Cancelled"
    expect(member.button("Restart")).to_be_visible()


def test_a_failed_job_says_why_and_runs_again_on_a_restart(member: Visit, tenant: Tenant) -> None:
    job_id = tenant.submit({"tool": "media:probe"})
    failed = tenant.wait(job_id)
    member.open(f"/jobs/{job_id}")
    status(member, "Failed")
    expect(member.page.get_by_text(failed["error"]["message"]).first).to_be_visible()
    member.picture("job-failed")
    member.choose("Restart", "From the first task")
    attempt = member.page.get_by_text("Attempt", exact=True).locator("xpath=../..")
    expect(attempt).to_contain_text("2")
    status(member, "Failed")
    assert tenant.wait(job_id)["attempt"] == 2


def test_a_job_is_resubmitted_with_an_edit(member: Visit, tenant: Tenant) -> None:
    job_id = tenant.submit({"tool": "media:probe"}, tags=["before"])
    tenant.wait(job_id)
    member.open(f"/jobs/{job_id}")
    member.choose("Resubmit", "With an edit")
    expect(member.heading("Resubmit with an edit")).to_be_visible()
    member.editor.fill(member.editor.input_value().replace('"before"', '"after"'))
    expect(member.page.get_by_text("Changed: tags")).to_be_visible()
    member.picture("resubmit")
    member.button("Submit").click()
    expect(member.page.get_by_text("Resubmitted from")).to_be_visible()
    new_id = re.search(r"#/jobs/([\w-]+)", member.page.url).group(1)  # type: ignore[union-attr]
    new = tenant.job(new_id)
    assert (new["tags"], new["resubmitted_from"]) == (["after"], job_id)


def test_the_log_the_events_and_the_metrics_of_a_job_are_shown(member: Visit, tenant: Tenant) -> None:
    job_id = tenant.submit(encode(seconds=1))
    tenant.wait(job_id)
    lines = tenant.call("GET", f"/jobs/{job_id}/tasks/0/logs")["logs"]
    member.open(f"/jobs/{job_id}")
    log = member.page.get_by_role("log", name="Log")
    expect(log.get_by_text(lines[0]["message"]).first).to_be_visible()
    for tab, shown in (("Events", "Success"), ("Metrics", "Compute units"), ("JSON", job_id)):
        member.page.get_by_role("tab", name=tab).click()
        expect(member.page.get_by_role("tabpanel", name=tab).get_by_text(shown).first).to_be_visible()
        assert member.barriers() == []
        member.picture(f"job-{tab.lower()}")


def test_a_job_that_is_unknown_is_not_found(member: Visit) -> None:
    member.expect_trouble("status of 404")
    member.open("/jobs/0192f0c1-2345-7abc-8def-0123456789ab")
    expect(member.page.get_by_text("Not found").first).to_be_visible()
