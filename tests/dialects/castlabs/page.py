"""The vendor's page, and what answers are held against."""

import json
import re
from pathlib import Path
from typing import Any

PAGE = (Path(__file__).parent / "page.txt").read_text()
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def kinds(value: Any) -> Any:
    """The fields of an answer, in order, with the types of their values."""
    if isinstance(value, dict):
        return [(name, kinds(part)) for name, part in value.items()]
    if isinstance(value, list):
        return [kinds(part) for part in value]
    return type(value)


def shown(beginning: str) -> Any:
    """A JSON answer of the page that begins so, with `{...}` for an object and `...` for more of the same."""
    text = PAGE[PAGE.index(beginning) :].replace("{...}", "{}").replace(",\n...", "")
    return json.JSONDecoder().raw_decode(text)[0]
