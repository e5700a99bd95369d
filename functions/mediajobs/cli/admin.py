"""`mediajobs admin`: running a deployment, under one's own AWS credentials instead of an API key."""

from typing import Annotated

import typer

from mediajobs.cli import context
from mediajobs.redrive import Kept, redrive

commands = typer.Typer(help="Run a deployment, under your AWS credentials.", no_args_is_help=True)

Stage = Annotated[str, typer.Option(help="the deployment's stage, such as prod")]
Region = Annotated[str, typer.Option(help="the home region, or the queue's own")]


@commands.command("redrive")
def redrive_(
    ctx: typer.Context,
    queue: Annotated[Kept, typer.Argument(help="the dead-letter queue")],
    stage: Stage,
    region: Region,
    home_region: Annotated[
        str | None, typer.Option(help="where the events of uploads-failed go, if it is another region")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show what lies there, and why")] = False,
) -> None:
    """Send what lies in a dead-letter queue where it could not be handled, and show each with its reason."""
    asked = context.of(ctx)
    count = 0
    for message in redrive(queue, stage, region, home_region or region, dry_run=dry_run):
        count += 1
        asked.say_line(message, f"{message['id']}  {message['reason'] or 'no reason given'}")
    if not asked.as_json:
        asked.err.print(f"{count} {'found' if dry_run else 'sent again'}")
