"""What every command knows: whom to ask, and how to say the answer."""

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from mediajobs.cli.profile import Profile
from mediajobs.cli.show import said
from mediajobs.client import Client
from mediajobs.client.call import Call

F = TypeVar("F", bound=Callable[..., Any])

#: As a shell says it of a program that was ended by SIGPIPE.
CLOSED = 141

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


class Out(Console):
    """Standard output; whoever reads it may have seen enough."""

    def on_broken_pipe(self) -> None:
        """End without a word, and by a code that is no job's outcome."""
        try:
            super().on_broken_pipe()
        except SystemExit:
            raise SystemExit(CLOSED) from None


@dataclass(frozen=True)
class Context:
    """The choices of one invocation."""

    profile: Callable[[], Profile]
    profile_name: str
    as_json: bool
    out: Console
    err: Console

    def client(self) -> Client:
        """A client for the chosen profile. Raises ProfileMissing."""
        chosen = self.profile()
        return Client(chosen.url, chosen.api_key, organization=chosen.organization)

    def ask(self, call: Call[Any], show: Callable[[Any], Any], *, of: str | None = None) -> None:
        """Send a call, and print its answer, or what stands in it `of` a name."""
        with self.client() as client:
            answer = client.send(call)
        self.say(answer if of is None else answer[of], show)

    def say(self, value: Any, show: Callable[[Any], Any]) -> None:
        """Print a value: as JSON if that is wanted, else as `show` makes it."""
        if not self.as_json:
            self.out.print(show(value))
        elif self.out.is_terminal:
            self.out.print_json(json.dumps(value))
        else:
            self.out.out(json.dumps(value), highlight=False)

    def say_line(self, value: Any, text: str) -> None:
        """Print one of many: a line of JSON, or a line of text, as it is."""
        self.out.print(said(json.dumps(value) if self.as_json else text), highlight=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """Say what is no answer, beside it."""
        self.err.print(said(text), highlight=False, soft_wrap=True)


class Commands(typer.Typer):
    """Commands that all take `--json`, before their name and behind it."""

    def command(self, name: str | None = None, **more: Any) -> Callable[[F], F]:
        register = super().command(name, **more)

        def add(function: F) -> F:
            register(_with_json(function))
            return function

        return add


def of(context: typer.Context) -> Context:
    """The context of a command."""
    found = context.find_object(Context)
    if found is None:
        raise LookupError("the command has no context")
    return found


def _with_json(function: Callable[..., Any]) -> Callable[..., Any]:
    """The command with one option more. Typer reads a function's parameters to know the options."""

    @wraps(function)
    def run(ctx: typer.Context, as_json: bool, **values: Any) -> Any:
        if as_json:
            ctx.obj = replace(of(ctx), as_json=True)
        return function(ctx, **values)

    known = inspect.signature(function)
    option = inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=AsJson)
    run.__signature__ = known.replace(parameters=[*known.parameters.values(), option])  # type: ignore[attr-defined]
    run.__annotations__ = {**function.__annotations__, "as_json": AsJson}
    return run
