"""Submitting a job: by a file that is dropped, by hand, by keyboard alone."""

import json
import re

from playwright.sync_api import expect

from tests.console.tenant import Tenant
from tests.console.visit import Visit
from tests.e2e.task import encode

ORDER = {
    "tasks": [
        encode(seconds=2),
        {"tool": "media:thumbnails", "parameters": {"input": "made.mp4", "count": 2, "name": "thumbnail"}},
    ],
    "tags": ["dropped"],
}
FITS = "It fits the schemas of its tools"


def faults(visit: Visit) -> list[str]:
    """What the page says is wrong, once it says so."""
    listed = visit.page.get_by_role("list", name="What is wrong").get_by_role("listitem")
    expect(listed.first).to_be_visible()
    return listed.all_inner_texts()


def test_a_dropped_file_is_checked_planned_submitted_watched_and_its_video_plays(
    member: Visit, tenant: Tenant
) -> None:
    member.button("Submit a job").first.click()
    member.drop("order.json", json.dumps(ORDER))
    expect(member.page.get_by_text(FITS)).to_be_visible()
    assert json.loads(member.editor.input_value()) == ORDER

    member.button("Dry run").click()
    expect(member.heading("Plan")).to_be_visible()
    assert tenant.call("GET", "/jobs")["jobs"] == []
    member.picture("submit-plan")

    member.button("Submit").click()
    expect(member.page.get_by_role("table", name="Tasks")).to_be_visible()
    expect(member.page.get_by_text("Success").first).to_be_visible(timeout=60_000)

    video = member.page.locator("video")
    expect(video).to_be_visible()
    video.evaluate("(video) => { video.muted = true; return video.play(); }")
    member.until("document.querySelector('video').readyState >= 3")
    assert video.evaluate("(video) => [video.error, video.videoWidth]") == [None, 128]
    pictures = member.page.get_by_role("list", name="Pictures").get_by_role("img")
    expect(pictures).to_have_count(2)
    member.until("[...document.images].every((image) => image.naturalWidth > 0)")
    assert member.barriers() == []
    member.picture("job-success")


def test_faults_of_a_file_stand_beside_their_lines_and_nothing_can_be_submitted(member: Visit) -> None:
    wrong = {
        "tasks": [{"tool": "media:transcode", "parameters": {"renditions": "many"}}, {"tool": "media:no"}]
    }
    member.open("/submit")
    member.drop("wrong.json", json.dumps({**wrong, "tagz": []}))
    said = faults(member)
    assert any("/tasks/0/parameters/renditions" in each for each in said)
    assert any("/tasks/1/tool" in each and "media:no" in each for each in said)
    assert any("tagz" in each for each in said)
    lines = member.editor.input_value().split("\n")
    for each in said:
        number, pointer = re.search(r"Line (\d+):\s*(\S*)", each).groups()  # type: ignore[union-attr]
        assert pointer.rpartition("/")[2] in lines[int(number) - 1]
    expect(member.button("Submit")).to_be_disabled()
    expect(member.button("Dry run")).to_be_disabled()
    assert member.barriers() == []
    member.picture("submit-faults")


def test_a_fault_leads_to_its_line(member: Visit) -> None:
    member.open("/submit")
    member.write({"tasks": [{"tool": "media:probe"}], "priority": "soon"})
    assert len(faults(member)) == 1
    member.page.get_by_role("list", name="What is wrong").get_by_text("Line").click()
    expect(member.editor).to_be_focused()
    chosen = member.editor.evaluate("(area) => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert '"priority": "soon"' in chosen


def test_what_is_no_json_is_said_with_its_line(member: Visit) -> None:
    member.open("/submit")
    member.drop("broken.json", '{\n  "tasks": [\n    {"tool": }\n  ]\n}')
    assert faults(member)[0].startswith("Line 3")
    expect(member.button("Submit")).to_be_disabled()


def test_a_huge_file_is_not_even_read(member: Visit) -> None:
    member.open("/submit")
    member.drop("huge.json", byte=0x20, count=300_000_000)
    expect(member.page.get_by_text("“huge.json” has")).to_be_visible()
    expect(member.editor).to_have_value("")


def test_a_file_that_is_no_text_is_refused(member: Visit) -> None:
    member.open("/submit")
    member.drop("film.mp4", byte=0xFF, count=1000)
    expect(member.page.get_by_text("“film.mp4” is not a text file in UTF-8.")).to_be_visible()


def test_a_dry_run_shows_the_services_own_words_beside_the_line(member: Visit) -> None:
    member.expect_trouble("status of 422")
    member.open("/submit")
    member.write({"tasks": [{"tool": "media:probe", "parameters": {"input": "../escape.mp4"}}]})
    member.button("Dry run").click()
    assert any("/tasks/0/parameters/input" in each for each in faults(member))


def test_a_job_is_submitted_without_a_mouse(visitor: Visit, tenant: Tenant) -> None:
    page = visitor.page
    visitor.open()
    expect(page.get_by_label("API key")).to_be_focused()
    page.keyboard.type(tenant.key)
    page.keyboard.press("Enter")
    expect(visitor.heading("Jobs")).to_be_visible()
    _tab_to(visitor, "Submit a job")
    page.keyboard.press("Enter")
    expect(visitor.heading("Submit a job")).to_be_visible()
    _tab_to(visitor, "The job")
    page.keyboard.insert_text(json.dumps({"tasks": [{"tool": "media:probe"}], "tags": ["by-keyboard"]}))
    expect(page.get_by_text(FITS)).to_be_visible()
    _tab_to(visitor, "Submit")
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Tasks")).to_be_visible()
    assert "by-keyboard" in [tag for job in tenant.call("GET", "/jobs")["jobs"] for tag in job["tags"]]


def _tab_to(visit: Visit, name: str) -> None:
    """Press Tab until what bears the name has the focus."""
    focused = "document.activeElement"
    named = f"({focused}.ariaLabel || {focused}.labels?.[0]?.innerText || {focused}.innerText || '').trim()"
    for _ in range(60):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate(named).split("\n")[0] == name:
            return
    raise AssertionError(f"Tab never leads to {name}")
