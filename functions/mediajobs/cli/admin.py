"""`mediajobs admin`: running a deployment, under one's own AWS credentials instead of an API key."""

from dataclasses import asdict
from typing import Annotated

import typer

from mediajobs import deployment, drift
from mediajobs.bootstrap import bootstrap
from mediajobs.cli import context, show
from mediajobs.cli.context import Commands
from mediajobs.redrive import Kept, redrive
from mediajobs.settings import settings
from mediajobs.store import account, organization, pool
from mediajobs.store.pool import MAX_CAPACITY, MAX_PRIORITY, Pool
from mediajobs.timestamp import now, to_text

commands = Commands(help="Run a deployment, under your AWS credentials.", no_args_is_help=True)

Stage = Annotated[str, typer.Option(help="the deployment's stage, such as prod")]
Region = Annotated[str, typer.Option(help="the home region, or the queue's own")]
Home = Annotated[str, typer.Option("--region", help="the home region")]
Capacity = Annotated[int, typer.Option(min=0, max=MAX_CAPACITY, help="jobs that may run at once")]

#: Who did it, in the rows that say so.
_BY = "operator"


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


@commands.command()
def first_key(
    ctx: typer.Context,
    stage: Stage,
    region: Home,
    name: Annotated[str, typer.Option(help="what the first organization is called")],
    capacity: Capacity = 4,
    admin_user: Annotated[str, typer.Option(help="whose the key is")] = "admin",
) -> None:
    """Make the first organization, with a pool in each region, and print its ADMIN key: this once."""
    deployment.enter(stage, region)
    made = bootstrap(name, capacity, settings().regions, admin_user=admin_user)
    context.of(ctx).say(asdict(made), show.pairs)


@commands.command()
def organizations(ctx: typer.Context, stage: Stage, region: Home) -> None:
    """List the organizations, in the order of their creation."""
    deployment.enter(stage, region)
    found = [
        {
            "id": each.id,
            "number": each.number,
            "name": each.name,
            "created": to_text(each.created),
            "default_region": each.default_region,
            "admin_keys": len(each.admins),
        }
        for each in organization.every()
    ]
    context.of(ctx).say(found, lambda rows: show.listing(rows, "id", "number", "name", "created"))


@commands.command()
def create_organization(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="what it is called")],
    admin_user: Annotated[str, typer.Argument(help="whose its first ADMIN key is")],
    stage: Stage,
    region: Home,
) -> None:
    """Make an organization, without pools yet, and print its ADMIN key: this once."""
    deployment.enter(stage, region)
    made, key = account.create_organization(name, admin_user, at=now(), by=_BY)
    context.of(ctx).say({"organization_id": made.id, "api_key": key.text}, show.pairs)


@commands.command()
def pools(
    ctx: typer.Context,
    stage: Stage,
    region: Home,
    organization_id: Annotated[str | None, typer.Option("--organization", help="only of this id")] = None,
) -> None:
    """List the pools: how many jobs may run, and how many do."""
    deployment.enter(stage, region)
    ids = [organization_id] if organization_id else [each.id for each in organization.every()]
    found = [_shown(each) for each_id in ids for each in pool.in_regions(each_id, settings().regions)]
    context.of(ctx).say(
        found, lambda rows: show.listing(rows, "organization", "region", "capacity", "running")
    )


@commands.command("pool")
def set_pool(
    ctx: typer.Context,
    organization_id: Annotated[str, typer.Argument(metavar="ORGANIZATION", help="its id")],
    place: Annotated[str, typer.Argument(metavar="REGION", help="where the pool is, or is to be")],
    stage: Stage,
    region: Home,
    capacity: Capacity,
    max_priority: Annotated[
        int | None, typer.Option(min=0, max=MAX_PRIORITY, help="of submits by any but an ADMIN")
    ] = None,
) -> None:
    """Make a pool, or change it; jobs above a lowered capacity finish undisturbed."""
    deployment.enter(stage, region)
    if place not in settings().regions:
        raise typer.BadParameter(f"{stage} has no such region; it has: {', '.join(settings().regions)}")
    if organization.find(organization_id) is None:
        raise typer.BadParameter(f"there is no organization {organization_id}")
    changed = pool.set_capacity(organization_id, place, capacity, at=now(), by=_BY, max_priority=max_priority)
    context.of(ctx).say(_shown(changed), show.pairs)


@commands.command("drift")
def drift_(ctx: typer.Context, stage: Stage, region: Home) -> None:
    """Find jobs, slots and executions that disagree, and that nobody is about to look at; exits with 1 if
    there are any. It reads the row of every pending and running job."""
    deployment.enter(stage, region)
    asked = context.of(ctx)
    count = 0
    for found in (
        *(each for one in organization.every() for each in drift.of_organization(one.id)),
        *(each for place in settings().regions for each in drift.of_region(place)),
    ):
        count += 1
        asked.say_line(asdict(found), f"{found.organization} {found.job} {found.region}: {found.what}")
    if not asked.as_json:
        asked.err.print(f"{count} found")
    raise typer.Exit(1 if count else 0)


def _shown(each: Pool) -> dict[str, object]:
    return {
        "organization": each.organization,
        "region": each.region,
        "capacity": each.capacity,
        "running": len(each.holders),
        "max_priority": each.max_priority,
    }
