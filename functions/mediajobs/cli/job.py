"""`mediajobs submit`, `list`, `get`, `watch`, `logs` and what else is done with jobs."""

import json
import sys
import time
from collections.abc import Iterator
from enum import IntEnum
from typing import Annotated, Any

import typer
from rich.live import Live

from mediajobs import answer
from mediajobs.cli import context, given, show
from mediajobs.cli.context import Commands, Context
from mediajobs.client import CallRefused, Client
from mediajobs.client import call as calls
from mediajobs.client.call import Call
from mediajobs.client.session import has_ended
from mediajobs.job import Status

commands = Commands()

#: Seconds between two reads of a log that is followed: each is one of 20 a minute.
_LOG_PAUSE = 4.0
#: A log that may not be read for longer than so many seconds is not waited for: it is the limit of the day.
_LONGEST_PAUSE = 120.0
#: As a shell says it of a program that was ended by Ctrl-C.
_INTERRUPTED = 130

JobId = Annotated[str, typer.Argument(help="the job's id", metavar="JOB")]
Wait = Annotated[
    bool, typer.Option("--wait", "-w", help="follow it to its end; the exit code tells how it ended")
]


class Exit(IntEnum):
    """How a job ended, as an exit code."""

    SUCCESS = 0
    FAILED = 1
    CANCELLED = 3


@commands.command()
def submit(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(help="the job as JSON; `-`, or nothing in a pipe, reads standard input")
    ] = "",
    template: Annotated[
        str, typer.Option(help="a template, `name` or `name@version`, instead of a file")
    ] = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", help="of the template: name=value, the value as JSON"),
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="check everything and show the plan; start nothing")] = False,
    idempotency_key: Annotated[str | None, typer.Option(help="the same key makes no second job")] = None,
    wait: Wait = False,
) -> None:
    """Submit a job."""
    asked = context.of(ctx)
    spec = _of_template(template, parameter or []) if template else _of_file(file)
    with asked.client() as client:
        if dry_run:
            asked.say(client.plan(spec), show.pairs)
            return
        _finish(asked, client, client.submit(spec, idempotency_key=idempotency_key), wait=wait)


