"""Patterns of events: the part of EventBridge's rules that triggers may use, checked and matched here."""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mediajobs.errors import FieldError

MAX_DEPTH = 8
MAX_VALUES = 100

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}
_RULES = "exists, prefix, suffix, equals-ignore-case, anything-but, numeric"
_Plain = (str, int, float, bool, type(None))


def faults(pattern: Any, pointer: str, depth: int = 0) -> Iterator[FieldError]:
    """What of a pattern is none that we match: an object of fields, each an object again or a list of values
    and rules, one of which has to fit."""
    if not isinstance(pattern, dict) or not pattern or depth >= MAX_DEPTH:
        yield FieldError(pointer, f"an object of at least one field, {MAX_DEPTH} deep at most")
        return
    for name, wanted in pattern.items():
        place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if isinstance(wanted, dict):
            yield from faults(wanted, place, depth + 1)
        elif not isinstance(wanted, list) or not 1 <= len(wanted) <= MAX_VALUES:
            yield FieldError(place, f"a list of 1 to {MAX_VALUES} values or rules, or an object")
        else:
            for index, value in enumerate(wanted):
                if not (_is_rule(value) if isinstance(value, dict) else isinstance(value, _Plain)):
                    yield FieldError(f"{place}/{index}", f"a value, or an object with one of: {_RULES}")


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Whether an event has, for each field of the pattern, a value that fits."""
    return all(_fits(wanted, event, name) for name, wanted in pattern.items())


def _fits(wanted: Any, event: Any, name: str) -> bool:
    if isinstance(event, list):
        return any(_fits(wanted, each, name) for each in event)
    is_there = isinstance(event, dict) and name in event
    found = event[name] if is_there else None
    if isinstance(wanted, dict):
        # What is not there may be just what is asked for.
        parts = found if isinstance(found, list) else [found if is_there else {}]
        return any(matches(wanted, part) for part in parts)
    values = (found if isinstance(found, list) else [found]) if is_there else []
    return any(_allows(rule, values, is_there) for rule in wanted)


def _allows(rule: Any, values: list[Any], is_there: bool) -> bool:
    if isinstance(rule, dict) and "exists" in rule:
        return is_there is rule["exists"]
    return any(_one(rule, value) for value in values)


def _one(rule: Any, value: Any) -> bool:
    if not isinstance(rule, dict):
        return _same(rule, value)
    ((kind, operand),) = rule.items()
    match kind:
        case "anything-but" if isinstance(operand, dict):
            return not _one(operand, value)
        case "anything-but":
            return not any(_same(each, value) for each in _listed(operand))
        case "numeric":
            return _is_number(value) and all(
                _COMPARE[sign](value, limit) for sign, limit in zip(operand[::2], operand[1::2], strict=True)
            )
        case _ if not isinstance(value, str):
            return False
        case "prefix":
            return value.startswith(operand)
        case "suffix":
            return value.endswith(operand)
        case _:
            return value.casefold() == str(operand).casefold()


def _is_rule(rule: dict[str, Any]) -> bool:
    if len(rule) != 1:
        return False
    ((kind, operand),) = rule.items()
    match kind:
        case "exists":
            return isinstance(operand, bool)
        case "prefix" | "suffix" | "equals-ignore-case":
            return isinstance(operand, str) and operand != ""
        case "anything-but" if isinstance(operand, dict):
            return operand.keys() <= {"prefix", "suffix"} and _is_rule(operand)
        case "anything-but":
            return 1 <= len(_listed(operand)) <= MAX_VALUES and all(
                isinstance(each, _Plain) for each in _listed(operand)
            )
        case "numeric":
            return (
                isinstance(operand, list)
                and len(operand) in (2, 4)
                and all(sign in _COMPARE for sign in operand[::2] if isinstance(sign, str))
                and all(isinstance(sign, str) for sign in operand[::2])
                and all(_is_number(limit) for limit in operand[1::2])
            )
    return False


def _listed(operand: Any) -> list[Any]:
    return operand if isinstance(operand, list) else [operand]


def _same(wanted: Any, value: Any) -> bool:
    """Equal as JSON is: true is not 1."""
    return wanted == value and isinstance(wanted, bool) is isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
