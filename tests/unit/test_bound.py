"""Every bound of a field that the documents name: it can be reached and not be passed."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from mediajobs.openapi import document
from mediajobs.tools.tool import Model

#: What pydantic calls a bound that is passed, above and below.
_ABOVE = {"too_long", "string_too_long", "less_than", "less_than_equal"}
_BELOW = {"greater_than", "greater_than_equal"}
_ENTRIES = {"string": "x", "integer": 1, "number": 1}
#: Entries that have to be valid for their list to be counted.
_VALID = {"times": 1, "renditions": {"preset": "h264-720p"}}


def _models(kind: type[Model] = Model) -> Iterator[type[Model]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("mediajobs."):
            yield each
        yield from _models(each)


def _bounds() -> Iterator[Any]:
    document()  # loads every endpoint and tool
    seen = set()
    for model in _models():
        for name, field in TypeAdapter(model).json_schema().get("properties", {}).items():
            for schema in (field, *field.get("anyOf", ())):
                for values in _around(name, schema):
                    found = pytest.param(
                        model,
                        name,
                        *values,
                        id=f"{model.__module__[10:]}.{model.__name__}.{name}: {values[2]}",
                    )
                    if found.id not in seen:
                        seen.add(found.id)
                        yield found


def _around(name: str, schema: dict[str, Any]) -> Iterator[tuple[list[Any], Any, str]]:
    """Values inside and at a bound, one beyond, and the bound in words."""
    one = schema.get("multipleOf", 1 if schema.get("type") == "integer" else 1e-6)
    match schema.get("type"):
        case "string" if "maxLength" in schema:
            longest = schema["maxLength"]
            yield ["x" * (longest - 1), "x" * longest], "x" * (longest + 1), f"{longest} characters"
        case "array" if "maxItems" in schema:
            most, item = schema["maxItems"], _VALID.get(name) or _ENTRIES.get(schema["items"].get("type"), {})
            yield [[item] * (most - 1), [item] * most], [item] * (most + 1), f"{most} entries"
        case "integer" | "number":
            if "maximum" in schema:
                highest = schema["maximum"]
                yield [highest - one, highest], highest + one, f"at most {highest}"
            if "minimum" in schema:
                lowest = schema["minimum"]
                yield [lowest + one, lowest], lowest - one, f"at least {lowest}"


@pytest.mark.parametrize(("model", "name", "inside", "beyond", "bound"), list(_bounds()))
def test_a_field_may_reach_its_bound_and_not_pass_it(
    model: type[Model], name: str, inside: list[Any], beyond: Any, bound: str
) -> None:
    passed = _BELOW if bound.startswith("at least") else _ABOVE
    for value in inside:
        assert not _refusals(model, name, value) & passed, value
    assert _refusals(model, name, beyond) & passed


def _refusals(model: type[Model], name: str, value: Any) -> set[str]:
    """What is wrong with that field, whatever else is missing."""
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        return {
            each["type"] for each in error.errors() if each["loc"][:1] == (name,) and len(each["loc"]) <= 2
        }
    return set()
