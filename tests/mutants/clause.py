"""Condition expressions taken apart: what is left of one without each of its clauses."""

import re
from collections.abc import Iterator


def without_each(expression: str) -> Iterator[tuple[str, str]]:
    """The expression without each clause in turn, and that clause; empty if there is no other."""
    verb, parts = _split(expression)
    if verb is None:
        yield "", expression
        return
    for number, part in enumerate(parts):
        before, behind = parts[:number], parts[number + 1 :]
        inner, _ = _split(part)
        if inner is None:
            yield f" {verb} ".join([*before, *behind]), part
            continue
        for rest, gone in without_each(_bare(part)):
            yield f" {verb} ".join([*before, f"({rest})", *behind]), gone


def _split(expression: str) -> tuple[str | None, list[str]]:
    """The verb that holds the outermost clauses together, and the clauses."""
    bare = _bare(expression)
    for verb in ("OR", "AND"):
        parts, depth = [""], 0
        for token in re.findall(r"\s+|[()]|[^\s()]+", bare):
            depth += (token == "(") - (token == ")")
            if token == verb and not depth:
                parts.append("")
            else:
                parts[-1] += token
        if len(parts) > 1:
            return verb, [part.strip() for part in parts]
    return None, [bare]


def _bare(expression: str) -> str:
    """Without the brackets around all of it."""
    text = expression.strip()
    while text.startswith("(") and _end_of_first(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _end_of_first(text: str) -> int:
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return place
    raise ValueError(f"unbalanced: {text}")
