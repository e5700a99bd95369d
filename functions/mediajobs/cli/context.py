"""What every command knows: whom to ask, and how to say the answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import typer
from rich.console import Console

from mediajobs.cli.profile import Profile
from mediajobs.client import Client


@dataclass(frozen=True)
class Context:
    """The choices of one invocation."""

    profile: Callable[[], Profile]
    as_json: bool
    out: Console
    err: Console

    def client(self) -> Client:
        """A client for the chosen profile. Raises ProfileMissing."""
        chosen = self.profile()
        return Client(chosen.url, chosen.api_key, organization=chosen.organization)

    def say(self, value: Any, show: Callable[[Any], Any]) -> None:
        """Print a value: as JSON if that is wanted, else as `show` makes it."""
        if self.as_json:
            self.out.print_json(json.dumps(value)) if self.out.is_terminal else print(json.dumps(value))
        else:
            self.out.print(show(value))

    def say_line(self, value: Any, text: str) -> None:
        """Print one of many: a line of JSON, or a line of text, as it is."""
        if self.as_json:
            print(json.dumps(value), flush=True)
        else:
            self.out.print(text, markup=False, highlight=False, soft_wrap=True)


def of(context: typer.Context) -> Context:
    """The context of a command."""
    found = context.find_object(Context)
    if found is None:
        raise LookupError("the command has no context")
    return found
