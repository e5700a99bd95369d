"""Jobs, tasks and the rest as a terminal shows them."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

_COLOURS = {
    "Pending": "yellow",
    "Running": "cyan",
    "Success": "green",
    "Cancelled": "magenta",
    "Failed": "red",
    "Skipped": "dim",
}


def status(word: str) -> Text:
    """A status in its colour."""
    return Text(word, style=_COLOURS.get(word, ""))


def jobs(rows: Iterable[Mapping[str, Any]]) -> RenderableType:
    """A list of jobs."""
    table = _table("id", "status", "submitted", "duration", "region", "tools", "tags")
    for row in rows:
        table.add_row(
            row["id"],
            status(row["status"]),
            row["submitted"],
            _seconds(row["duration"]),
            row["region"],
            ", ".join(row["tools"]),
            escape(", ".join(row["tags"])),
        )
    return table


def job(one: Mapping[str, Any]) -> RenderableType:
    """A job with its tasks, progress bars and what it has made."""
    head = Text.assemble(
        (one["id"], "bold"), "  ", status(one["status"]), f"  {one['progress']} %  attempt {one['attempt']}  "
    )
    head.append(f"{one['region']}  submitted {one['submitted']}  {_seconds(one['duration'])}")
    lines: list[RenderableType] = [head]
    if one["queue_position"] is not None:
        lines.append(Text(f"{one['queue_position']} before it in the queue", style="dim"))
    if one["error"]:
        lines.append(Text(f"{one['error']['code']}: {one['error']['message']}", style="red"))
    lines.append(tasks(one["tasks"]))
    lines += [
        Text(f"{file['name']}  {file['size']:,} bytes  {file.get('url', '')}", no_wrap=False)
        for task in one["tasks"]
        for file in task["files"]
    ]
    return Group(*lines)


def tasks(rows: Iterable[Mapping[str, Any]]) -> RenderableType:
    """The tasks of a job, a bar each."""
    table = _table("", "tool", "status", "progress", "", "error")
    for row in rows:
        error = row["error"]
        table.add_row(
            str(row["index"]),
            row["tool"],
            status(row["status"]),
            ProgressBar(total=100, completed=row["progress"], width=30),
            f"{row['progress']} %",
            escape(f"{error['code']}: {error['message']}") if error else "",
        )
    return table


def pairs(value: Mapping[str, Any]) -> RenderableType:
    """Names and values."""
    table = _table("", "")
    table.show_header = False
    for name, part in value.items():
        table.add_row(name, escape(str(part)))
    return table


def listing(rows: Iterable[Mapping[str, Any]], *columns: str) -> RenderableType:
    """Some columns of rows."""
    table = _table(*columns)
    for row in rows:
        table.add_row(*(escape(str(row[name])) for name in columns))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"
