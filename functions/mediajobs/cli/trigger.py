"""`mediajobs triggers`: which events make a job of which template."""

from typing import Annotated

import typer

from mediajobs.cli import context, given, show
from mediajobs.cli.context import Commands
from mediajobs.client import setup

commands = Commands(help="Which events make a job of which template.", no_args_is_help=True)

TriggerId = Annotated[str, typer.Argument(help="the trigger's id", metavar="TRIGGER")]
File = Annotated[str, typer.Argument(help="the trigger as JSON; `-` reads standard input")]


@commands.command("list")
def list_(ctx: typer.Context) -> None:
    """List the triggers, the oldest first."""
    context.of(ctx).ask(
        setup.triggers(),
        lambda rows: show.listing(rows, "id", "name", "bucket", "prefix", "template", "enabled"),
        of="triggers",
    )


@commands.command()
def get(ctx: typer.Context, trigger: TriggerId) -> None:
    """Show a trigger."""
    context.of(ctx).ask(setup.trigger(trigger), show.pairs)


@commands.command()
def create(ctx: typer.Context, file: File = given.STDIN) -> None:
    """Have an event make jobs. Needs the role CONFIG."""
    asked = context.of(ctx)
    body = given.json_object(file)
    asked.ask(setup.create_trigger(body), show.pairs)


@commands.command()
def update(ctx: typer.Context, trigger: TriggerId, file: File = given.STDIN) -> None:
    """Put another one in a trigger's place; what the file leaves out takes its default. Needs the role
    CONFIG."""
    asked = context.of(ctx)
    body = given.json_object(file)
    asked.ask(setup.put_trigger(trigger, body), show.pairs)


@commands.command()
def delete(ctx: typer.Context, trigger: TriggerId) -> None:
    """Let a trigger make no more jobs. Needs the role CONFIG."""
    context.of(ctx).ask(setup.delete_trigger(trigger), lambda _: "deleted")
