"""`mediajobs keys`: who may do what in the organization."""

from typing import Annotated

import typer

from mediajobs.cli import context, show
from mediajobs.cli.context import Commands
from mediajobs.client import setup
from mediajobs.organization import Role

commands = Commands(help="API keys; they need the role ADMIN.", no_args_is_help=True)

KeyId = Annotated[str, typer.Argument(help="the key's id", metavar="KEY")]


@commands.command("list")
def list_(ctx: typer.Context) -> None:
    """List the keys, those that were revoked too."""
    asked = context.of(ctx)
    with asked.client() as client:
        found = list(client.keys())
    asked.say(
        found,
        lambda rows: show.listing(rows, "id", "prefix", "user", "role", "created", "expires", "revoked"),
    )


@commands.command()
def create(
    ctx: typer.Context,
    user: Annotated[str, typer.Argument(help="whose it is, such as an e-mail address")],
    role: Annotated[Role, typer.Argument(case_sensitive=False, help="what it may do")],
    expires: Annotated[str | None, typer.Option(help="when (RFC 3339); else never")] = None,
    invitation: Annotated[
        bool, typer.Option("--invitation", help="for a user who has a key of another organization")
    ] = False,
) -> None:
    """Make a key or an invitation, and print it, this once."""
    asked = context.of(ctx)
    body = {"user": user, "role": role, "expires": expires, "invitation": invitation}
    with asked.client() as client:
        made = client.send(setup.create_key(body))
    asked.say(made, show.pairs)
    asked.note("keep the key: it is not shown again")


@commands.command()
def rotate(
    ctx: typer.Context,
    key: KeyId,
    overlap: Annotated[
        int | None, typer.Option(min=0, help="seconds for which the old key is valid too; else a day")
    ] = None,
) -> None:
    """Make a key that takes another one's place, and print it, this once."""
    asked = context.of(ctx)
    with asked.client() as client:
        made = client.send(setup.rotate_key(key, overlap))
    asked.say(made, show.pairs)
    asked.note("keep the key: it is not shown again")


@commands.command()
def revoke(ctx: typer.Context, key: KeyId) -> None:
    """Let a key do nothing in the organization any more, within a minute."""
    context.of(ctx).ask(setup.revoke_key(key), lambda _: "revoked")
