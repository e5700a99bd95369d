"""Resubmitting a job: what the new one has of the old, what a patch changes, and what it cannot do."""

from typing import Any

import pytest
import time_machine

from mediajobs import secret
from mediajobs.bootstrap import bootstrap
from mediajobs.merge_patch import merge
from mediajobs.organization import Role
from mediajobs.store import job as jobs
from tests.world import World

_TASK = {"tool": "test:nothing", "parameters": {"say": "hello"}, "timeout_seconds": 60}


def test_the_new_job_is_asked_the_same_as_the_old_one(acme: World) -> None:
    acme.call("POST", "/bundles", {"name": "Spring"})
    body = {
        "tasks": [_TASK, {"tool": "test:nothing", "retry": {"count": 2}}],
        "region": "aws:us-east-1",
        "priority": 7,
        "deadline_seconds": 600,
        "tags": ["a", "b"],
        "user_data": "order 7",
        "bundle": "Spring",
    }
    old = acme.call("POST", "/jobs", body).body
    answer = acme.call("POST", f"/jobs/{old['id']}/resubmit")
    assert answer.status == 201
    assert answer.headers["location"] == f"/jobs/{answer.body['id']}"
    new = acme.job(answer.body["id"])
    assert new["id"] != old["id"]
    assert new["resubmitted_from"] == old["id"]
    assert old["resubmitted_from"] is None
    same = ("region", "priority", "tags", "user_data", "bundle_id", "input_name")
    assert {name: new[name] for name in same} == {name: old[name] for name in same}
    asked = ("tool", "parameters", "retry", "timeout_seconds")
    assert [[task[name] for name in asked] for task in new["tasks"]] == [
        [task[name] for name in asked] for task in old["tasks"]
    ]
    assert jobs.spec(acme.organization, new["id"])["deadline_seconds"] == 600


@pytest.mark.parametrize("status", ["Pending", "Success", "Cancelled"])
def test_a_job_of_any_status_can_be_resubmitted_and_stays_as_it_is(acme: World, status: str) -> None:
    old = acme.submit("test:nothing")
    if status == "Cancelled":
        acme.call("POST", f"/jobs/{old}/cancel")
    if status == "Success":
        acme.settle_down()
    new = acme.call("POST", f"/jobs/{old}/resubmit").body["id"]
    assert (acme.job(old)["status"], acme.job(new)["status"]) == (status, "Pending")
    acme.settle_down()
    assert acme.job(new)["status"] == "Success"


@pytest.mark.parametrize(
    ("patch", "changed"),
    [
        ({"priority": 90}, {"priority": 90}),
        ({"tags": ["c"], "user_data": None}, {"tags": ["c"], "user_data": None}),
        ({"region": "us-east-1"}, {"region": "us-east-1"}),
        ({"tags": None, "priority": None}, {"tags": [], "priority": 50}),
        ({}, {}),
        (None, {}),
    ],
)
def test_a_patch_changes_what_it_names(acme: World, patch: Any, changed: dict[str, Any]) -> None:
    body = {"tasks": [_TASK], "priority": 7, "tags": ["a"], "user_data": "x"}
    old = acme.call("POST", "/jobs", body).body
    new = acme.call("POST", f"/jobs/{old['id']}/resubmit", {"patch": patch}).body
    names = ("region", "priority", "tags", "user_data")
    assert {name: new[name] for name in names} == {name: old[name] for name in names} | changed


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"tasks": None}, "/tasks"),
        ({"tasks": []}, "/tasks"),
        ({"tasks": [{"tool": "no:such"}]}, "/tasks/0/tool"),
        ({"tasks": [{"tool": "test:nothing", "parameters": {"say": 1}}]}, "/tasks/0/parameters/say"),
        ({"priority": 101}, "/priority"),
        ({"status": "Success"}, "/status"),
        ({"bundle": "none"}, "/bundle"),
        ({"region": "mars-north-1"}, "/region"),
    ],
)
def test_a_patched_job_is_checked_like_a_submitted_one(acme: World, patch: Any, pointer: str) -> None:
    old = acme.submit("test:nothing")
    acme.records()
    answer = acme.call("POST", f"/jobs/{old}/resubmit", {"patch": patch})
    assert answer.status == 422
    assert pointer in [bad["pointer"] for bad in answer.body["errors"]]
    assert acme.records() == []


def test_a_patch_may_move_the_job_to_another_bundle_by_name(acme: World) -> None:
    ids = [acme.call("POST", "/bundles", {"name": name}).body["id"] for name in ("a", "b")]
    old = acme.call("POST", "/jobs", {"tasks": [_TASK], "bundle": "a"}).body["id"]
    new = acme.call("POST", f"/jobs/{old}/resubmit", {"patch": {"bundle": "b"}}).body
    assert new["bundle_id"] == ids[1]
    out = acme.call("POST", f"/jobs/{old}/resubmit", {"patch": {"bundle_id": None}}).body
    assert out["bundle_id"] is None


def test_a_repeated_key_answers_the_first_job_also_when_the_old_one_is_gone(acme: World) -> None:
    headers = {"idempotency-key": "once"}
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        old = acme.submit("test:nothing")
        acme.settle_down()
        clock.shift(30 * 24 * 3600)
        path = f"/jobs/{old}/resubmit"
        first = acme.call("POST", path, {"patch": {"priority": 3}}, headers=headers)
        clock.shift(2 * 24 * 3600)
        again = acme.call("POST", path, {"patch": {"priority": 3}}, headers=headers)
        assert (again.status, again.body) == (201, first.body)
        assert acme.call("POST", path, {"patch": {"priority": 4}}, headers=headers).status == 422
        assert acme.call("POST", path).status == 404


