"""Pages of jobs while the jobs change, and pages too large for an answer."""

import json
from typing import Any

import pytest

from mediajobs import payload
from mediajobs.request import Response
from mediajobs.store import decision, listing
from mediajobs.store import job as jobs
from mediajobs.timestamp import now
from mediajobs.tools.tool import File, Result
from tests.world import World, tool


@pytest.mark.parametrize(
    ("statuses", "begin", "move"),
    [
        ("Pending,Running", [], "grant"),
        ("Running,Cancelled", ["grant"], "cancel"),
        ("Pending,Cancelled", [], "cancel"),
        ("Pending,Cancelled", ["cancel"], "restart"),
        ("Pending,Running,Cancelled", ["grant"], "cancel"),
    ],
)
@pytest.mark.parametrize("query", ["limit=1", "tag=all&limit=2", "sort=priority"])
@pytest.mark.parametrize("moment", range(3))
def test_a_job_that_matches_throughout_shows_once_while_its_status_changes(
    acme: World, monkeypatch: Any, statuses: str, begin: list[str], move: str, query: str, moment: int
) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 1})
    ids = [acme.submit("test:nothing", tags=["all"]) for _ in range(3)]

    def change(how: str) -> None:
        if how == "grant":
            waiting = jobs.find(acme.organization, ids[1])
            assert waiting is not None
            decision.grant(waiting, at=now())
        else:
            assert acme.call("POST", f"/jobs/{ids[1]}/{how}").status < 300

    for each in begin:
        change(each)
    expected = [row["id"] for row in acme.call("GET", f"/jobs?status={statuses}").body["jobs"]]
    queries = 0

    def watched(query: Any) -> Any:
        def read(*arguments: Any, **options: Any) -> Any:
            nonlocal queries
            if queries == moment:
                change(move)
            queries += 1
            found = query(*arguments, **options)
            return found if isinstance(found, tuple) else list(found)

        return read

    monkeypatch.setattr(listing, "stretch", watched(listing.stretch))
    monkeypatch.setattr(listing, "span", watched(listing.span))
    monkeypatch.setattr(listing, "_STRIDE", 1)
    seen, token = [], ""
    while True:
        answer = acme.call(
            "GET", f"/jobs?status={statuses}&{query}" + (token and f"&next_token={token}")
        ).body
        seen += [row["id"] for row in answer["jobs"]]
        token = answer["next_token"]
        if token is None:
            break
    assert seen == expected


def test_a_job_too_large_for_an_answer_is_shown_without_some_of_its_links_and_data(
    acme: World, monkeypatch: Any
) -> None:
    def told(_run: Any, _parameters: Any) -> Result:
        files = tuple(File(f"{number}.jpg", f"key-{number}", 1, "image/jpeg") for number in range(20))
        return Result(files=files, data={"line": "x" * 5_000})

    acme.tools["test:told"] = tool(told)
    job_id = acme.submit(*["test:told"] * 4)
    acme.settle_down()
    for room in (100_000, 30_000, 20_000):
        monkeypatch.setattr(payload, "MAX_BYTES", room)
        shown = acme.call("GET", f"/jobs/{job_id}").body
        assert payload.size(shown) <= room
        assert (shown["status"], [len(task["files"]) for task in shown["tasks"]]) == ("Success", [20] * 4)
        linked = ["url" in file for task in shown["tasks"] for file in task["files"]]
        has_data = [task["data"] is not None for task in shown["tasks"]]
        assert linked == sorted(linked, reverse=True)
        assert all(linked + has_data) is (room > 30_000)
        assert any(linked)
        assert any(has_data)


def test_jobs_that_are_added_meanwhile_move_nothing_to_another_page(acme: World) -> None:
    acme.call("PUT", "/pools/eu-central-1", {"capacity": 0})
    ids = [acme.submit("test:nothing", priority=priority) for priority in (10, 20, 30, 40)]
    first = acme.call("GET", "/jobs?sort=priority&limit=2").body
    acme.submit("test:nothing", priority=90)
    second = acme.call("GET", f"/jobs?sort=priority&limit=2&next_token={first['next_token']}").body
    assert [row["id"] for row in first["jobs"] + second["jobs"]] == ids[::-1]
    assert second["next_token"] is None


@pytest.mark.parametrize("text", ["x", "🎬", "\x00", "é"])
def test_a_token_of_a_long_value_can_be_sent_back(acme: World, text: str) -> None:
    for _ in range(2):
        acme.submit("test:nothing", user_data=text * 1024, tags=[text * 128] * 50)
    for sort in ("user_data", "tags"):
        token = acme.call("GET", f"/jobs?sort={sort}&limit=1").body["next_token"]
        assert len(acme.call("GET", f"/jobs?sort={sort}&limit=1&next_token={token}").body["jobs"]) == 1


@pytest.mark.parametrize("text", ["x", "🎬", "\x00", '"', "\\"])
def test_a_page_fits_into_an_answer_of_lambda_whatever_it_holds(text: str) -> None:
    rows = [{"id": number, "user_data": text * 1024, "tags": [text * 128] * 50} for number in range(1000)]
    kept = payload.fitting(rows)
    sent = Response(200, {"jobs": kept, "next_token": "x" * 2048}, {"link": "x" * 4096}).to_event("request-1")
    assert len(json.dumps(sent, ensure_ascii=False).encode()) <= 6 * 1024 * 1024
    more = Response(200, {"jobs": rows[: len(kept) + 2]}).to_event("request-1")
    assert len(json.dumps(more, ensure_ascii=False).encode()) > 6 * 1024 * 1024 - 64 * 1024
    assert kept == rows[: len(kept)]
