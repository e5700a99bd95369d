"""Bundles: named groups of jobs, how they are found, and what is known of their jobs."""

from typing import Any

import pytest
import time_machine

from mediajobs.bootstrap import bootstrap
from mediajobs.job import Status
from mediajobs.organization import Role
from mediajobs.store import bundle
from tests.world import World

_TASK = {"tool": "test:nothing"}


def made(acme: World, name: str) -> dict[str, Any]:
    answer = acme.call("POST", "/bundles", {"name": name})
    assert answer.status == 201, answer.body
    return dict(answer.body)


def submitted(acme: World, **more: Any) -> str:
    answer = acme.call("POST", "/jobs", {"tasks": [_TASK], **more})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def named(acme: World, query: str) -> list[str]:
    answer = acme.call("GET", f"/bundles?{query}")
    assert answer.status == 200, answer.body
    return [each["name"] for each in answer.body["bundles"]]


def in_bundle(acme: World, query: str) -> list[str]:
    return [row["id"] for row in acme.call("GET", f"/jobs?{query}").body["jobs"]]


def test_a_bundle_is_where_its_answer_says_and_has_a_number(acme: World) -> None:
    answer = acme.call("POST", "/bundles", {"name": "Spring"})
    seen = acme.call("GET", answer.headers["location"]).body
    assert seen == {**answer.body, "jobs": dict.fromkeys(acme_statuses(), 0)}
    assert [made(acme, name)["number"] for name in ("Summer", "Autumn")] == [2, 3]
    assert answer.body["number"] == 1


def acme_statuses() -> list[str]:
    return ["Pending", "Running", "Success", "Cancelled", "Failed"]


def test_a_bundle_is_found_by_its_number(acme: World) -> None:
    first, second = made(acme, "a"), made(acme, "b")
    found = [bundle.numbered(acme.organization, number) for number in (1, 2, 3)]
    assert [each and each.id for each in found] == [first["id"], second["id"], None]


def test_a_name_is_given_once_in_an_organization(acme: World) -> None:
    made(acme, "Spring")
    assert acme.call("POST", "/bundles", {"name": "Spring"}).status == 409
    other = bootstrap("Other", 1, ["eu-central-1"])
    elsewhere = acme.call("POST", "/bundles", {"name": "Spring"}, key=other.api_key)
    assert (elsewhere.status, elsewhere.body["number"]) == (201, 1)
    # The refused one has used up no number.
    assert made(acme, "spring")["number"] == 2


@pytest.mark.parametrize(
    ("name", "status"), [("x" * 128, 201), ("é" * 128, 201), ("x" * 129, 422), ("", 422), ("a\nb", 422)]
)
def test_a_name_has_1_to_128_characters_and_no_control_characters(
    acme: World, name: str, status: int
) -> None:
    assert acme.call("POST", "/bundles", {"name": name}).status == status


def test_only_config_makes_bundles_and_view_reads_them(acme: World) -> None:
    assert acme.call("POST", "/bundles", {"name": "x"}, key=acme.key_of(Role.SUBMIT)).status == 403
    assert acme.call("POST", "/bundles", {"name": "x"}, key=acme.key_of(Role.CONFIG)).status == 201
    assert acme.call("GET", "/bundles", key=acme.key_of(Role.VIEW)).status == 200


def test_bundles_are_listed_newest_first_and_found_by_name_and_by_part(acme: World) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        for name in ("Spring one", "SUMMER", "Spring two"):
            made(acme, name)
            clock.shift(1)
    assert named(acme, "") == ["Spring two", "SUMMER", "Spring one"]
    assert named(acme, "search=sPRing") == ["Spring two", "Spring one"]
    assert named(acme, "search=mm") == ["SUMMER"]
    assert named(acme, "search=winter") == []
    assert named(acme, "name=SUMMER") == ["SUMMER"]
    assert named(acme, "name=summer") == []
    assert named(acme, "name=Spring one&search=TWO") == []


