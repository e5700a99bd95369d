"""`mediajobs bundle`: named groups of jobs."""

from typing import Annotated

import typer

from mediajobs.cli import context, show
from mediajobs.cli.context import Commands
from mediajobs.client import call as calls

commands = Commands(help="Named groups of jobs.", no_args_is_help=True)


@commands.command()
def create(ctx: typer.Context, name: Annotated[str, typer.Argument(help="what it is called")]) -> None:
    """Make a bundle; needs the role CONFIG."""
    context.of(ctx).ask(calls.create_bundle(name), show.pairs)


@commands.command("list")
def list_(
    ctx: typer.Context,
    search: Annotated[str | None, typer.Option(help="a part of the name, in any case")] = None,
) -> None:
    """List the bundles, the newest first."""
    asked = context.of(ctx)
    with asked.client() as client:
        found = list(client.bundles(search=search))
    asked.say(found, lambda rows: show.listing(rows, "id", "number", "name", "created"))


@commands.command()
def get(ctx: typer.Context, bundle: Annotated[str, typer.Argument(help="the bundle's id")]) -> None:
    """Show a bundle with the number of its jobs by status."""
    context.of(ctx).ask(calls.bundle(bundle), show.pairs)
