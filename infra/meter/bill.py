"""What one job cost: the lines of a recording, counted and charged."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.meter import capacity
from infra.meter.capacity import TABLE, Charge
from mediajobs.table import DUE, DUE_SHARDS, INDEXES, PARTITION_KEY, SORT_KEY

Line = Mapping[str, Any]

#: Runs by the clock, whether there is a job or not.
CLOCK = "reactions-sweep"
#: What a row of a job's own partition, or of its Idempotency-Key, has in its key.
_OWN = ("#JOB#", "#IDEMPOTENCY#")
#: Errors of DynamoDB for which it charges nothing.
_FREE = ("ValidationException", "ResourceNotFoundException", "SerializationException")


def read(path: Path) -> list[Line]:
    """A recording's lines; the last one may still be in writing."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines]


@dataclass(frozen=True)
class Touch:
    """One row that a call wrote or read."""

    row: str
    charges: tuple[Charge, ...]

    def units(self, kind: str, *, index: bool | None = None) -> float:
        """Capacity units of a kind: of the table, of the indexes, or of both."""
        return sum(
            charge.units
            for charge in self.charges
            if charge.kind == kind and (index is None or (charge.place != TABLE) == index)
        )


@dataclass(frozen=True)
class Step:
    """One request to DynamoDB."""

    at: float
    caller: str
    operation: str
    error: str | None
    touches: tuple[Touch, ...]
    #: It says how far a task is, and nothing else.
    is_progress: bool

    @property
    def charges(self) -> Iterator[Charge]:
        """All that it cost."""
        return (charge for touch in self.touches for charge in touch.charges)


@dataclass(frozen=True)
class Bill:
    """Everything between a job's submission and the last reaction to its end."""

    lines: Sequence[Line]

    @cached_property
    def steps(self) -> list[Step]:
        """The requests to DynamoDB, in order."""
        return [step for step in map(_step, self._of("rows")) if step.touches]

    @cached_property
    def transitions(self) -> int:
        """States entered or tried again."""
        return len(self._of("transition"))

    @cached_property
    def run(self) -> Counter[str]:
        """Invocations by the state machine, by function."""
        return self._invocations(lambda source: source == "states")

    @cached_property
    def reactions(self) -> Counter[str]:
        """Invocations by streams, queues and the bus, by function."""
        return self._invocations(lambda source: source not in ("states", "api"))

    @cached_property
    def requests(self) -> Counter[str]:
        """Invocations by the API, by function."""
        return self._invocations(lambda source: source == "api")

    def _invocations(self, chosen: Any) -> Counter[str]:
        found = (line for line in self._of("invocation") if chosen(line["source"]))
        return Counter(short(line["function"]) for line in found)

    @cached_property
    def gigabyte_invocations(self) -> float:
        """The memory of every invocation added up, in GB."""
        return float(sum(line["memory"] / 1024 for line in self._of("invocation")))

    @cached_property
    def polled(self) -> int:
        """Invocations by queues; each one takes a request to receive and one to delete."""
        return sum(line["source"] == "sqs" for line in self._of("invocation"))

    @cached_property
    def delivered(self) -> int:
        """Events that the bus put into queues."""
        return len(self._of("delivery"))

    @cached_property
    def calls(self) -> Counter[tuple[str, str, str]]:
        """Other calls by service, operation and caller."""
        return Counter(
            (line["service"], line["operation"], short(line["caller"])) for line in self._of("call")
        )

    def called(self, service: str, *operations: str) -> int:
        """How often a service was called; all its operations if none is named."""
        return sum(
            count
            for (name, operation, _), count in self.calls.items()
            if name == service and (not operations or operation in operations)
        )

    @cached_property
    def events(self) -> int:
        """Events put on the bus."""
        return sum(line["entries"] for line in self._of("call") if line["operation"] == "PutEvents")

    @cached_property
    def log_bytes(self) -> int:
        """Bytes that all the functions wrote to their logs, the platform's own lines included."""
        return sum(line["bytes"] for line in self._of("log"))

    def _of(self, kind: str) -> list[Line]:
        return [line for line in self.lines if line["kind"] == kind]

    def units(self, kind: str, *, progress: bool = False) -> dict[str, float]:
        """Capacity units by table and index: of the progress writes alone, or of everything else."""
        total: Counter[str] = Counter()
        for charge in self._charges(progress):
            if charge.kind == kind:
                total[charge.place] += charge.units  # type: ignore[assignment]
        return dict(total)

    def total(self, kind: str, *, progress: bool = False) -> float:
        """All of them together."""
        return sum(self.units(kind, progress=progress).values())

    @property
    def at_most(self) -> float:
        """Write units if index writes of transactions counted twice, as the table's do."""
        return sum(charge.at_most for charge in self._charges(False) if charge.kind == "write")

    def _charges(self, progress: bool) -> Iterator[Charge]:
        return (charge for step in self.steps if step.is_progress == progress for charge in step.charges)

    @cached_property
    def shared(self) -> list["SharedKey"]:
        """Every partition key that jobs share and this one wrote to, the one with the most units first."""
        total: Counter[tuple[str, str]] = Counter()
        for charge in self._charges(False):
            if charge.kind == "write" and not (
                charge.place == TABLE and any(mark in charge.key for mark in _OWN)
            ):
                total[charge.place, charge.key] += charge.units  # type: ignore[assignment]
        keys = [
            SharedKey(place, key, units, DUE_SHARDS if place == DUE.name else 1)
            for (place, key), units in total.items()
        ]
        return sorted(keys, key=lambda key: -key.per_job)

    @cached_property
    def holders_in_a_kilobyte(self) -> int | None:
        """How many jobs may hold slots of a pool before its row outgrows a write unit; None if none did."""
        for line in self._of("rows"):
            for row in line["rows"]:
                holders = (row["after"] or {}).get("holders", {}).get("SS")
                if row["key"][SORT_KEY]["S"] == "POOL" and holders:
                    without = {name: value for name, value in row["after"].items() if name != "holders"}
                    room = capacity.WRITE_BLOCK - capacity.item_size(without) - len("holders")
                    return room // max(len(holder) for holder in holders)
        return None


