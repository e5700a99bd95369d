"""The OpenAPI document: it is whole, it is valid, and the answers are what it says."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mediajobs.openapi import document
from mediajobs.routes import ROUTES
from mediajobs.schema import PLACE, references
from tests.world import World


def _operations() -> list[Any]:
    return [
        pytest.param(operation, id=operation["operationId"])
        for methods in document()["paths"].values()
        for operation in methods.values()
    ]


def test_every_route_is_described_and_nothing_else() -> None:
    described = {
        (method.upper(), path, operation["operationId"])
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }
    assert described == {(route.method, route.path, route.endpoint) for route in ROUTES}


def test_every_reference_leads_to_a_schema_and_every_schema_is_valid_and_referred_to() -> None:
    schemas = document()["components"]["schemas"]
    assert set(references(document())) == set(schemas)
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("operation", _operations())
def test_an_operation_says_what_it_is_for_and_declares_no_fault_of_ours(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert not [status for status in operation["responses"] if not re.fullmatch("[1-4][0-9][0-9]", status)]
    for status, response in operation["responses"].items():
        assert response["description"]
        assert status < "400" or list(response["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("operation", _operations())
def test_an_answer_has_all_of_its_fields_and_no_others(operation: dict[str, Any]) -> None:
    schemas = document()["components"]["schemas"]
    todo = {
        name
        for response in operation["responses"].values()
        for name in references(response.get("content", {}))
    }
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        seen.add(name)
        if "enum" in schemas[name]:
            continue
        assert schemas[name]["additionalProperties"] is False, name
        optional = set(schemas[name]["properties"]) - set(schemas[name]["required"])
        assert optional <= {"url", "errors"}, name
        todo |= set(references(schemas[name])) - seen


def test_a_task_is_described_for_each_tool() -> None:
    schemas = document()["components"]["schemas"]
    validator = Draft202012Validator({"$ref": PLACE + "JobOrder", "components": {"schemas": schemas}})
    validator.validate({"tasks": [{"tool": "media:probe", "parameters": {"input": "a.mp4"}}]})
    for bad in (
        {"tool": "no:such"},
        {"tool": "media:probe", "parameters": {"colour": "red"}},
        {"tool": "storage:get"},
    ):
        assert not validator.is_valid({"tasks": [bad]})


def test_every_example_of_a_body_fits_its_schema() -> None:
    schemas = document()["components"]["schemas"]
    for parameter in _operations():
        (operation,) = parameter.values
        content = operation.get("requestBody", {"content": {}})["content"].get("application/json", {})
        if "example" in content:
            Draft202012Validator({**content["schema"], "components": {"schemas": schemas}}).validate(
                content["example"]
            )


def test_the_document_and_its_page_are_open_to_all(acme: World) -> None:
    answer = acme.call("GET", "/openapi.json", headers={"authorization": ""})
    assert (answer.status, answer.body) == (200, json.loads(json.dumps(document())))
    page = acme.call("GET", "/docs", headers={"authorization": ""})
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_the_page_runs_its_own_scripts_only_and_names_no_other_host() -> None:
    from mediajobs.docs_page import page, policy

    rules = dict(rule.split(" ", 1) for rule in policy().split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "'self'"
    assert "unsafe" not in policy()
    assert rules["script-src"].count("sha256-") == page().count("<script") == page().count("</script>") == 2
    assert "<!--" not in page(), "a comment would swallow the end of a script"
    assert not re.findall(r"(?:src|href)=", page().split("<style>")[0])
