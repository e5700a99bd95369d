"""`mediajobs organizations`: those that one's key has a role in."""

from typing import Annotated

import typer

from mediajobs.cli import context, given, show
from mediajobs.cli.context import Commands
from mediajobs.client import call as calls
from mediajobs.client import setup

commands = Commands(help="Organizations that your key has a role in.", no_args_is_help=True)

OrganizationId = Annotated[str, typer.Argument(help="its id", metavar="ORGANIZATION")]


@commands.command("list")
def list_(ctx: typer.Context) -> None:
    """List the organizations, and your role in each."""
    context.of(ctx).ask(
        calls.organizations(),
        lambda rows: show.listing(rows, "id", "name", "role", "default_region", "created"),
        of="organizations",
    )


@commands.command()
def get(ctx: typer.Context, organization: OrganizationId) -> None:
    """Show an organization."""
    context.of(ctx).ask(setup.organization(organization), show.pairs)


@commands.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="what it is called")],
    admin_user: Annotated[str, typer.Argument(help="whose its first ADMIN key is")],
) -> None:
    """Make an organization, and print its ADMIN key, this once; only the deployment's first one may."""
    asked = context.of(ctx)
    with asked.client() as client:
        made = client.send(setup.create_organization(name, admin_user))
    asked.say(made, show.pairs)
    asked.note("keep the key: it is not shown again")


@commands.command()
def set_region(
    ctx: typer.Context,
    organization: OrganizationId,
    region: Annotated[
        str, typer.Argument(help="where its jobs run that name no region; none leaves it to the deployment")
    ] = "",
) -> None:
    """Choose the region of jobs that name none. Needs the role ADMIN."""
    context.of(ctx).ask(setup.put_organization(organization, region or None), show.pairs)


@commands.command()
def join(ctx: typer.Context) -> None:
    """Accept an invitation: typed unseen, or read from standard input in a pipe."""
    asked = context.of(ctx)
    invitation = given.hidden("Invitation").strip()
    asked.ask(setup.join(invitation), show.pairs)
