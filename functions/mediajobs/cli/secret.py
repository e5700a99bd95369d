"""`mediajobs secrets`: what jobs name instead of saying it."""

from typing import Annotated

import typer

from mediajobs.cli import context, given, show
from mediajobs.cli.context import Commands
from mediajobs.client import setup

commands = Commands(help="Secrets that jobs can name.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="the secret's name", metavar="NAME")]


@commands.command("list")
def list_(ctx: typer.Context) -> None:
    """List the secrets by name; nothing shows their values."""
    context.of(ctx).ask(
        setup.secrets(),
        lambda rows: show.listing(rows, "name", "created", "updated", "updated_by"),
        of="secrets",
    )


@commands.command()
def put(ctx: typer.Context, name: Name) -> None:
    """Keep a secret: typed unseen, or read from standard input in a pipe. Needs the role CONFIG."""
    asked = context.of(ctx)
    value = given.hidden("Value", twice=True)
    asked.ask(setup.put_secret(name, value), show.pairs)


@commands.command()
def delete(ctx: typer.Context, name: Name) -> None:
    """Forget a secret; jobs that were submitted before keep it. Needs the role CONFIG."""
    context.of(ctx).ask(setup.delete_secret(name), lambda _: "deleted")
