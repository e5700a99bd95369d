"""The endpoints: who may call, what a bad request is told, and what a repeated one does."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mediajobs import aws
from mediajobs.api_key import ApiKey
from mediajobs.store import write
from tests.world import World

_TASK = {"tool": "test:nothing"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "api-key", "API-Key"])
def test_both_schemes_are_read_in_any_case(acme: World, scheme: str) -> None:
    answer = acme.call("GET", "/pools", headers={"authorization": f"{scheme} {acme.key}"})
    assert answer.status == 200


def test_a_key_is_stored_only_as_a_hash(acme: World) -> None:
    from tests.moto_account import table_rows

    key = ApiKey.parse(acme.key)
    assert key is not None
    stored = json.dumps(table_rows(), default=str)
    assert key.id in stored
    assert key.secret not in stored


def test_a_job_of_another_organization_is_answered_like_an_unknown_one(acme: World) -> None:
    from mediajobs.bootstrap import bootstrap

    job_id = acme.submit("test:nothing")
    other = bootstrap("Other", 1, ["eu-central-1"])
    unknown = job_id[:-1] + ("0" if job_id[-1] != "0" else "1")
    for method, path in (("GET", "/jobs/{}"), ("POST", "/jobs/{}/cancel"), ("GET", "/jobs/{}/tasks/0/logs")):
        foreign = acme.call(method, path.format(job_id), key=other.api_key)
        missing = acme.call(method, path.format(unknown), key=other.api_key)
        assert (foreign.status, foreign.body) == (404, missing.body)
    assert acme.job(job_id)["status"] == "Pending"


def test_an_id_that_is_none_is_not_found(acme: World) -> None:
    for bad in ("x", "..", "0190B5A2-1F4E-7C3B-9A58-3D2F4C5B6A79", "0" * 36, "a#JOB#b"):
        assert acme.call("GET", f"/jobs/{bad}").status == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/tasks"),
        ([], ""),
        ("x", ""),
        ({"tasks": []}, "/tasks"),
        ({"tasks": [_TASK] * 51}, "/tasks"),
        ({"tasks": [{"tool": "no:such"}]}, "/tasks/0/tool"),
        ({"tasks": [{"tool": "../../etc"}]}, "/tasks/0/tool"),
        ({"tasks": [_TASK, {"tool": "test:nothing", "parameters": {"say": 3}}]}, "/tasks/1/parameters/say"),
        ({"tasks": [{"tool": "test:nothing", "parameters": {"shout": "x"}}]}, "/tasks/0/parameters/shout"),
        ({"tasks": [{"tool": "test:nothing", "timeout_seconds": 841}]}, "/tasks/0/timeout_seconds"),
        ({"tasks": [{"tool": "test:nothing", "retry": {"count": 6}}]}, "/tasks/0/retry/count"),
        ({"tasks": [_TASK], "priority": 101}, "/priority"),
        ({"tasks": [_TASK], "region": "mars-north-1"}, "/region"),
        ({"tasks": [_TASK], "tags": [""]}, "/tags/0"),
        ({"tasks": [_TASK], "user_data": "x" * 1025}, "/user_data"),
        ({"tasks": [_TASK], "a/b": 1}, "/a~1b"),
        ({"tasks": [_TASK], "status": "Success"}, "/status"),
        ({"tasks": [_TASK], "organization_id": "theirs"}, "/organization_id"),
    ],
)
def test_a_bad_field_is_named_with_its_rule_and_nothing_starts(acme: World, body: Any, pointer: str) -> None:
    answer = acme.call("POST", "/jobs", body)
    assert answer.status == 422
    assert answer.body["type"] == "urn:mediajobs:problem:invalid-request"
    assert pointer in [error["pointer"] for error in answer.body["errors"]]
    assert all(error["detail"] for error in answer.body["errors"])
    assert acme.records() == []


def test_every_bad_field_of_every_task_is_named_at_once(acme: World) -> None:
    tasks = [{"tool": "no:such"}, {"tool": "test:nothing", "parameters": {"say": 1, "x": 2}}]
    answer = acme.call("POST", "/jobs", {"tasks": tasks})
    assert {error["pointer"] for error in answer.body["errors"]} == {
        "/tasks/0/tool",
        "/tasks/1/parameters/say",
        "/tasks/1/parameters/x",
    }


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"tasks": NaN}', b"[" * 5000, b'{"tags": ["\\ud800"]}'],
    ids=["empty", "cut", "not text", "NaN", "deep", "lone surrogate"],
)
def test_a_body_that_cannot_be_read_is_a_400(acme: World, body: bytes) -> None:
    assert acme.call("POST", "/jobs", body).status == 400


def test_nesting_has_a_limit(acme: World) -> None:
    def nested(levels: int) -> bytes:
        inner = "[" * (levels - 4) + "]" * (levels - 4)
        return f'{{"tasks": [{{"tool": "test:nothing", "parameters": {{"say": {inner}}}}}]}}'.encode()

    assert "/tasks/0/parameters/say" in _pointers(acme.call("POST", "/jobs", nested(32)))
    assert _pointers(acme.call("POST", "/jobs", nested(33))) == [""]


def test_the_body_may_have_256_kib_and_not_one_byte_more(acme: World) -> None:
    body = json.dumps({"tasks": [_TASK]}).encode()
    padded = body + b" " * (256 * 1024 - len(body))
    assert acme.call("POST", "/jobs", padded).status == 201
    assert acme.call("POST", "/jobs", padded + b" ").status == 413


def test_fifty_tasks_are_allowed(acme: World) -> None:
    assert acme.call("POST", "/jobs", {"tasks": [_TASK] * 50}).status == 201


def test_json_is_read_whatever_the_content_type_says(acme: World) -> None:
    headers = {"content-type": "text/plain"}
    assert acme.call("POST", "/jobs", {"tasks": [_TASK]}, headers=headers).status == 201


def test_a_region_may_have_its_aws_prefix(acme: World) -> None:
    answer = acme.call("POST", "/jobs", {"tasks": [_TASK], "region": "aws:us-east-1"})
    assert (answer.status, answer.body["region"]) == (201, "us-east-1")


def test_a_region_without_a_pool_is_refused_with_those_that_have_one(acme: World) -> None:
    answer = acme.call("POST", "/jobs", {"tasks": [_TASK], "region": "eu-west-1"})
    assert "eu-central-1, us-east-1" in answer.body["errors"][0]["detail"]


def test_the_answer_says_where_the_job_is(acme: World) -> None:
    answer = acme.call("POST", "/jobs", {"tasks": [_TASK]})
    assert answer.headers["location"] == f"/jobs/{answer.body['id']}"
    seen = acme.call("GET", answer.headers["location"]).body
    assert seen | {"queue_position": None} == answer.body


def test_the_same_idempotency_key_and_body_answer_the_first_job(acme: World) -> None:
    headers = {"idempotency-key": "order-7"}
    first = acme.call("POST", "/jobs", {"tasks": [_TASK], "priority": 3}, headers=headers)
    acme.settle_down()
    again = acme.call("POST", "/jobs", b'{"priority":3, "tasks":[{"tool":"test:nothing"}]}', headers=headers)
    assert (again.status, again.body) == (201, first.body)
    assert len(acme.executions()) == 1


def test_the_same_idempotency_key_with_another_body_is_refused(acme: World) -> None:
    headers = {"idempotency-key": "order-7"}
    acme.call("POST", "/jobs", {"tasks": [_TASK]}, headers=headers)
    assert acme.call("POST", "/jobs", {"tasks": [_TASK, _TASK]}, headers=headers).status == 422


def test_a_request_whose_idempotency_key_is_in_flight_is_told_to_come_again(
    acme: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr(write, "_CONFLICT_TRIES", 2)
    under_way = [{"Code": "None"}] * 3 + [{"Code": "TransactionConflict"}]
    canceled = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": under_way,
        "ResponseMetadata": {},
    }
    headers = {"idempotency-key": "order-7"}

    def conflict(**_: Any) -> None:
        raise ClientError(canceled, "TransactWriteItems")

    with monkeypatch.context() as patched:
        patched.setattr(aws.client("dynamodb", "eu-central-1"), "transact_write_items", conflict)
        answer = acme.call("POST", "/jobs", {"tasks": [_TASK]}, headers=headers)
        assert (answer.status, answer.body["type"]) == (409, "urn:mediajobs:problem:conflict")
    assert acme.call("GET", "/jobs").body["jobs"] == []
    assert acme.call("POST", "/jobs", {"tasks": [_TASK]}, headers=headers).status == 201


def test_an_idempotency_key_belongs_to_its_organization(acme: World) -> None:
    from mediajobs.bootstrap import bootstrap

    other = bootstrap("Other", 1, ["eu-central-1"])
    headers = {"idempotency-key": "order-7"}
    first = acme.call("POST", "/jobs", {"tasks": [_TASK]}, headers=headers)
    second = acme.call("POST", "/jobs", {"tasks": [_TASK]}, headers=headers, key=other.api_key)
    assert second.status == 201
    assert second.body["id"] != first.body["id"]


@pytest.mark.parametrize(("length", "status"), [(1, 201), (255, 201), (256, 422)])
def test_an_idempotency_key_has_1_to_255_characters(acme: World, length: int, status: int) -> None:
    headers = {"idempotency-key": "k" * length}
    assert acme.call("POST", "/jobs", {"tasks": [_TASK]}, headers=headers).status == status


def test_an_unforeseen_error_is_a_problem_without_its_text(acme: World, monkeypatch: Any) -> None:
    from mediajobs.store import pool

    def broken(*_: Any) -> None:
        raise ValueError("secret detail")

    monkeypatch.setattr(pool, "find", broken)
    answer = acme.call("POST", "/jobs", {"tasks": [_TASK]})
    assert answer.status == 500
    assert answer.body["type"] == "urn:mediajobs:problem:internal-error"
    assert "secret detail" not in json.dumps(answer.body)


@pytest.mark.parametrize(("capacity", "status"), [(0, 200), (1000, 200), (-1, 422), (1001, 422), ("4", 422)])
def test_a_capacity_is_a_number_from_0_to_1000(acme: World, capacity: Any, status: int) -> None:
    assert acme.call("PUT", "/pools/us-east-1", {"capacity": capacity}).status == status


def test_a_capacity_can_only_be_set_where_the_service_runs(acme: World) -> None:
    assert acme.call("PUT", "/pools/eu-west-1", {"capacity": 1}).status == 404


def test_the_log_of_a_task_that_has_not_begun_is_empty(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    answer = acme.call("GET", f"/jobs/{job_id}/tasks/0/logs")
    assert answer.body == {"logs": [], "next_token": None}
    for bad in ("1", "-1", "x", "٣"):
        assert acme.call("GET", f"/jobs/{job_id}/tasks/{bad}/logs").status == 404


def _pointers(answer: Any) -> list[str]:
    assert answer.status == 422
    return [error["pointer"] for error in answer.body["errors"]]