@dataclass(frozen=True)
class SharedKey:
    """A partition key of the table or of an index that other jobs write to as well."""

    place: str
    key: str
    #: Write units that this job brought it.
    units: float
    #: Keys that jobs are spread over evenly, of which this one got the job.
    shards: int

    @property
    def per_job(self) -> float:
        """Write units that a job brings it on average."""
        return self.units / self.shards


def of_job(lines: Iterable[Line]) -> Bill:
    """The bill of the only job in these lines, without what the meter itself called or the clock woke."""
    return Bill([line for line in lines if concerns_job(line)])


def concerns_job(line: Line) -> bool:
    """Whether it is there because of a job, and not because of the meter's own calls or the clock."""
    who = line.get("caller") or line.get("function") or line.get("group", "").rpartition("/")[2]
    return who != "client" and short(who) != CLOCK


def short(function: str) -> str:
    """A function's name without its deployment's: `worker-media`."""
    return function.split("-", 2)[-1] if function.count("-") > 1 else function


def _step(line: Line) -> Step:
    return Step(
        line["at"],
        short(line["caller"]),
        line["operation"],
        line["error"],
        () if line["error"] in _FREE else tuple(_touches(line)),
        _is_progress(line),
    )


def _touches(line: Line) -> Iterator[Touch]:
    transaction = line["operation"].startswith("Transact")
    if line["operation"] in ("Query", "Scan"):
        index = next((index for index in INDEXES if index.name == line["index"]), None)
        named = index.partition_key if index else PARTITION_KEY
        key = _text(line["evaluated"][0][named]) if line["evaluated"] else ""
        charges = capacity.query(line["evaluated"], key=key, index=index, consistent=line["consistent"])
        count = len(line["evaluated"])
        yield Touch(f"{count} row" if count == 1 else f"{count} rows", tuple(charges))
    for row in line["rows"]:
        key, before, after = _text(row["key"][PARTITION_KEY]), row["before"], row["after"]
        if row["verb"] == "Get":
            charges = capacity.get(before, key=key, consistent=line["consistent"], transaction=transaction)
        elif line["error"]:
            charges = capacity.refused(before, key=key, transaction=transaction)
        elif row["verb"] == "ConditionCheck":
            charges = capacity.check(before, key=key)
        else:
            charges = capacity.write(before, after, key=key, transaction=transaction)
        yield Touch(_text(row["key"][SORT_KEY]), tuple(charges))


def _text(value: Mapping[str, Any]) -> str:
    return str(next(iter(value.values())))


def _is_progress(line: Line) -> bool:
    if line["operation"] != "UpdateItem" or line["error"]:
        return False
    (row,) = line["rows"]
    before, after = row["before"] or {}, row["after"] or {}
    return {name for name in {*before, *after} if before.get(name) != after.get(name)} == {"progress"}