def test_a_key_of_one_job_is_refused_with_another_or_with_a_submit(acme: World) -> None:
    headers = {"idempotency-key": "once"}
    first, second = acme.submit("test:nothing"), acme.submit("test:nothing")
    assert acme.call("POST", f"/jobs/{first}/resubmit", headers=headers).status == 201
    assert acme.call("POST", f"/jobs/{second}/resubmit", headers=headers).status == 422


def test_a_foreign_job_is_answered_like_an_unknown_one(acme: World) -> None:
    old = acme.submit("test:nothing")
    other = bootstrap("Other", 1, ["eu-central-1"]).api_key
    assert acme.call("POST", f"/jobs/{old}/resubmit", key=other).status == 404
    assert acme.call("POST", "/jobs/x/resubmit").status == 404
    assert acme.call("POST", f"/jobs/{old}/resubmit", key=acme.key_of(Role.VIEW)).status == 403


def _get(url: str, **more: Any) -> dict[str, Any]:
    return {"tool": "storage:get", "parameters": {"sources": [{"url": url, **more}]}}


def _patched(acme: World, given: dict[str, Any], wanted: dict[str, Any]) -> Any:
    old = acme.call("POST", "/jobs", {"tasks": [given]})
    assert old.status == 201, old.body
    return acme.call("POST", f"/jobs/{old.body['id']}/resubmit", {"patch": {"tasks": [wanted]}})


_KEPT = {"credentials": {"sealed": "0"}}
_S3 = {"access_key_id": "AKIA", "secret_access_key": "secret"}


def test_credentials_are_sealed_for_the_new_job_and_can_be_opened_by_its_worker(acme: World) -> None:
    old = acme.call("POST", "/jobs", {"tasks": [_get("https://jo:word@h.example/a.mp4?sig=s")]}).body
    new = acme.call("POST", f"/jobs/{old['id']}/resubmit").body
    assert new["tasks"][0]["parameters"] == old["tasks"][0]["parameters"]
    again = acme.call("POST", f"/jobs/{new['id']}/resubmit").body
    for job in (old, new, again):
        (sealed,) = jobs.credentials(acme.organization, job["id"]).values()
        plain = secret.unseal(acme.organization, job["id"], sealed)
        assert plain == {"username": "jo", "password": "word", "query": "sig=s"}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (_get("https://u:p@h.example/a"), _get("https://h.example/other/b.mp4", **_KEPT)),
        (_get("https://u:p@h.example/a"), _get("https://H.example:443/b", **_KEPT)),
        (_get("sftp://u:p@h.example:2222/a"), _get("sftp://h.example:2222/b", **_KEPT)),
        (_get("s3://bucket/a", credentials=_S3), _get("s3://bucket/b", **_KEPT)),
    ],
)
def test_sealed_credentials_may_stay_where_they_were_given_for(
    acme: World, given: dict[str, Any], wanted: dict[str, Any]
) -> None:
    answer = _patched(acme, given, wanted)
    assert answer.status == 201, answer.body
    assert answer.body["tasks"][0]["parameters"]["sources"][0]["credentials"] == {"sealed": "0"}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (_get("https://u:p@h.example/a"), _get("https://evil.example/a", **_KEPT)),
        (_get("https://u:p@h.example/a"), _get("http://h.example/a", **_KEPT)),
        (_get("https://u:p@h.example/a"), _get("https://h.example:8443/a", **_KEPT)),
        (_get("https://u:p@h.example/a"), _get("https://h.example.evil.example/a", **_KEPT)),
        (_get("https://u:p@h.example/a"), _get("https://x@h.example/a", **_KEPT)),
        (_get("https://u:p@h.example/a"), _get("https://h.example@evil.example/a", **_KEPT)),
        (_get("https://u:p@h.example/a"), _get("https://h.example\\@evil.example/a", **_KEPT)),
        (_get("https://u:p@h.example/a"), _get("https://h.example/a?x=1", **_KEPT)),
        (_get("https://u:p@h.example/a"), _get("https://h.example/a", credentials={"sealed": "1"})),
        (_get("https://u:p@h.example/a"), _get("https://h.example/a", credentials={"sealed": 0})),
        (_get("ftps://u:p@h.example/a"), _get("ftp://h.example:990/a", **_KEPT)),
        (_get("s3://bucket/a", credentials=_S3), _get("s3://bucket2/a", **_KEPT)),
        (_get("s3://bucket/a", credentials=_S3), _get("https://bucket/a", **_KEPT)),
    ],
)
def test_sealed_credentials_go_nowhere_else(
    acme: World, given: dict[str, Any], wanted: dict[str, Any]
) -> None:
    answer = _patched(acme, given, wanted)
    assert answer.status == 422
    assert all(bad["pointer"].startswith("/tasks/0/parameters/sources/0") for bad in answer.body["errors"])


def test_sealed_credentials_are_no_parameter_of_a_submit(acme: World) -> None:
    answer = acme.call("POST", "/jobs", {"tasks": [_get("https://h.example/a", **_KEPT)]})
    assert answer.status == 422


def test_sealed_credentials_may_move_to_a_destination_on_the_same_host_only(acme: World) -> None:
    def puts(url: str) -> dict[str, Any]:
        return {"tool": "storage:put", "parameters": {"destinations": [{"url": url, **_KEPT}]}}

    source = _get("https://u:p@h.example/a")
    assert _patched(acme, source, puts("https://h.example/out/")).status == 201
    assert _patched(acme, source, puts("https://evil.example/out/")).status == 422


@pytest.mark.parametrize(
    ("target", "patch", "merged"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_what_the_examples_of_its_standard_say(
    target: Any, patch: Any, merged: Any
) -> None:
    assert merge(target, patch) == merged
