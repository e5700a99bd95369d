"""`mediajobs tools` and `validate`: what jobs can be made of, and whether one is right."""

import json
from typing import Annotated, Any

import typer
from rich.json import JSON

from mediajobs import spec
from mediajobs.cli import context, given, show
from mediajobs.cli.context import Commands
from mediajobs.client import call as calls
from mediajobs.errors import FieldError, InvalidRequest

commands = Commands()


@commands.command()
def tools(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="one tool, with the JSON Schema of its parameters")
    ] = None,
) -> None:
    """List the tools of the service."""
    asked = context.of(ctx)
    with asked.client() as client:
        found = client.send(calls.tools())["tools"]
    if name is None:
        asked.say(found, lambda rows: show.listing(rows, "name", "description"))
        return
    one = next((each for each in found if each["name"] == name), None)
    if one is None:
        raise typer.BadParameter(f"there is no tool {name!r}; `mediajobs tools` lists them")
    asked.say(one, JSON.from_data)


@commands.command()
def validate(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="the job as JSON; `-` reads standard input")] = "-",
) -> None:
    """Check a job's JSON file against the tools' schemas, without calling the service."""
    asked = context.of(ctx)
    bad = _faults(given.text(file))
    rows = [{"pointer": each.pointer, "detail": each.detail} for each in bad]
    asked.say(rows, lambda found: show.listing(found, "pointer", "detail") if found else "The job is right.")
    if bad:
        raise typer.Exit(1)


def _faults(text: str) -> list[FieldError]:
    """The fields that break a rule."""
    try:
        body: Any = json.loads(text)
        spec.check(spec.parse(body), lambda _: "0")
    except json.JSONDecodeError as error:
        return [FieldError("", f"not JSON: {error}")]
    except InvalidRequest as error:
        return list(error.fields)
    return []
