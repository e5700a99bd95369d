"""What a run of the bench has found, against the targets: as text, as JSON and as the budget in `docs`."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from infra.meter import price, report
from infra.meter.bill import Bill
from infra.meter.cold_start import ColdStart, Size
from infra.meter.overhead import Overhead
from infra.meter.page import PAGE, Costs
from infra.meter.target import Target, number

#: The kinds of jobs that are run.
ONE, THREE, LARGE = "1 task", "3 tasks", "3 tasks, 20 KB"

#: The cold start of the read endpoint of aws-lambda-handler-cookbook, counted in the same way on 2026-11-22.
COOKBOOK_INSTRUCTIONS = 1_679e6
_MEGABYTE = 1_000_000


@dataclass
class Findings:
    """Everything that a run of the bench found; what was left out is None or empty."""

    bills: dict[str, Bill] = field(default_factory=dict)
    #: What calls cost by how many jobs there are.
    pages: Costs = field(default_factory=dict)
    cold_starts: list[ColdStart] = field(default_factory=list)
    size: Size | None = None
    overhead: Overhead | None = None
    #: Why something is missing.
    notes: dict[str, str] = field(default_factory=dict)


def targets(found: Findings) -> list[Target]:
    """The targets of DESIGN.md §8 against what was found."""
    one, three, large = (found.bills.get(name) for name in (ONE, THREE, LARGE))

    def of(bill: Bill | None, figure: Callable[[Bill], float]) -> float | None:
        return None if bill is None else figure(bill)

    read = next((start for start in found.cold_starts if start.endpoint == "get_job"), None)
    instructions = read.instructions if read else None
    size = (found.size.code + found.size.layer) / _MEGABYTE if found.size else None
    double = of(three, lambda bill: bill.at_most)
    return [
        Target("transitions, 1 task", 3, of(one, lambda bill: bill.transitions)),
        Target("transitions, 3 tasks", 5, of(three, lambda bill: bill.transitions)),
        Target("invocations of the run, 1 task", 2, of(one, lambda bill: bill.run.total())),
        Target("invocations of the run, 3 tasks", 4, of(three, lambda bill: bill.run.total())),
        Target(
            "write units, 3 tasks",
            60,
            of(three, lambda bill: bill.total("write")),
            note="" if double is None else f"{double:g} if transactions doubled index writes, too",
        ),
        Target("write units, 3 tasks with 20 KB", 80, of(large, lambda bill: bill.total("write"))),
        Target("hottest shared key, write units a job", 4, of(three, report.hottest)),
        Target(
            "control plane, dollars per million 3-task jobs",
            220,
            of(three, lambda bill: sum(item.dollars for item in price.control_plane(bill))),
        ),
        Target(
            "page of 100 jobs, read units",
            4,
            max((cost.read for cost in found.pages.get(PAGE, {}).values()), default=None),
            note=found.notes.get("page", _page(found.pages)),
        ),
        Target(
            "cold start of GET /jobs/{id}, of the peer's",
            0.5,
            None if instructions is None else instructions / COOKBOOK_INSTRUCTIONS,
            note=found.notes.get("cold-start", f"the peer's: {COOKBOOK_INSTRUCTIONS / 1e6:,.0f} million"),
        ),
        Target("API code and layer, MB", 25, size, note=found.notes.get("size", "")),
        Target(
            "job over the bare ffmpeg command",
            5,
            found.overhead.percent if found.overhead else None,
            " %",
            found.notes.get("overhead", _basis(found.overhead)),
        ),
    ]


def _basis(found: Overhead | None) -> str:
    if found is None or found.is_steady:
        return ""
    return "over its own command, as this machine's load varies too much to compare two runs"


def _page(pages: Costs) -> str:
    found = pages.get(PAGE, {}).items()
    return ", ".join(f"{number(cost.read)} of {number(size)} jobs" for size, cost in found)


def text(found: Findings) -> str:
    """Everything, for a terminal."""
    parts = [("What a job takes", report.jobs(found.bills))]
    if THREE in found.bills:
        bill = found.bills[THREE]
        parts += [
            ("A job of 3 tasks: its requests to the table", report.budget(bill)),
            ("Its functions", report.invocations(bill)),
            ("Its other calls", report.calls(bill)),
            ("Its write units on keys that jobs share", report.shared(bill)),
            ("Its price", report.prices(price.control_plane(bill))),
        ]
    if found.pages:
        parts.append(("Units of a call, by how many jobs there are", report.pages(found.pages)))
    if found.cold_starts:
        parts.append(("Cold starts", report.cold_starts(found.cold_starts)))
    if found.size:
        sizes = f"code {found.size.code / _MEGABYTE:.1f} MB, layer {found.size.layer / _MEGABYTE:.1f} MB"
        parts.append(("Size of the API without byte-code", sizes))
    if found.overhead:
        columns = (found.overhead.bare, found.overhead.jobs, found.overhead.commands)
        rows = [tuple(f"{seconds:.2f}" for seconds in row) for row in zip(*columns, strict=True)]
        shown = report.table(("bare command", "job", "of it its command"), rows)
        parts.append(("A transcode, by itself and as a job (seconds)", shown))
    parts.append(("Targets", report.targets(targets(found))))
    return "\n\n".join(f"{title}\n\n{body}" for title, body in parts)


def plain(found: Findings) -> dict[str, Any]:
    return {
        "jobs": {
            name: {
                "transitions": bill.transitions,
                "invocations": {"run": bill.run, "reactions": bill.reactions, "api": bill.requests},
                "write_units": bill.units("write"),
                "write_units_of_progress": bill.units("write", progress=True),
                "write_units_if_transactions_doubled_indexes": bill.at_most,
                "read_units": bill.units("read"),
                "shared_keys": [asdict(key) for key in bill.shared],
                "calls": [[*names, count] for names, count in bill.calls.items()],
                "log_bytes": bill.log_bytes,
                "dollars_per_million": {item.name: item.dollars for item in price.control_plane(bill)},
            }
            for name, bill in found.bills.items()
        },
        "units_of_a_call": {
            name: {str(size): asdict(cost) for size, cost in costs.items()}
            for name, costs in found.pages.items()
        },
        "cold_starts": [asdict(start) for start in found.cold_starts],
        "size": asdict(found.size) if found.size else None,
        "overhead": asdict(found.overhead) if found.overhead else None,
        "targets": [{**asdict(target), "met": target.is_met} for target in targets(found)],
        "notes": found.notes,
    }


def _pool(bill: Bill) -> str:
    holders = bill.holders_in_a_kilobyte
    if holders is None:
        return "No job of this run held a slot."
    return (
        f"A pool's row has room for {holders} holders in its first KB. Where more jobs of a pool run at\n"
        "once, every further KB costs each job four units more on the pool's key."
    )


def budget(found: Findings) -> str:
    """`docs/budget.md`: the life of a job of three tasks, request by request, and what calls cost."""
    bills, bill = found.bills, found.bills[THREE]
    return f"""# The budget of a job

Written by `make bench` from the recorded calls of jobs that ran on the local stack; do not edit it.

The rules by which units are counted stand in `infra/meter/capacity.py`. A transaction's writes of the table
count twice and its index writes once, since indexes follow after the commit; the guide leaves that open, so
the dearer reading is given, too. Calls of the sweeper, which the clock wakes, are left out.

{report.jobs(bills)}

## Request by request: a job of three tasks

Such as `JOB update 2 (by-status move 2)`: the job's row is updated for 2 units, and in the index `by-status`
its entry moves to another key for 2 more.

{report.budget(bill)}

## Keys that jobs share

A key takes 1,000 write units a second. A job writes to one of several shards of the index of what is due, so
each of them gets its part of the jobs.

{report.shared(bill)}

{_pool(bill)}

## Calls, by how many jobs the organization has

Read units, and write units where a call writes, on functions that are warm; the jobs have ended, and are
like the one above. A page of 100 reads 101 rows of one index. One whose filter passes over rows reads at
most 2,000 of them and may be short. An order by any other field than the submission, and an offset with the
exact total, read every row of the time span: `submitted_after` makes that less.

{report.pages(found.pages) if found.pages else "Left out of this run."}

## List price

{report.prices(price.control_plane(bill))}
"""
