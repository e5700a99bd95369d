"""What the API answers, byte by byte through the front door."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mediajobs.organization import Role
from tests.e2e import task
from tests.e2e.bucket import Bucket
from tests.e2e.door import Answer, call
from tests.stack import RunningStack

NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def ask(stack: RunningStack) -> Callable[..., Answer]:
    """Calls with our admin key, unless told otherwise; a body that is not text goes as JSON."""

    def send(method: str, path: str, body: Any = None, **options: Any) -> Answer:
        if body is not None and not isinstance(body, str | bytes):
            body = json.dumps(body)
        return call(stack.url, method, path, body, **{"key": stack.api_key, **options})

    return send


@pytest.fixture
def spec(media: Bucket) -> dict[str, Any]:
    """A job that succeeds at once."""
    return {"tasks": [task.get(media.put("http/tiny", b"tiny"))]}


def test_a_job_is_made_and_found_where_the_answer_says(
    stack: RunningStack, ask: Callable[..., Answer], spec: dict[str, Any]
) -> None:
    made = ask("POST", "/jobs", spec)
    assert made.status == 201
    assert made.headers["content-type"] == "application/json"
    found = ask("GET", made.headers["location"])
    assert (found.status, found.json["id"]) == (200, made.json["id"])
    assert stack.wait(made.json["id"])["status"] == "Success"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "api-key", "API-Key"])
def test_a_key_comes_with_either_scheme(stack: RunningStack, ask: Callable[..., Answer], scheme: str) -> None:
    answer = ask("GET", "/pools", key=None, headers={"Authorization": f"{scheme} {stack.api_key}"})
    assert answer.status == 200


def test_without_a_valid_key_nothing_is_told(stack: RunningStack, ask: Callable[..., Answer]) -> None:
    changed = stack.api_key[:-1] + ("0" if stack.api_key[-1] != "0" else "1")
    for header in (
        {},
        *({"Authorization": value} for value in ("", changed, f"Bearer {changed}", "Basic eA==")),
    ):
        for method, path in (("GET", "/pools"), ("POST", "/jobs"), ("GET", f"/jobs/{NOBODY}")):
            answer = ask(method, path, key=None, headers=header)
            assert answer.status == 401
            assert answer.is_problem
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert stack.api_key[:-1] not in answer.body.decode()


def test_a_key_may_do_what_its_role_allows(
    ask: Callable[..., Answer], key_of: Callable[[Role], str], spec: dict[str, Any], stack: RunningStack
) -> None:
    view, submit = key_of(Role.VIEW), key_of(Role.SUBMIT)
    assert ask("GET", "/pools", key=view).status == 200
    refused = ask("POST", "/jobs", spec, key=view)
    assert (refused.status, refused.is_problem) == (403, True)
    made = ask("POST", "/jobs", spec, key=submit)
    assert made.status == 201
    refused = ask("PUT", "/pools/eu-west-1", {"capacity": 9}, key=submit)
    assert (refused.status, refused.is_problem) == (403, True)
    assert stack.wait(made.json["id"])["submitted_by"] == submit.split("_")[1]


def test_what_is_not_there_is_not_found(ask: Callable[..., Answer], spec: dict[str, Any]) -> None:
    job = ask("POST", "/jobs", spec).json["id"]
    for method, path in (
        ("GET", f"/jobs/{NOBODY}"),
        ("POST", f"/jobs/{NOBODY}/cancel"),
        ("GET", f"/jobs/{job}/tasks/1/logs"),
        ("GET", f"/jobs/{job}/tasks/-1/logs"),
        ("GET", f"/jobs/{job.upper()}x"),
        ("GET", "/tools/media:nothing"),
        ("PUT", "/pools/mars-north-1"),
    ):
        answer = ask(method, path, {"capacity": 1} if method == "PUT" else None)
        assert (answer.status, answer.is_problem) == (404, True), path


def test_every_bad_field_is_named_and_nothing_is_started(ask: Callable[..., Answer]) -> None:
    answer = ask(
        "POST",
        "/jobs",
        {
            "tasks": [
                {"tool": "storage:get", "parameters": {"sources": [{"url": "gopher://x/y"}]}},
                {"tool": "no:such"},
                {"tool": "media:probe", "parameters": {"colour": "red"}},
            ],
        },
    )
    assert (answer.status, answer.is_problem) == (422, True)
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {
        "/tasks/0/parameters/sources/0/url",
        "/tasks/1/tool",
        "/tasks/2/parameters/colour",
    }
    answer = ask("POST", "/jobs", {"tasks": [], "priority": 101, "deadline_seconds": "1", "what": 1})
    assert answer.status == 422
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/tasks", "/priority", "/deadline_seconds", "/what"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"tasks": NaN}', b'"\\ud800"', b"null", b"[]", b"7"]
)
def test_a_body_that_is_no_job_is_refused(ask: Callable[..., Answer], body: bytes) -> None:
    answer = ask("POST", "/jobs", body)
    assert answer.status in (400, 422)
    assert answer.is_problem


def test_limits_of_a_job_are_what_the_documents_say(
    ask: Callable[..., Answer], spec: dict[str, Any], stack: RunningStack
) -> None:
    whole = json.dumps({**spec, "user_data": "x"})
    assert ask("POST", "/jobs", whole + " " * (256 * 1024 - len(whole))).status == 201
    answer = ask("POST", "/jobs", whole + " " * (256 * 1024 - len(whole) + 1))
    assert (answer.status, answer.is_problem) == (413, True)
    made = ask("POST", "/jobs", {"tasks": spec["tasks"] * 50})
    assert made.status == 201
    assert ask("POST", "/jobs", {"tasks": spec["tasks"] * 51}).status == 422
    too_long = {"tasks": [{**spec["tasks"][0], "timeout_seconds": 3600}]}
    answer = ask("POST", "/jobs", too_long)
    assert answer.status == 422, "what cannot fit in Lambda is refused at submission"
    assert answer.json["errors"][0]["pointer"] == "/tasks/0/timeout_seconds"
    assert ask("POST", f"/jobs/{made.json['id']}/cancel").status == 200


def test_the_same_idempotency_key_makes_one_job(
    ask: Callable[..., Answer], spec: dict[str, Any], stack: RunningStack
) -> None:
    header = {"Idempotency-Key": "order 7"}
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: ask("POST", "/jobs", spec, headers=header), range(6)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    job = stack.wait(answers[0].json["id"])
    again = ask("POST", "/jobs", spec, headers={"idempotency-key": "order 7"})
    assert (again.status, again.json["id"]) == (201, job["id"])
    other = ask("POST", "/jobs", {**spec, "priority": 1}, headers=header)
    assert (other.status, other.is_problem) == (422, True)
    another = ask("POST", "/jobs", spec, headers={"Idempotency-Key": "order 8"})
    assert another.json["id"] != job["id"]
    assert ask("POST", "/jobs", spec, headers={"Idempotency-Key": "x" * 256}).status == 422


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nothing",
        "/jobs/%00",
        "/jobs/..%2f..%2fpools",
        "/jobs/../pools",
        "/jobs/%F0%9F%8E%AC",
        "/jobs/" + "x" * 4000,
        "/jobs/a#b",
        "/jobs/%zz",
        f"/jobs/{NOBODY}/tasks/%31/logs",
        "/$default/jobs",
        "/_aws/execute-api",
        "/_ministack/health",
    ],
)
def test_odd_paths_are_not_found_and_nothing_breaks(ask: Callable[..., Answer], path: str) -> None:
    answer = ask("GET", path)
    assert answer.status == 404, answer.body
    answer.json  # noqa: B018 - it is JSON in any case


def test_odd_queries_are_refused(ask: Callable[..., Answer]) -> None:
    for query in ("?%zz=%", "?status=Done", "?limit=0", "?next_token=x", "?submitted_after=yesterday"):
        answer = ask("GET", f"/jobs{query}")
        assert (answer.status, answer.is_problem) == (422, True), query


def test_other_methods_are_refused_with_those_there_are(ask: Callable[..., Answer]) -> None:
    for method in ("DELETE", "PATCH", "PUT"):
        answer = ask(method, "/jobs")
        assert (answer.status, answer.is_problem) == (405, True)
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert ask("OPTIONS", "/jobs").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert (ask("HEAD", "/jobs").status, ask("HEAD", "/jobs").body) == (200, b"")


def test_a_path_may_be_written_with_more_slashes_and_in_another_case(ask: Callable[..., Answer]) -> None:
    for path in ("/jobs/", "//jobs", "/JOBS", "/jobs//"):
        assert ask("GET", path).json.keys() == {"jobs", "next_token"}, path


def test_the_tools_are_open_to_all_and_tell_their_parameters(ask: Callable[..., Answer]) -> None:
    tools = ask("GET", "/tools", key=None)
    assert tools.status == 200
    names = {tool["name"] for tool in tools.json["tools"]}
    assert names >= {"storage:get", "storage:put", "media:probe", "media:transcode", "ffmpeg:cmd"}
    one = ask("GET", "/tools/storage:get", key=None).json
    assert one["parameters"]["properties"]["sources"]["maxItems"] == 20
    assert ask("GET", "/tools/storage%3Aget", key=None).json == one
