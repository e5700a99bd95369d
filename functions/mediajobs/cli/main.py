"""`mediajobs`: every command, and what all of them have in common."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mediajobs.cli import admin, bundle, context, job, tool, worker
from mediajobs.cli.context import Context
from mediajobs.cli.profile import Profile, Profiles
from mediajobs.client import CallRefused, Client
from mediajobs.client import call as calls
from mediajobs.errors import MediajobsError

#: Exit codes beside those of a job's outcome (0, 1, 3); a wrong command line is 2.
REFUSED, AWAY = 4, 5

app = typer.Typer(
    help="Media jobs: submit, follow, and run the service.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for commands in (job.commands, tool.commands, worker.commands):
    app.add_typer(commands)
app.add_typer(bundle.commands, name="bundle")
app.add_typer(admin.commands, name="admin")


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
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Read the choices that every command has."""

    def chosen() -> Profile:
        return _profiles().choose(profile, url=url, api_key=api_key, organization=organization)

    # Wide where nobody looks, so that a line stays a line.
    width = None if sys.stdout.isatty() else 200
    ctx.obj = Context(chosen, as_json, Console(width=width), Console(stderr=True))


@app.command()
def login(
    ctx: typer.Context,
    url: Annotated[str, typer.Option(prompt=True, help="such as https://api.example.com")],
    api_key: Annotated[str, typer.Option(prompt=True, hide_input=True, help="asked for if it is not given")],
    organization: Annotated[str | None, typer.Option(help="its id, if you are in several")] = None,
    name: Annotated[str, typer.Option(help="what to call it")] = "default",
) -> None:
    """Try a key and keep it in a file that only you can read."""
    asked = context.of(ctx)
    with Client(url, api_key, organization=organization) as client:
        found = client.send(calls.organizations())["organizations"]
    _profiles().save(name, Profile(url, api_key, organization))
    asked.out.print(f"logged in to {', '.join(each['name'] for each in found)}", markup=False)


def main() -> None:
    """Run a command; its errors are a line on standard error and an exit code."""
    try:
        app()
    except MediajobsError as error:
        Console(stderr=True).print(
            f"mediajobs: {error}", style="red", markup=False, highlight=False, soft_wrap=True
        )
        sys.exit(REFUSED if isinstance(error, CallRefused) else AWAY)
    except KeyboardInterrupt:
        sys.exit(130)
