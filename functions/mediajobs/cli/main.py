"""`mediajobs`: every command, and what all of them have in common."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mediajobs.cli import (
    admin,
    bundle,
    context,
    given,
    job,
    key,
    organization,
    pool,
    secret,
    template,
    tool,
    trigger,
    webhook,
    worker,
)
from mediajobs.cli.context import AsJson, Commands, Context, Out
from mediajobs.cli.profile import Profile, Profiles
from mediajobs.cli.show import said
from mediajobs.client import CallRefused, Client
from mediajobs.client import call as calls
from mediajobs.errors import MediajobsError

#: Exit codes beside those of a job's outcome (0, 1, 3); a wrong command line is 2.
REFUSED, AWAY = 4, 5

app = Commands(
    help="Media jobs: submit, follow, and run the service.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for commands in (job.commands, tool.commands, worker.commands):
    app.add_typer(commands)
for name, group in {
    "bundle": bundle,
    "webhooks": webhook,
    "templates": template,
    "triggers": trigger,
    "secrets": secret,
    "pools": pool,
    "keys": key,
    "organizations": organization,
    "admin": admin,
}.items():
    app.add_typer(group.commands, name=name)


def _profiles() -> Profiles:
    return Profiles.of(Path(typer.get_app_dir("mediajobs")) / "profiles.json")


@app.callback()
def start(
    ctx: typer.Context,
    profile: Annotated[
        str, typer.Option(envvar="MEDIAJOBS_PROFILE", help="which deployment, by the name given at login")
    ] = "default",
    url: Annotated[str | None, typer.Option(envvar="MEDIAJOBS_URL", help="instead of the profile's")] = None,
    api_key: Annotated[
        str | None,
        typer.Option(envvar="MEDIAJOBS_API_KEY", help="instead of the profile's; better as a variable"),
    ] = None,
    organization: Annotated[
        str | None, typer.Option(envvar="MEDIAJOBS_ORGANIZATION", help="its id, if you are in several")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read the choices that every command has."""

    def chosen() -> Profile:
        return _profiles().choose(profile, url=url, api_key=api_key, organization=organization)

    # Wide where nobody looks, so that a line stays a line.
    width = None if sys.stdout.isatty() else 10_000
    ctx.obj = Context(chosen, profile, as_json, Out(width=width), Console(stderr=True))


@app.command()
def login(
    ctx: typer.Context,
    url: Annotated[str, typer.Option(prompt=True, help="such as https://api.example.com")],
    api_key: Annotated[
        str | None, typer.Option(help="asked for, or read in a pipe, if it is not given")
    ] = None,
    organization: Annotated[str | None, typer.Option(help="its id, if you are in several")] = None,
    name: Annotated[str | None, typer.Option(help="what to call it; else --profile's")] = None,
) -> None:
    """Try a key and keep it in a file that only you can read."""
    asked = context.of(ctx)
    secret = api_key or given.hidden("API key").strip()
    with Client(url, secret, organization=organization) as client:
        found = client.send(calls.organizations())["organizations"]
    _profiles().save(name or asked.profile_name, Profile(url, secret, organization))
    asked.say({"organizations": found}, lambda _: f"logged in to {', '.join(each['name'] for each in found)}")


def main() -> None:
    """Run a command; its errors are a line on standard error and an exit code."""
    try:
        app()
    except MediajobsError as error:
        Console(stderr=True).print(said(f"mediajobs: {error}", "red"), highlight=False, soft_wrap=True)
        sys.exit(REFUSED if isinstance(error, CallRefused) else AWAY)
    except KeyboardInterrupt:
        sys.exit(130)