def test_pages_of_bundles_show_each_once_also_when_a_search_passes_many_over(
    acme: World, monkeypatch: Any
) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        for number in range(7):
            made(acme, f"{'even' if number % 2 == 0 else 'odd'} {number}")
            clock.shift(1)
    monkeypatch.setattr(bundle, "BUDGET", 2)
    seen, token = [], ""
    while True:
        answer = acme.call("GET", f"/bundles?limit=2&search=even{token}")
        seen += [each["name"] for each in answer.body["bundles"]]
        if answer.body["next_token"] is None:
            assert "link" not in answer.headers
            break
        assert answer.headers["link"].endswith('rel="next"')
        token = f"&next_token={answer.body['next_token']}"
    assert seen == ["even 6", "even 4", "even 2", "even 0"]


def test_a_page_token_of_one_list_is_no_token_of_another(acme: World) -> None:
    made(acme, "a")
    made(acme, "b")
    token = acme.call("GET", "/bundles?limit=1").body["next_token"]
    assert acme.call("GET", f"/bundles?limit=1&next_token={token}").status == 200
    assert acme.call("GET", f"/bundles?limit=1&search=a&next_token={token}").status == 422
    other = bootstrap("Other", 1, ["eu-central-1"])
    assert acme.call("GET", f"/bundles?limit=1&next_token={token}", key=other.api_key).status == 422


def test_a_job_is_put_into_a_bundle_by_its_id_or_by_its_name(acme: World) -> None:
    spring = made(acme, "Spring 2026")
    ids = [submitted(acme, bundle_id=spring["id"]), submitted(acme, bundle="Spring 2026")]
    submitted(acme)
    assert {acme.job(job_id)["bundle_id"] for job_id in ids} == {spring["id"]}
    assert sorted(in_bundle(acme, f"bundle_id={spring['id']}")) == sorted(ids)
    assert len(in_bundle(acme, "")) == 3


@pytest.mark.parametrize(
    ("naming", "pointer"),
    [
        ({"bundle": "none"}, "/bundle"),
        ({"bundle": ""}, "/bundle"),
        ({"bundle_id": "0190b5a2-1f4e-7c3b-9a58-3d2f4c5b6a79"}, "/bundle_id"),
        ({"bundle_id": "x"}, "/bundle_id"),
        ({"bundle_id": "x", "bundle": "none"}, "/bundle"),
    ],
)
def test_a_bundle_that_is_none_or_named_twice_is_refused(acme: World, naming: Any, pointer: str) -> None:
    answer = acme.call("POST", "/jobs", {"tasks": [_TASK], **naming})
    assert answer.status == 422
    assert [bad["pointer"] for bad in answer.body["errors"]] == [pointer]
    assert in_bundle(acme, "") == []


def test_a_foreign_bundle_is_answered_like_none(acme: World) -> None:
    theirs = made(acme, "Spring")
    other = bootstrap("Other", 1, ["eu-central-1"]).api_key
    assert acme.call("GET", f"/bundles/{theirs['id']}", key=other).status == 404
    assert acme.call("GET", "/bundles?name=Spring", key=other).body["bundles"] == []
    for naming in ({"bundle_id": theirs["id"]}, {"bundle": "Spring"}):
        assert acme.call("POST", "/jobs", {"tasks": [_TASK], **naming}, key=other).status == 422
    submitted(acme, bundle="Spring")
    assert acme.call("GET", f"/jobs?bundle_id={theirs['id']}", key=other).body["jobs"] == []


def test_a_bundle_counts_its_jobs_by_status_until_they_expire(acme: World) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        spring, summer = made(acme, "Spring"), made(acme, "Summer")
        acme.submit("test:nothing")
        done = submitted(acme, bundle="Spring")
        submitted(acme, bundle="Summer")
        acme.settle_down()
        acme.call("PUT", "/pools/eu-central-1", {"capacity": 0})
        cancelled, _ = submitted(acme, bundle="Spring"), submitted(acme, bundle="Spring")
        acme.call("POST", f"/jobs/{cancelled}/cancel")
        zero = dict.fromkeys(acme_statuses(), 0)
        assert counted(acme, spring) == zero | {"Pending": 1, "Success": 1, "Cancelled": 1}
        assert counted(acme, summer) == zero | {"Success": 1}
        acme.call("POST", f"/jobs/{done}/restart")
        assert counted(acme, spring) == zero | {"Pending": 2, "Cancelled": 1}
        clock.shift(31 * 24 * 3600)
        assert counted(acme, spring) == zero | {"Pending": 2}
        assert counted(acme, summer) == zero


