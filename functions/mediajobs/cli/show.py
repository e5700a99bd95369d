"""Jobs, tasks and the rest as a terminal shows them."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

_COLOURS = {
    "Pending": "yellow",
    "Running": "cyan",
    "Success": "green",
    "Delivered": "green",
    "Cancelled": "magenta",
    "Failed": "red",
    "Parked": "red",
    "Skipped": "dim",
}
#: What would move a terminal's cursor or ring its bell, and marks that turn the direction of writing.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def said(value: Any, style: str = "") -> Text:
    """What anybody may have written, as it is, but without power over the terminal."""
    return Text(_CONTROLS.sub("\ufffd", _plain(value)), style=style)


def status(word: str) -> Text:
    """A status in its colour."""
    return said(word, _COLOURS.get(word, ""))


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
            said(", ".join(row["tools"])),
            said(", ".join(row["tags"])),
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
        lines.append(said(f"{one['error']['code']}: {one['error']['message']}", "red"))
    lines.append(tasks(one["tasks"]))
    lines += [
        said(f"{file['name']}  {file['size']:,} bytes  {file.get('url', '')}")
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
            said(row["tool"]),
            status(row["status"]),
            ProgressBar(total=100, completed=row["progress"], width=30),
            f"{row['progress']} %",
            said(f"{error['code']}: {error['message']}" if error else ""),
        )
    return table


def deliveries(rows: Iterable[Mapping[str, Any]]) -> RenderableType:
    """Deliveries, and what came of the last try of each."""
    table = _table("id", "type", "status", "tries", "created", "next try", "url", "answer")
    for row in rows:
        last = row["last_try"] or {}
        table.add_row(
            row["id"],
            said(row["type"]),
            status(row["status"]),
            str(row["tries"]),
            row["created"],
            said(row["next_try"]),
            said(row["url"]),
            said(last.get("error") or last.get("status")),
        )
    return table


def pairs(value: Mapping[str, Any]) -> RenderableType:
    """Names and values."""
    table = _table("", "")
    table.show_header = False
    for name, part in value.items():
        table.add_row(name, said(part))
    return table


def listing(rows: Iterable[Mapping[str, Any]], *columns: str) -> RenderableType:
    """Some columns of rows."""
    table = _table(*columns)
    for row in rows:
        table.add_row(*(said(row[name]) for name in columns))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"
