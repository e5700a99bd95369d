"""`mediajobs pools`: how many jobs may run in each region, and how many do."""

from typing import Annotated

import typer

from mediajobs.cli import context, show
from mediajobs.cli.context import Commands
from mediajobs.client import call as calls
from mediajobs.store.pool import MAX_CAPACITY, MAX_PRIORITY

commands = Commands(help="How many jobs may run in each region.", no_args_is_help=True)

Region = Annotated[str, typer.Argument(help="where the pool is", metavar="REGION")]


@commands.command("list")
def list_(ctx: typer.Context) -> None:
    """List the pools."""
    context.of(ctx).ask(
        calls.pools(),
        lambda rows: show.listing(rows, "region", "capacity", "running", "max_priority"),
        of="pools",
    )


@commands.command()
def get(ctx: typer.Context, region: Region) -> None:
    """Show a pool, and how many jobs wait in it."""
    context.of(ctx).ask(calls.pool(region), show.pairs)


@commands.command("set")
def set_(
    ctx: typer.Context,
    region: Region,
    capacity: Annotated[int, typer.Option(min=0, max=MAX_CAPACITY, help="0 stops new jobs from starting")],
    max_priority: Annotated[
        int | None, typer.Option(min=0, max=MAX_PRIORITY, help="of submits by any but an ADMIN")
    ] = None,
) -> None:
    """Make a pool, or change it. Needs the role ADMIN."""
    context.of(ctx).ask(calls.set_pool(region, capacity, max_priority), show.pairs)