@commands.command("list")
def list_(
    ctx: typer.Context,
    status: Annotated[
        list[Status] | None, typer.Option(case_sensitive=False, help="one of these statuses")
    ] = None,
    tag: Annotated[str | None, typer.Option(help="one of its tags")] = None,
    tool: Annotated[str | None, typer.Option(help="a tool of one of its tasks")] = None,
    region: Annotated[str | None, typer.Option(help="where it runs")] = None,
    bundle: Annotated[str | None, typer.Option(help="the bundle's id")] = None,
    after: Annotated[str | None, typer.Option(help="submitted at this time (RFC 3339) or later")] = None,
    before: Annotated[str | None, typer.Option(help="submitted at this time or earlier")] = None,
    in_progress: Annotated[bool, typer.Option(help="running, or ended within 15 minutes")] = False,
    sort: Annotated[str | None, typer.Option(help="a field that the list shows")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many at the most")] = 50,
) -> None:
    """List jobs, the newest first."""
    asked = context.of(ctx)
    filters = {
        "status": status,
        "tag": tag,
        "tool": tool,
        "region": region,
        "bundle_id": bundle,
        "submitted_after": after,
        "submitted_before": before,
        "in_progress": in_progress or None,
        "sort": sort,
        "limit": min(limit, 100),
    }
    with asked.client() as client:
        found = [row for row, _ in zip(client.jobs(**filters), range(limit), strict=False)]
    asked.say(found, show.jobs)


@commands.command()
def get(ctx: typer.Context, job: JobId) -> None:
    """Show a job, its tasks and what it has made."""
    asked = context.of(ctx)
    with asked.client() as client:
        asked.say(client.job(job), show.job)


@commands.command()
def watch(ctx: typer.Context, job: JobId) -> None:
    """Follow a job to its end; the exit code tells how it ended."""
    asked = context.of(ctx)
    with asked.client() as client:
        _follow(asked, client, job)


@commands.command()
def logs(
    ctx: typer.Context,
    job: JobId,
    task: Annotated[int, typer.Argument(min=0, help="the task's index, from 0")] = 0,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on until the task has ended")] = False,
) -> None:
    """Show what a task has said."""
    asked = context.of(ctx)
    with asked.client() as client:
        for line in _lines(asked, client, job, task, follow=follow):
            asked.say_line(line, f"{line['timestamp']} {line['level']:<5} {line['message']}")


@commands.command()
def events(ctx: typer.Context, job: JobId) -> None:
    """Show a job's history."""
    asked = context.of(ctx)
    columns = ("sequence", "time", "attempt", "status", "task", "task_status", "by", "reason")
    with asked.client() as client:
        asked.say(list(client.events(job)), lambda rows: show.listing(rows, *columns))


@commands.command()
def deliveries(ctx: typer.Context, job: JobId) -> None:
    """Show what a job's own receivers were told, or could not be told."""
    asked = context.of(ctx)
    with asked.client() as client:
        asked.say(list(client.job_deliveries(job)), show.deliveries)


@commands.command()
def cancel(ctx: typer.Context, job: JobId) -> None:
    """End a pending or running job."""
    asked = context.of(ctx)
    with asked.client() as client:
        asked.say(client.cancel(job), show.job)


@commands.command()
def restart(
    ctx: typer.Context,
    job: JobId,
    from_failed: Annotated[bool, typer.Option(help="go on at the first task that did not succeed")] = False,
    wait: Wait = False,
) -> None:
    """Run a job that has ended again, under its own id."""
    asked = context.of(ctx)
    with asked.client() as client:
        _finish(asked, client, client.restart(job, from_failed=from_failed), wait=wait)


@commands.command()
def resubmit(
    ctx: typer.Context,
    job: JobId,
    patch: Annotated[
        str | None, typer.Option(help="a file with a JSON merge patch to its spec; `-` is stdin")
    ] = None,
    wait: Wait = False,
) -> None:
    """Make a new job from the spec of another one."""
    asked = context.of(ctx)
    with asked.client() as client:
        made = client.resubmit(job, None if patch is None else given.json_object(patch))
        _finish(asked, client, made, wait=wait)


@commands.command()
def metrics(
    ctx: typer.Context,
    job: Annotated[str | None, typer.Argument(help="a job; without one, the organization's months")] = None,
    tag: Annotated[str | None, typer.Option(help="the months of a tag")] = None,
) -> None:
    """Show what a job, or the organization by month, has consumed."""
    asked = context.of(ctx)
    with asked.client() as client:
        if job is not None:
            asked.say(client.metrics(job), show.pairs)
            return
        columns = ("month", "jobs", "succeeded", "failed", "cus", "video_minutes_out", "gb_out", "cost_usd")
        months = client.send(calls.months({"tag": tag}))["months"]
        asked.say(months, lambda rows: show.listing(rows, *columns))


def _finish(asked: Context, client: Client, made: answer.Job, *, wait: bool) -> None:
    """Show a job that was just made, or follow it to its end."""
    if wait:
        asked.note(f"job {made['id']}")
        _follow(asked, client, made["id"])
    elif asked.as_json:
        asked.say(made, show.job)
    else:
        # By itself, so that a script can take it.
        asked.say_line(made, made["id"])


def _follow(asked: Context, client: Client, job_id: str) -> None:
    """Show a job until it has ended, live on a terminal, and exit by its outcome."""
    try:
        last = _shown(asked, client, job_id)
    except KeyboardInterrupt:
        asked.note(f"the job goes on; `mediajobs cancel {job_id}` ends it")
        raise typer.Exit(_INTERRUPTED) from None
    raise typer.Exit(Exit[last["status"].upper()])


def _shown(asked: Context, client: Client, job_id: str) -> answer.Job:
    """The job at its end, after it was shown at each change."""
    last: answer.Job | None = None
    if asked.as_json or not asked.out.is_terminal:
        for last in client.watch(job_id):
            task = next((each for each in last["tasks"] if each["status"] == "Running"), None)
            at = f"  {task['tool']} {task['progress']} %" if task else ""
            asked.say_line(last, f"{last['status']} {last['progress']} %{at}")
    else:
        with Live(console=asked.out, refresh_per_second=4) as live:
            for last in client.watch(job_id):
                live.update(show.job(last))
    if last is None:
        raise LookupError("a job that is watched is seen")
    return last


def _lines(
    asked: Context, client: Client, job_id: str, task: int, *, follow: bool
) -> Iterator[answer.LogLine]:
    """A task's log so far, or while it grows."""
    token: str | None = None
    while True:
        done = not follow or _is_done(client.job(job_id), task)
        page = _page(asked, client, calls.logs(job_id, task, token))
        yield from page["logs"]
        if done and (not page["logs"] or page["next_token"] is None):
            return
        token = page["next_token"] or token
        if follow:
            time.sleep(_LOG_PAUSE)


def _page(asked: Context, client: Client, call: Call[answer.LogPage]) -> answer.LogPage:
    """A page of a log, as soon as the key may read it."""
    while True:
        try:
            return client.send(call)
        except CallRefused as error:
            pause = error.retry_after or _LOG_PAUSE
            if error.status != 429 or pause > _LONGEST_PAUSE:
                raise
            asked.note(f"logs may be read 20 times a minute: going on in {pause:g} s")
            time.sleep(pause)


def _is_done(job: answer.Job, task: int) -> bool:
    """Whether a task will say no more."""
    if task >= len(job["tasks"]):
        raise typer.BadParameter(f"the job has {len(job['tasks'])} tasks, from 0 on", param_hint="TASK")
    return has_ended(job) or job["tasks"][task]["status"] not in ("Pending", "Running")


def _of_template(name: str, parameters: list[str]) -> dict[str, Any]:
    values = {}
    for each in parameters:
        key, equals, text = each.partition("=")
        if not equals:
            raise typer.BadParameter(f"{each!r} is not name=value", param_hint="--parameter")
        try:
            values[key] = json.loads(text)
        except ValueError:
            values[key] = text
    return {"template": name, "parameters": values}


def _of_file(file: str) -> dict[str, Any]:
    if not file and sys.stdin.isatty():
        raise typer.BadParameter("a file with the job as JSON, `-` to type it here, or --template")
    return given.json_object(file or given.STDIN)
