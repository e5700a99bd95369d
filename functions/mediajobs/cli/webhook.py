"""`mediajobs webhooks`: who is told of the organization's jobs, and what came of it."""

from itertools import islice
from typing import Annotated, Any

import typer

from mediajobs.cli import context, show
from mediajobs.cli.context import Commands
from mediajobs.client import setup
from mediajobs.message import KINDS
from mediajobs.receiver import Format, take_apart
from mediajobs.store.delivery import State

commands = Commands(help="Who is told of the organization's jobs.", no_args_is_help=True)

WebhookId = Annotated[str, typer.Argument(help="the webhook's id", metavar="WEBHOOK")]
Url = Annotated[str | None, typer.Option(help="https://… or digest:https://user:password@…")]
Events = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        autocompletion=lambda incomplete: [each for each in KINDS if each.startswith(incomplete)],
        help="such as job.success; may be given again",
    ),
]
Enabled = Annotated[bool | None, typer.Option("--enabled/--disabled", help="whether it is told of anything")]
Description = Annotated[str | None, typer.Option(help="what it is for")]
Words = Annotated[Format | None, typer.Option("--format", help="whose words the messages about jobs are in")]
Headers = Annotated[
    list[str] | None, typer.Option("--header", help="'name: value', sent along; may be given again")
]
#: Of a webhook, what its owner may set.
_FIELDS = ("url", "events", "enabled", "description", "format", "credentials")


@commands.command("list")
def list_(ctx: typer.Context) -> None:
    """List the webhooks, the oldest first."""
    context.of(ctx).ask(
        setup.webhooks(),
        lambda rows: show.listing(rows, "id", "url", "enabled", "events", "description"),
        of="webhooks",
    )


@commands.command()
def get(ctx: typer.Context, webhook: WebhookId) -> None:
    """Show a webhook."""
    context.of(ctx).ask(setup.webhook(webhook), show.pairs)


@commands.command()
def create(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="https://… or digest:https://user:password@…")],
    events: Events = None,
    description: Description = None,
    words: Words = None,
    headers: Headers = None,
    enabled: Enabled = None,
) -> None:
    """Have a URL told of jobs, and print the secret that signs the messages, this once. Needs the role
    CONFIG."""
    asked = context.of(ctx)
    body = _given(url=url, events=events, description=description, format=words, enabled=enabled)
    with asked.client() as client:
        made = client.send(setup.create_webhook({**body, **_headers(headers)}))
    asked.say(made, show.pairs)
    asked.note("keep the secret: it is not shown again")


@commands.command()
def update(
    ctx: typer.Context,
    webhook: WebhookId,
    url: Url = None,
    events: Events = None,
    description: Description = None,
    words: Words = None,
    headers: Headers = None,
    enabled: Enabled = None,
    drop_credentials: Annotated[
        bool, typer.Option("--drop-credentials", help="keep no user, password, query or header of before")
    ] = False,
) -> None:
    """Change what is given, and leave the rest. Credentials stay with a URL of the same host, unless new ones
    are given. Needs the role CONFIG."""
    asked = context.of(ctx)
    changes = {
        **_given(url=url, events=events, description=description, format=words, enabled=enabled),
        **_headers(headers),
    }
    with asked.client() as client:
        known: Any = client.send(setup.webhook(webhook))
        body = {**{field: known[field] for field in _FIELDS}, **changes}
        if drop_credentials or "headers" in changes or (url and _has_secrets(url)):
            body["credentials"] = None
        asked.say(client.send(setup.put_webhook(webhook, body)), show.pairs)


@commands.command()
def delete(ctx: typer.Context, webhook: WebhookId) -> None:
    """Tell a URL nothing any more, not even what it is still owed. Needs the role CONFIG."""
    context.of(ctx).ask(setup.delete_webhook(webhook), lambda _: "deleted")


@commands.command()
def rotate(
    ctx: typer.Context,
    webhook: WebhookId,
    overlap: Annotated[
        int | None, typer.Option(min=0, help="seconds for which the old secret signs too; else a day")
    ] = None,
) -> None:
    """Give a webhook a new secret, and print it, this once. Needs the role CONFIG."""
    asked = context.of(ctx)
    with asked.client() as client:
        made = client.send(setup.rotate_webhook(webhook, overlap))
    asked.say(made, show.pairs)
    asked.note("keep the secret: it is not shown again")


@commands.command()
def ping(ctx: typer.Context, webhook: WebhookId) -> None:
    """Send a message that tells of nothing; `deliveries` says what comes of it. Needs the role CONFIG."""
    context.of(ctx).ask(setup.ping_webhook(webhook), show.pairs)


@commands.command()
def deliveries(
    ctx: typer.Context,
    webhook: WebhookId,
    status: Annotated[
        list[State] | None, typer.Option(case_sensitive=False, help="only those; Parked ones are given up")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="only messages of this type, such as job.failed")
    ] = None,
    job: Annotated[str | None, typer.Option(help="only of this job, by its id")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many at the most")] = 50,
) -> None:
    """List what a webhook was told, or could not be told, the latest first."""
    asked = context.of(ctx)
    with asked.client() as client:
        found = (
            each
            for each in client.deliveries(webhook)
            if (not status or each["status"] in status)
            and (kind is None or each["type"] == kind)
            and (job is None or each["job_id"] == job)
        )
        rows = list(islice(found, limit))
    asked.say(rows, show.deliveries)


@commands.command()
def redeliver(
    ctx: typer.Context,
    webhook: WebhookId,
    delivery: Annotated[str, typer.Argument(help="the delivery's id", metavar="DELIVERY")],
) -> None:
    """Try a delivery again from the first try on. Needs the role CONFIG."""
    context.of(ctx).ask(setup.redeliver(webhook, delivery), show.pairs)


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _headers(lines: list[str] | None) -> dict[str, Any]:
    headers = {}
    for line in lines or ():
        name, colon, value = line.partition(":")
        if not colon:
            raise typer.BadParameter(f"{name!r} is not 'name: value'", param_hint="--header")
        headers[name.strip()] = value.strip()
    return {"headers": headers} if headers else {}


def _has_secrets(url: str) -> bool:
    try:
        return bool(take_apart(url).secrets)
    except ValueError:
        # The service says what is wrong with it.
        return False