def counted(acme: World, of: dict[str, Any]) -> dict[Status, int]:
    return dict(acme.call("GET", f"/bundles/{of['id']}").body["jobs"])


def test_the_jobs_of_a_bundle_can_be_filtered_and_paged(acme: World) -> None:
    spring = made(acme, "Spring")
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        ids = []
        for number in range(5):
            ids.append(submitted(acme, bundle="Spring", tags=["odd" if number % 2 else "even"]))
            submitted(acme)
            clock.shift(60)
        acme.call("POST", f"/jobs/{ids[1]}/cancel")
    query = f"bundle_id={spring['id']}"
    assert in_bundle(acme, f"{query}&direction=asc") == ids
    assert in_bundle(acme, f"{query}&tag=odd") == [ids[3], ids[1]]
    assert in_bundle(acme, f"{query}&status=Cancelled") == [ids[1]]
    assert in_bundle(acme, f"{query}&submitted_before=2026-11-22T12:01:00Z") == [ids[1], ids[0]]
    assert in_bundle(acme, f"{query}&sort=status&direction=asc")[0] == ids[1]
    first = acme.call("GET", f"/jobs?{query}&limit=3").body
    rest = acme.call("GET", f"/jobs?{query}&limit=3&next_token={first['next_token']}").body
    assert [row["id"] for row in (*first["jobs"], *rest["jobs"])] == ids[::-1]
    assert rest["next_token"] is None


def test_a_page_of_a_bundle_reads_no_jobs_of_others(acme: World, monkeypatch: Any) -> None:
    from mediajobs import aws

    spring = made(acme, "Spring")
    mine = submitted(acme, bundle="Spring")
    for _ in range(5):
        submitted(acme)
    read: list[int] = []
    call = aws.client("dynamodb", "eu-central-1")
    query = call.query

    def counting(**given: Any) -> Any:
        answer = query(**given)
        read.append(answer["ScannedCount"])
        return answer

    monkeypatch.setattr(call, "query", counting)
    assert in_bundle(acme, f"bundle_id={spring['id']}") == [mine]
    assert sum(read) == 1


def test_a_repeated_key_answers_the_first_job_with_its_bundle(acme: World) -> None:
    made(acme, "Spring")
    body, headers = {"tasks": [_TASK], "bundle": "Spring"}, {"idempotency-key": "once"}
    first = acme.call("POST", "/jobs", body, headers=headers)
    assert acme.call("POST", "/jobs", body, headers=headers).body == first.body


def test_a_job_is_found_by_the_file_it_loads(acme: World) -> None:
    def loads(*urls: str, **more: str) -> dict[str, Any]:
        sources = [{"url": url, **more} for url in urls]
        return {"tool": "storage:get", "parameters": {"sources": sources}}

    url = "https://host.example/films/Holiday%20Film.mov?token=x"
    two = {"tasks": [_TASK, loads(url, "https://host.example/b.mp4"), loads("https://host.example/c.mp4")]}
    first = acme.call("POST", "/jobs", two).body
    renamed = acme.call("POST", "/jobs", {"tasks": [loads("https://h.example/x", name="A/b.mp4")]}).body
    assert first["input_name"] == "Holiday Film.mov"
    assert renamed["input_name"] == "A/b.mp4"
    acme.submit("test:nothing")
    rows = acme.call("GET", "/jobs?input_name=dAY fi").body["jobs"]
    assert [(row["id"], row["input_name"]) for row in rows] == [(first["id"], "Holiday Film.mov")]
