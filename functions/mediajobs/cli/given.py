"""What a command is given: a file, standard input, or what is typed unseen."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

#: Where a file is wanted.
STDIN = "-"


def text(file: str) -> str:
    """What a file says, or standard input. Raises BadParameter."""
    try:
        return sys.stdin.read() if file == STDIN else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{file} is not JSON: it is no text") from None


def json_object(file: str) -> dict[str, Any]:
    """A JSON object of a file, or of standard input. Raises BadParameter."""
    try:
        value = json.loads(text(file))
    except ValueError as error:
        raise typer.BadParameter(f"{file} is not JSON: {error}") from None
    if not isinstance(value, Mapping):
        raise typer.BadParameter(f"{file} is not a JSON object")
    return dict(value)


def hidden(what: str, *, twice: bool = False) -> str:
    """What is typed at a terminal and not shown there, or standard input without its last line break. Raises
    BadParameter if that is nothing."""
    if sys.stdin.isatty():
        try:
            given = str(typer.prompt(what, hide_input=True, confirmation_prompt=twice))
        except typer.Abort:
            given = ""
    else:
        given = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    if not given:
        raise typer.BadParameter(f"{what}: nothing was given")
    return given
