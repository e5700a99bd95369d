"""GET /jobs: filters, order, pages and tokens, over the real endpoint and index."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from mediajobs import payload
from mediajobs.bootstrap import bootstrap
from mediajobs.listing import SORTS, Filter
from mediajobs.store import decision, listing
from mediajobs.store import job as jobs
from tests.world import World, world


@pytest.fixture(scope="module")
def history() -> Iterator[tuple[World, list[str]]]:
    """Twelve jobs a minute apart: the third is cancelled, the first four succeed or fail, the rest wait."""
    from mediajobs.errors import InvalidMedia
    from mediajobs.tools.tool import Result
    from tests.world import tool

    def bad(_run: Any, _parameters: Any) -> Result:
        raise InvalidMedia("broken")

    with world(capacity=0) as acme, time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        acme.tools |= {"test:nothing": tool(lambda *_: Result()), "test:bad": tool(bad)}
        ids = []
        for number in range(12):
            body = {
                "tasks": [{"tool": "test:bad" if number == 1 else "test:nothing"}],
                "priority": 100 - number if number < 4 else 10,
                "tags": ["even" if number % 2 == 0 else "odd", f"n{number}"],
                "user_data": f"order-{number // 4}",
                "region": "us-east-1" if number == 11 else "eu-central-1",
            }
            ids.append(acme.call("POST", "/jobs", body).body["id"])
            clock.shift(60)
        acme.call("POST", f"/jobs/{ids[2]}/cancel")
        for number in (0, 1, 3):
            acme.call("PUT", "/pools/eu-central-1", {"capacity": 1})
            waiting = jobs.find(acme.organization, ids[number])
            assert waiting is not None
            decision.grant(waiting, at=waiting.submitted + 3_600_000)
            acme.call("PUT", "/pools/eu-central-1", {"capacity": 0})
            acme.settle_down()
        yield acme, ids


def listed(acme: World, query: str = "") -> list[str]:
    answer = acme.call("GET", f"/jobs?{query}")
    assert answer.status == 200, answer.body
    return [row["id"] for row in answer.body["jobs"]]


def test_the_newest_job_comes_first(history: Any) -> None:
    acme, ids = history
    assert listed(acme) == ids[::-1]
    assert listed(acme, "direction=asc") == ids


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("status=Success", [3, 0]),
        ("status=Failed", [1]),
        ("status=Cancelled,Failed", [2, 1]),
        ("status=Success,Failed,Cancelled&direction=asc", [0, 1, 2, 3]),
        ("status=Running", []),
        ("submitted_after=2026-11-22T12:09:00Z", [11, 10, 9]),
        ("submitted_before=2026-11-22T12:01:00.000Z", [1, 0]),
        ("submitted_after=2026-11-22T12:01:00Z&submitted_before=2026-11-22T12:02:00Z", [2, 1]),
        ("submitted_after=2026-11-22T13:02:00 01:00&submitted_before=2026-11-22T12:02:00", [2]),
        ("submitted_before=1960-01-01", []),
        ("submitted_after=9999-12-31", []),
        ("tag=n5", [5]),
        ("tag=even&status=Pending", [10, 8, 6, 4]),
        ("tag=eve", []),
        ("tool=test:bad", [1]),
        ("user_data=order-1", [7, 6, 5, 4]),
        ("region=aws:us-east-1", [11]),
        ("in_progress=true", [3, 2, 1, 0]),
        ("in_progress=true&status=Failed", [1]),
        ("input_name=x", []),
    ],
)
def test_filters_can_be_combined(history: Any, query: str, numbers: list[int]) -> None:
    acme, ids = history
    assert listed(acme, query) == [ids[number] for number in numbers]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("limit", [5, 100])
def test_pages_of_any_sort_join_to_the_whole_list(
    history: Any, sort: str, direction: str, limit: int
) -> None:
    acme, ids = history
    seen: list[Any] = []
    token = ""
    while True:
        query = f"sort={sort}&direction={direction}&limit={limit}" + (token and f"&next_token={token}")
        answer = acme.call("GET", f"/jobs?{query}").body
        seen += answer["jobs"]
        token = answer["next_token"]
        if token is None:
            break
    assert sorted(row["id"] for row in seen) == sorted(ids)
    values = [(row[sort] is not None, row[sort] or 0) for row in seen]
    assert values == sorted(values, reverse=direction == "desc")


def test_a_page_ends_with_no_token_exactly_when_there_is_no_more(history: Any) -> None:
    acme, _ = history
    assert acme.call("GET", "/jobs?limit=12").body["next_token"] is None
    answer = acme.call("GET", "/jobs?limit=11")
    assert answer.body["next_token"]
    assert answer.headers["link"].startswith("</jobs?limit=11&next_token=")


def test_a_filter_that_passes_much_over_answers_short_pages_and_loses_nothing(
    history: Any, monkeypatch: Any
) -> None:
    acme, ids = history
    monkeypatch.setattr(listing, "BUDGET", 3)
    seen, pages, token = [], 0, ""
    while True:
        answer = acme.call("GET", "/jobs?tag=n0" + (token and f"&next_token={token}")).body
        seen += [row["id"] for row in answer["jobs"]]
        pages += 1
        token = answer["next_token"]
        if token is None:
            break
    assert seen == [ids[0]]
    assert pages >= 4


def test_a_page_too_large_for_an_answer_ends_early_and_leads_on(history: Any, monkeypatch: Any) -> None:
    acme, ids = history
    one = payload.size(acme.call("GET", "/jobs?limit=1").body["jobs"][0])
    for sort in ("submitted", "region"):
        monkeypatch.setattr(payload, "MAX_BYTES", 4 * one)
        seen, sizes, path = [], [], f"/jobs?limit=100&sort={sort}"
        while path:
            answer = acme.call("GET", path)
            seen += [row["id"] for row in answer.body["jobs"]]
            sizes.append(len(answer.body["jobs"]))
            path = answer.headers.get("link", "")[1:].partition(">")[0]
            assert bool(path) is (answer.body["next_token"] is not None)
        assert (sorted(seen), max(sizes) <= 5, len(sizes) >= 3) == (ids, True, True)
        # A row that is too large by itself would be in the way of all others.
        monkeypatch.setattr(payload, "MAX_BYTES", 1)
        assert len(acme.call("GET", f"/jobs?sort={sort}").body["jobs"]) == 1


def test_a_list_can_be_sorted_by_every_field_that_it_shows(history: Any) -> None:
    acme, _ = history
    assert set(acme.call("GET", "/jobs").body["jobs"][0]) == set(SORTS)


@pytest.mark.parametrize(("limit", "count"), [(4, 4), (5, 5), (6, 5)])
def test_a_window_has_so_many_rows_at_the_most(
    history: Any, monkeypatch: Any, limit: int, count: int
) -> None:
    acme, ids = history
    assert listing.MAX_WINDOW == 5_000
    monkeypatch.setattr(listing, "MAX_WINDOW", 5)
    rows, total = listing.window(
        acme.organization, Filter(), sort="id", ascending=True, start=1, limit=limit, now=0
    )
    assert ([row.id for row in rows], total) == (ids[1 : 1 + count], 12)


def test_a_window_has_any_offset_and_the_exact_total(history: Any) -> None:
    acme, ids = history
    rows, total = listing.window(
        acme.organization, Filter(tag="even"), sort="submitted", ascending=True, start=4, limit=5000, now=0
    )
    assert ([row.id for row in rows], total) == ([ids[8], ids[10]], 6)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("status=Done", "/query/status"),
        ("limit=0", "/query/limit"),
        ("limit=101", "/query/limit"),
        ("limit=x", "/query/limit"),
        ("sort=color", "/query/sort"),
        ("direction=up", "/query/direction"),
        ("in_progress=yes", "/query/in_progress"),
        ("submitted_after=yesterday", "/query/submitted_after"),
        ("colour=red", "/query/colour"),
        ("next_token=abc", "/query/next_token"),
    ],
)
def test_a_bad_parameter_is_named(history: Any, query: str, pointer: str) -> None:
    acme, _ = history
    answer = acme.call("GET", f"/jobs?{query}")
    assert answer.status == 422
    assert [error["pointer"] for error in answer.body["errors"]] == [pointer]


def test_a_token_serves_only_the_list_it_came_from(history: Any) -> None:
    acme, _ = history
    other = bootstrap("Other", 1, ["eu-central-1"])
    token = acme.call("GET", "/jobs?limit=2&tag=even").body["next_token"]
    tampered = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    assert acme.call("GET", f"/jobs?limit=2&tag=even&next_token={token}").status == 200
    assert acme.call("GET", f"/jobs?limit=2&tag=odd&next_token={token}").status == 422
    assert acme.call("GET", f"/jobs?limit=2&tag=even&direction=asc&next_token={token}").status == 422
    assert acme.call("GET", f"/jobs?limit=2&tag=even&next_token={tampered}").status == 422
    foreign = acme.call("GET", f"/jobs?limit=2&tag=even&next_token={token}", key=other.api_key)
    assert foreign.status == 422


def test_another_organization_sees_none_of_them(history: Any) -> None:
    acme, _ = history
    other = bootstrap("Third", 1, ["eu-central-1"])
    assert acme.call("GET", "/jobs", key=other.api_key).body == {"jobs": [], "next_token": None}
