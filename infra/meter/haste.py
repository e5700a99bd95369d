"""Lets the emulator answer from a table of many rows in time.

It checks and parses the condition of a Query anew for every row, which takes it seconds for 20,000 rows. What
it answers stays the same.
"""

import functools
from typing import Any

_SLOT = "KeyConditionExpression"


def install() -> None:
    """Have the condition of a Query checked with its first row, and parsed once."""
    from ministack.services import dynamodb

    evaluate, parse = dynamodb._evaluate_condition, functools.lru_cache(dynamodb._tokenize)
    checked: tuple[Any, ...] = ()

    @functools.wraps(evaluate)
    def hasty(expression: str, item: Any, values: Any, names: Any, slot: str = "ConditionExpression") -> Any:
        nonlocal checked
        if slot != _SLOT or checked != (expression, id(values)):
            checked = (expression, id(values)) if slot == _SLOT else ()
            return evaluate(expression, item, values, names, slot)
        return dynamodb._ExprEval(parse(expression), item, values, names).evaluate()

    dynamodb._evaluate_condition = hasty
