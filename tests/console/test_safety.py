"""Whatever people write into jobs, the console shows as text and never runs."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.console.tenant import Tenant
from tests.console.visit import Visit

#: Each would leave a mark if it were ever read as HTML or as a script.
TAG = "<img src=x onerror=window.hurt=1>"
CLOSING = "</script></textarea><script>window.hurt=1</script>"
LINK = "javascript:window.hurt=1"
TEMPLATE = "${window.hurt=1}{{constructor.constructor('window.hurt=1')()}}"
FILE = "<svg onload=window.hurt=1>.mp4"


@pytest.fixture(scope="module")
def hostile(tenant: Tenant) -> dict[str, Any]:
    """A job that bears such texts wherever one can be written, and what else an organization can name."""
    arguments = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=duration=1:size=64x64",
        "-c:v",
        "libx264",
        "-metadata",
        f"title={TAG}",
    ]
    arguments += [f"{{out:{FILE}}}"]
    encode = {
        "tool": "ffmpeg:cmd",
        "parameters": {"outputs": [FILE], "arguments": arguments},
    }
    fail = {"tool": "media:probe", "parameters": {"input": f"{CLOSING}.mp4"}}
    job_id = tenant.submit(encode, fail, tags=[TAG, LINK], user_data=CLOSING)
    tenant.call("POST", "/keys", {"user": TAG, "role": "VIEW"})
    url = "https://example.com/?x=%3Cscript%3Ewindow.hurt=1%3C/script%3E"
    tenant.call("POST", "/webhooks", {"url": url, "description": TAG})
    return tenant.wait(job_id)


def test_a_hostile_job_is_shown_to_the_letter(member: Visit, hostile: dict[str, Any]) -> None:
    page = member.page
    member.open("/jobs")
    page.reload()
    expect(page.get_by_text(TAG).first).to_be_visible()
    member.picture("hostile-list")
    member.open(f"/jobs/{hostile['id']}")
    for text in (TAG, LINK, CLOSING):
        expect(page.get_by_text(text).first).to_be_visible()
    expect(page.get_by_text(FILE).first).to_be_visible()
    for tab in ("Events", "JSON", "Log"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(300)
    member.picture("hostile-job")
    _unhurt(member)


def test_a_hostile_order_is_shown_to_the_letter_with_its_faults(member: Visit) -> None:
    member.open("/submit")
    member.drop(f"{TAG}.json", byte=0xFF, count=10)
    expect(member.page.get_by_text(f"“{TAG}.json”")).to_be_visible()
    member.write({"tasks": [{"tool": TAG, "parameters": {CLOSING: TEMPLATE}}], TEMPLATE: LINK})
    faults = member.page.get_by_role("list", name="What is wrong")
    expect(faults.get_by_text(TAG).first).to_be_visible()
    member.picture("hostile-order")
    _unhurt(member)


@pytest.mark.parametrize("path", ["/keys", "/webhooks", "/bundles", "/overview"])
def test_hostile_names_are_shown_to_the_letter(member: Visit, hostile: dict[str, Any], path: str) -> None:
    member.open(path)
    if path in {"/keys", "/webhooks"}:
        expect(member.page.get_by_text(TAG).first).to_be_visible()
    _unhurt(member)


@pytest.mark.parametrize(
    "path",
    [
        "/jobs?tag=<img src=x onerror=window.hurt=1>",
        "/jobs?sort=__proto__&direction=constructor&status=<b>",
        "/jobs/<img src=x onerror=window.hurt=1>",
        "/jobs/../../console/",
        "javascript:window.hurt=1",
    ],
)
def test_a_hostile_address_hurts_nobody(member: Visit, path: str) -> None:
    member.expect_trouble("status of 4..")
    member.open(path)
    expect(member.page.get_by_role("link", name="mediajobs")).to_be_visible()
    member.page.wait_for_timeout(500)
    _unhurt(member)


def _unhurt(visit: Visit) -> None:
    assert visit.page.evaluate("window.hurt") is None
    unsafe = "[...document.links].filter(({ protocol }) => !['http:', 'https:'].includes(protocol)).length"
    assert visit.page.evaluate(unsafe) == 0
