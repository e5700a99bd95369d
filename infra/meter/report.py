"""The meter's tables, in Markdown that reads well on a terminal too."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from infra.meter.bill import Bill, Step, Touch
from infra.meter.capacity import TABLE
from infra.meter.cold_start import ColdStart
from infra.meter.page import Cost, Costs
from infra.meter.price import DAY, PRICES, SECONDS, Item
from infra.meter.target import Target, number
from mediajobs.table import INDEXES

_PLACES = (TABLE, *(index.name for index in INDEXES))
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """An aligned table; figures stand right."""
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    right = [
        all(row[column] in ("", "-") or row[column][0] in "0123456789$" for row in cells[1:])
        for column in range(len(header))
    ]

    def line(row: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(row, widths, right, strict=True)
        )
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * (width - 1) + ":" if is_right else "-" * width
        for width, is_right in zip(widths, right, strict=True)
    ]
    return "\n".join([line(cells[0]), f"| {' | '.join(rule)} |", *(line(row) for row in cells[1:])])


def targets(found: Iterable[Target]) -> str:
    """Each target with its figure."""
    return table(
        ("what", "at most", "measured", "", "note"),
        (
            (
                target.what,
                number(target.limit) + target.unit,
                number(target.measured) + (target.unit if target.measured is not None else ""),
                target.mark,
                target.note,
            )
            for target in found
        ),
    )


def jobs(bills: Mapping[str, Bill]) -> str:
    """What each kind of job took, side by side."""
    rows = [
        ["Step Functions transitions", *(number(bill.transitions) for bill in bills.values())],
        ["Lambda invocations of the run", *(number(bill.run.total()) for bill in bills.values())],
        ["… of reactions", *(number(bill.reactions.total()) for bill in bills.values())],
        ["… of the API", *(number(bill.requests.total()) for bill in bills.values())],
        ["DynamoDB write units", *(number(bill.total("write")) for bill in bills.values())],
        *_by_place(bills, "write"),
        ["… if transactions doubled indexes", *(number(bill.at_most) for bill in bills.values())],
        ["… of progress, apart", *(number(bill.total("write", progress=True)) for bill in bills.values())],
        ["DynamoDB read units", *(number(bill.total("read")) for bill in bills.values())],
        *_by_place(bills, "read"),
        ["hottest shared key, write units", *(number(hottest(bill)) for bill in bills.values())],
        ["events on the bus", *(number(bill.events) for bill in bills.values())],
        ["log bytes", *(number(bill.log_bytes) for bill in bills.values())],
    ]
    return table(("", *bills), rows)


def _by_place(bills: Mapping[str, Bill], kind: str) -> Iterator[list[str]]:
    for place in _PLACES:
        units = [bill.units(kind).get(place, 0) for bill in bills.values()]
        if any(units):
            name = "table" if place == TABLE else f"index {place}"
            yield [f"… {name}", *(number(each) for each in units)]


def hottest(bill: Bill) -> float:
    """Write units that a job brings the most loaded key that jobs share."""
    return bill.shared[0].per_job if bill.shared else 0


def invocations(bill: Bill) -> str:
    """Every function that ran, and why."""
    return table(
        ("function", "started by", "times"),
        (
            (function, cause, number(count))
            for cause, counted in (
                ("API", bill.requests),
                ("state machine", bill.run),
                ("stream, queue or bus", bill.reactions),
            )
            for function, count in sorted(counted.items())
        ),
    )


def calls(bill: Bill) -> str:
    """The calls to services other than DynamoDB."""
    return table(
        ("service", "operation", "caller", "times"),
        ((*names, number(count)) for names, count in sorted(bill.calls.items())),
    )


def shared(bill: Bill) -> str:
    """The partition keys that jobs share, the hottest first."""
    return table(
        ("place", "partition key", "write units", "of shards", "per job"),
        (
            (key.place, _ID.sub("…", key.key), number(key.units), number(key.shards), number(key.per_job))
            for key in bill.shared
        ),
    )


def budget(bill: Bill) -> str:
    """Call by call: which rows, and how many units."""
    return table(
        ("", "caller", "call", "rows", "table WCU", "index WCU", "RCU"),
        (
            (
                str(position),
                step.caller,
                step.operation + (f" ({step.error})" if step.error else ""),
                "; ".join(_touch(touch) for touch in step.touches),
                _units(step, "write", index=False),
                _units(step, "write", index=True),
                _units(step, "read"),
            )
            for position, step in enumerate(bill.steps, 1)
        ),
    )


def _units(step: Step, kind: str, *, index: bool | None = None) -> str:
    units = sum(touch.units(kind, index=index) for touch in step.touches)
    return number(units) if units else ""


def _touch(touch: Touch) -> str:
    """Such as `JOB update 2 (by-status move 2, due update 1)`."""
    own = [charge for charge in touch.charges if charge.place == TABLE]
    entries: dict[tuple[str, str], float] = {}
    for charge in touch.charges:
        if charge.place != TABLE:
            entries[charge.place, charge.what] = entries.get((charge.place, charge.what), 0) + charge.units
    text = " ".join([touch.row, *(f"{charge.what} {number(charge.units)}" for charge in own)])
    if entries:
        text += " (" + ", ".join(f"{where} {what} {number(u)}" for (where, what), u in entries.items()) + ")"
    return text


def pages(costs: Costs) -> str:
    """What calls cost, by how many jobs there are."""
    sizes = list(dict.fromkeys(size for each in costs.values() for size in each))
    rows = [(name, *(_cost(each[size]) for size in sizes)) for name, each in costs.items()]
    return table(("", *(f"{size:,} jobs" for size in sizes)), rows)


def _cost(cost: Cost) -> str:
    written = f" + {number(cost.write)} WCU" if cost.write else ""
    return f"{number(cost.read)} RCU{written}"


def prices(items: Iterable[Item]) -> str:
    """What a million jobs cost, position by position."""
    listed = list(items)
    total = sum(item.dollars for item in listed)
    rows = [
        (
            item.name,
            f"{item.amount:.6g}",
            f"${PRICES[item.name].dollars:,.10g}",
            f"${item.dollars:,.2f}",
            "" if PRICES[item.name].looked_up else "from memory",
        )
        for item in listed
    ]
    rows.append(("in all", "", "", f"${total:,.2f}", ""))
    note = (
        f"List prices of us-east-1, {DAY}; an invocation is taken to last {SECONDS:g} s at its function's "
        "memory. Without the media's part: S3, the workers' seconds of work, traffic."
    )
    return table(("position", "per job", "list price a million", "a million jobs", ""), rows) + f"\n\n{note}"


def cold_starts(found: Iterable[ColdStart]) -> str:
    """Instructions and modules of each endpoint's first invocation."""
    return table(
        ("endpoint", "status", "million instructions", "modules"),
        (
            (
                start.endpoint,
                str(start.status),
                "-" if start.instructions is None else f"{start.instructions / 1e6:,.1f}",
                str(start.modules),
            )
            for start in found
        ),
    )
