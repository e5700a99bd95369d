"""JSON Schemas of what calls take and answer, as the components of an OpenAPI document."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter

from mediajobs.tools import catalog
from mediajobs.tools.tool import Model

PLACE = "#/components/schemas/"
_REFERENCE = PLACE + "{model}"


class NameTaken(Exception):
    """Two different types bear the same name."""


class Components:
    """Schemas by name; `of_answer` and `of_body` put a type in, with all that it refers to."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}

    def of_answer(self, kind: Any) -> dict[str, Any]:
        """A reference to a type of `mediajobs.answer`: nothing is missing in an answer, and nothing else is
        in it."""
        schema = TypeAdapter(kind).json_schema(mode="serialization", ref_template=_REFERENCE)
        schema = _closed(schema)
        return self._put(kind.__name__, schema) if "properties" in schema else schema

    def of_body(self, model: type[Model]) -> dict[str, Any]:
        """A reference to a model of a request."""
        return self._put(model.__name__, model.model_json_schema(ref_template=_REFERENCE))

    def describe_tasks(self, name: str) -> None:
        """Let the task schema of that name say for each tool which parameters it takes."""
        task = self.schemas[name]
        choices = {}
        for tool in catalog.names():
            made = _words(tool) + name
            choices[tool] = self._put(made, self._task(tool, task))["$ref"]
        self.schemas[name] = {
            "description": task["description"],
            "oneOf": [{"$ref": place} for place in choices.values()],
            "discriminator": {"propertyName": "tool", "mapping": choices},
        }

    def _task(self, name: str, task: Mapping[str, Any]) -> dict[str, Any]:
        tool = catalog.find(name)
        if tool is None:
            raise LookupError(name)
        prefix = _words(name)
        parameters = tool.Parameters.model_json_schema(ref_template=f"{PLACE}{prefix}{{model}}")
        for inner, schema in parameters.pop("$defs", {}).items():
            self._put(prefix + inner, schema)
        placed = self._put(prefix + "Parameters", parameters)
        is_needed = bool(parameters.get("required"))
        return {
            **task,
            "title": name,
            "description": catalog.describe(name)["description"],
            "properties": {
                **task["properties"],
                "tool": {"const": name, "type": "string"},
                "parameters": placed,
            },
            "required": [*task["required"], *(["parameters"] if is_needed else [])],
        }

    def _put(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        schema = dict(schema)
        for inner, each in schema.pop("$defs", {}).items():
            self._put(inner, each)
        if self.schemas.setdefault(name, schema) != schema:
            raise NameTaken(name)
        return {"$ref": PLACE + name}


def references(part: Any) -> Iterable[str]:
    """The names of the components that a part of a document refers to."""
    match part:
        case {"$ref": str(place)}:
            yield place.removeprefix(PLACE)
        case dict():
            for each in part.values():
                yield from references(each)
        case list():
            for each in part:
                yield from references(each)


def _closed(schema: Any) -> Any:
    """The schema, with no field let in that it does not name."""
    match schema:
        case {"properties": dict(properties), **rest}:
            return {
                **{name: _closed(each) for name, each in rest.items()},
                "properties": {name: _closed(each) for name, each in properties.items()},
                "additionalProperties": False,
            }
        case dict():
            return {name: _closed(each) for name, each in schema.items()}
        case list():
            return [_closed(each) for each in schema]
    return schema


def _words(tool: str) -> str:
    """`media:probe` → `MediaProbe`."""
    return "".join(word.title() for word in tool.replace("_", ":").split(":"))
