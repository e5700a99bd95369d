"""Whether an answer is as the OpenAPI document says: its status, its headers and its body."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from mediajobs.openapi import document
from mediajobs.routes import Route

#: What every answer has; the document leaves them out, as HTTP itself knows them.
_USUAL = {"content-type", "cache-control", "x-content-type-options", "content-security-policy"}


def check(route: Route, status: int, headers: Mapping[str, str], body: Any) -> None:
    """Fail for an answer that the document does not declare; our own faults are never declared."""
    if status >= 500:
        return
    declared = document()["paths"][route.path][route.method.lower()]["responses"]
    assert str(status) in declared, f"{route.endpoint} does not declare {status}: {body}"
    response = declared[str(status)]
    unknown = set(headers) - _USUAL - set(response["headers"])
    assert not unknown, f"{route.endpoint} does not declare that a {status} has {unknown}"
    content = response.get("content", {})
    if not content:
        assert body is None, f"{route.endpoint} declares no body of a {status}"
        return
    kind = headers["content-type"].partition(";")[0]
    assert kind in content, f"{route.endpoint} does not declare {kind}"
    fault = next(_validator(route, str(status), kind).iter_errors(body), None)
    assert fault is None, f"{route.endpoint}, {status}, {fault.json_path}: {fault.message}"


@cache
def _validator(route: Route, status: str, kind: str) -> Draft202012Validator:
    operation = document()["paths"][route.path][route.method.lower()]
    schema = operation["responses"][status]["content"][kind]["schema"]
    return Draft202012Validator({**schema, "components": document()["components"]})
