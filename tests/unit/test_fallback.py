"""Requests that no route takes as they are written."""

import json
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from mediajobs import fallback
from mediajobs.routes import DIALECTS, ROUTES
from tests.world import Context


def _event(method: str, path: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": {"host": "api.example.com"},
        "requestContext": {"requestId": "request-1", "http": {"method": method, "path": path}},
    }


@pytest.fixture
def asked(acme: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What the endpoints' own functions are asked."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def invoke(FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        calls.append((FunctionName, json.loads(Payload)))
        answer = {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": "{}"}
        return {"Payload": BytesIO(json.dumps(answer).encode())}

    monkeypatch.setattr(fallback, "function_client", lambda _: SimpleNamespace(invoke=invoke))
    return calls


@pytest.mark.parametrize(
    ("method", "path", "function", "parameters"),
    [
        ("GET", "/jobs/", "api-list-jobs", {}),
        ("GET", "//jobs/abc", "api-get-job", {"id": "abc"}),
        ("GET", "/JOBS/AbC/Events/", "api-list-events", {"id": "AbC"}),
        ("POST", "/v1/jobs/", "xvid-submit-job", {}),
        ("GET", "/api/jobs/abcDEFGHIjk/", "castlabs-get-job", {"id": "abcDEFGHIjk"}),
        ("POST", "//media/enhance", "dolby-submit-job", {"api": "enhance"}),
        ("GET", "/media/jobs/", "dolby-list-jobs", {}),
        ("GET", "/tools/media%3Aprobe/", "api-get-tool", {"name": "media:probe"}),
    ],
)
def test_a_path_is_put_right_and_its_endpoint_asked(
    asked: list[Any], method: str, path: str, function: str, parameters: dict[str, str]
) -> None:
    answer = fallback.handler(_event(method, path), Context())
    assert answer["statusCode"] == 200
    ((name, event),) = asked
    assert name == f"mediajobs-test-{function}"
    assert event["pathParameters"] == parameters
    assert "//" not in event["rawPath"]
    assert not event["rawPath"].endswith("/")


def test_head_is_answered_like_get_without_a_body(asked: list[Any]) -> None:
    answer = fallback.handler(_event("HEAD", "/jobs"), Context())
    assert (answer["statusCode"], answer["body"]) == (200, "")
    assert asked[0][1]["requestContext"]["http"]["method"] == "GET"


@pytest.mark.parametrize("route", [*ROUTES, *sum(DIALECTS.values(), ())], ids=lambda route: route.name)
def test_every_path_tells_its_methods(asked: list[Any], route: Any) -> None:
    answer = fallback.handler(_event("OPTIONS", route.path.replace("{", "").replace("}", "")), Context())
    assert answer["statusCode"] == 200
    assert route.method in answer["headers"]["allow"]
    assert not asked


def test_a_method_that_a_path_has_not_is_refused_with_those_it_has(asked: list[Any]) -> None:
    answer = fallback.handler(_event("DELETE", "/jobs"), Context())
    assert answer["statusCode"] == 405
    assert answer["headers"]["allow"] == "GET, HEAD, OPTIONS, POST"
    assert json.loads(answer["body"])["type"] == "urn:mediajobs:problem:method-not-allowed"


def test_an_unknown_path_is_a_problem(asked: list[Any]) -> None:
    for path in ("/", "/nothing", "/jobs/a/b/c/d", "/jobs//"):
        answer = fallback.handler(_event("PUT", path), Context())
        assert answer["statusCode"] == (405 if path == "/jobs//" else 404)
        assert answer["headers"]["content-type"] == "application/problem+json"


def test_an_endpoint_that_fails_is_unavailable(acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"FunctionError": "Unhandled", "Payload": BytesIO(b'{"errorMessage": "secret"}')}
    monkeypatch.setattr(fallback, "function_client", lambda _: SimpleNamespace(invoke=lambda **_: said))
    answer = fallback.handler(_event("GET", "/jobs/"), Context())
    assert answer["statusCode"] == 503
    assert "secret" not in answer["body"]


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://lambda"),
        ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "secret"}}, "Invoke"),
    ],
    ids=["no answer", "refused"],
)
def test_an_endpoint_that_is_away_is_unavailable(
    acme: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def invoke(**_: Any) -> None:
        raise error

    monkeypatch.setattr(fallback, "function_client", lambda _: SimpleNamespace(invoke=invoke))
    answer = fallback.handler(_event("GET", "/jobs/"), Context())
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (503, "5")
    assert "secret" not in answer["body"]


def test_a_dialect_that_is_switched_off_has_no_paths(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIALECTS", "")
    assert fallback.handler(_event("GET", "/api/jobs/"), Context())["statusCode"] == 404
    assert not asked
