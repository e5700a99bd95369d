"""`mediajobs templates`: jobs with placeholders, kept under a name."""

from typing import Annotated

import typer
from rich.json import JSON

from mediajobs.cli import context, given, show
from mediajobs.cli.context import Commands
from mediajobs.client import setup

commands = Commands(help="Jobs with placeholders, kept under a name.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="the template's name", metavar="NAME")]


@commands.command("list")
def list_(ctx: typer.Context) -> None:
    """List the templates by name."""
    asked = context.of(ctx)
    with asked.client() as client:
        found = list(client.templates())
    asked.say(found, lambda rows: show.listing(rows, "name", "version", "updated", "description"))


@commands.command()
def get(
    ctx: typer.Context,
    name: Name,
    version: Annotated[int, typer.Option(min=0, help="0 is the last one")] = 0,
) -> None:
    """Show a version of a template."""
    context.of(ctx).ask(setup.template(name, version), JSON.from_data)


@commands.command()
def put(
    ctx: typer.Context,
    name: Name,
    file: Annotated[str, typer.Argument(help="the template as JSON; `-` reads standard input")] = given.STDIN,
) -> None:
    """Keep a template as the next version of its name. Needs the role CONFIG."""
    asked = context.of(ctx)
    body = given.json_object(file)
    asked.ask(setup.put_template(name, body), lambda made: show.said(made["id"]))


@commands.command()
def delete(ctx: typer.Context, name: Name) -> None:
    """Let no job be made of a template any more. Needs the role CONFIG."""
    context.of(ctx).ask(setup.delete_template(name), lambda _: "deleted")
