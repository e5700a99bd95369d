"""Rows as Python dictionaries and as DynamoDB items."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Item = dict[str, dict[str, Any]]


def to_item(row: Mapping[str, Any]) -> Item:
    """A row as DynamoDB's wire format; absent and empty values are left out."""
    return {
        name: to_value(value) for name, value in row.items() if value is not None and value != frozenset()
    }


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The way back."""
    return {name: from_value(value) for name, value in item.items()}


def to_value(value: Any) -> dict[str, Any]:
    """One value in DynamoDB's wire format."""
    match value:
        case bool():
            return {"BOOL": value}
        case int() | float() | Decimal():
            return {"N": str(value)}
        case str():
            return {"S": str(value)}
        case bytes():
            return {"B": value}
        case None:
            return {"NULL": True}
        case set() | frozenset():
            return {"SS": sorted(value)}
        case Mapping():
            return {"M": {name: to_value(part) for name, part in value.items()}}
        case list() | tuple():
            return {"L": [to_value(part) for part in value]}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def from_value(value: Mapping[str, Any]) -> Any:
    """One value of DynamoDB's wire format."""
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return int(content) if content.lstrip("-").isdigit() else float(content)
        case "SS":
            return frozenset(content)
        case "NULL":
            return None
        case "M":
            return from_item(content)
        case "L":
            return [from_value(part) for part in content]
    return content
