"""What so many jobs a minute ask of an account: each quota that counts, and how far one home goes.

A job here is the budget's: three tasks, submitted by one request, asked for twice. `make bench` counts what
it takes; tests hold the figures here against docs/budget.md.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil

#: Of one job of three tasks, as docs/budget.md has it.
TASKS = 3
TRANSITIONS = 4
RUN_INVOCATIONS = 3
REACTIONS = 9
WRITE_UNITS = 60
READ_UNITS = 17.5
BUS_EVENTS = 6
#: Wakes of a pool: one at the submission, one at the end.
WAKES = 2
LOG_BYTES = 8245
#: Write units on the keys that the jobs of one organization share, and on the pool's while its row is one KB.
LISTED_UNITS = 4
POOL_UNITS = 4
HOLDERS_IN_A_KILOBYTE = 22
DOLLARS_A_MILLION = 176.99

#: Requests to the API for a job: a submit, and two long-polls.
REQUESTS = 3
#: Seconds that bookkeeping takes, an invocation.
_BOOKKEEPING = 0.1
#: What one partition key takes a second.
KEY_UNITS = 1000
#: What dispatch grants a second in one pool: it works on one after the other.
GRANTS = 30

MINUTE = 60
MONTH = 30 * 24 * 60


@dataclass(frozen=True)
class Quota:
    """What an account has in a region of the first rank, such as us-east-1 or eu-west-1, and elsewhere."""

    name: str
    first: float
    others: float
    unit: str = "a second"


LAMBDA = Quota("Lambda: functions at once", 1000, 1000, "at once")
STARTS = Quota("Step Functions: StartExecution", 300, 150)
MOVES = Quota("Step Functions: transitions", 5000, 800)
TABLE = Quota("DynamoDB: write units of the table", 40_000, 40_000)
TABLE_READS = Quota("DynamoDB: read units of the table", 40_000, 40_000)
ONE_ORGANIZATION = Quota("DynamoDB: write units of one organization's lists", KEY_UNITS, KEY_UNITS)
FIFO = Quota("SQS FIFO, high throughput: sends", 18_000, 2400)
BUS = Quota("EventBridge: PutEvents entries", 10_000, 600)
API = Quota("API Gateway: requests", 10_000, 2_500)
KMS = Quota("KMS: requests", 20_000, 10_000)
LOGS = Quota("CloudWatch Logs: MB taken in", 10, 10)


@dataclass(frozen=True)
class Need:
    """How much of a quota is needed."""

    quota: Quota
    needed: float

    @property
    def verdict(self) -> str:
        """Whether it has to be raised before."""
        if self.needed > self.quota.first:
            return "raise"
        return "raise in other regions" if self.needed > self.quota.others else "enough"


def needs(jobs_per_minute: float, task_seconds: float = 60) -> list[Need]:
    """What jobs ask for whose tasks take so long each, all of one organization and region."""
    rate = jobs_per_minute / MINUTE
    at_work = rate * RUN_INVOCATIONS * task_seconds
    beside = rate * (REACTIONS + REQUESTS) * _BOOKKEEPING
    return [
        Need(LAMBDA, at_work + beside),
        Need(STARTS, rate),
        Need(MOVES, rate * TRANSITIONS),
        Need(TABLE, rate * WRITE_UNITS),
        Need(TABLE_READS, rate * (READ_UNITS + REQUESTS)),
        Need(ONE_ORGANIZATION, rate * LISTED_UNITS),
        Need(FIFO, rate * WAKES),
        Need(BUS, rate * BUS_EVENTS),
        Need(API, rate * REQUESTS),
        # A credential to seal, and one for each storage task to open.
        Need(KMS, rate * TASKS),
        Need(LOGS, rate * LOG_BYTES / 1e6),
    ]


def pool_units(capacity: int) -> int:
    """Write units that a job costs its pool's key while so many jobs hold its slots: a grant and a giving
    back, each in a transaction, over a row that grows with its holders."""
    return POOL_UNITS * max(1, ceil(capacity / HOLDERS_IN_A_KILOBYTE))


def pool_rate(capacity: int) -> float:
    """Jobs a second that one pool can start at the most, whatever they do."""
    return min(GRANTS, KEY_UNITS / pool_units(capacity))


def pools_needed(jobs_per_minute: float, job_seconds: float, capacity: int) -> int:
    """How many pools of that capacity carry jobs that take so long each."""
    rate = min(pool_rate(capacity), capacity / job_seconds)
    return ceil(jobs_per_minute / MINUTE / rate)


def home_limit() -> float:
    """Jobs a minute that one home carries within the table's usual quota, whatever else is raised."""
    return TABLE.first / WRITE_UNITS * MINUTE


def dollars_a_month(jobs_per_minute: float) -> float:
    """The control plane at list price: all but S3, the workers' seconds and traffic."""
    return jobs_per_minute * MONTH / 1e6 * DOLLARS_A_MILLION


RATES = (1, 100, 10_000)


def quota_table() -> str:
    """The needs at each of the rates, in Markdown."""
    by_rate = [needs(rate) for rate in RATES]
    header = ["quota", *(f"{rate:,} a minute" for rate in RATES), "there is", f"at {RATES[-1]:,}"]
    return _table(
        header,
        (
            [
                row[0].quota.name,
                *(_number(need.needed) for need in row),
                f"{_number(row[0].quota.first)}; elsewhere {_number(row[0].quota.others)}",
                row[-1].verdict,
            ]
            for row in zip(*by_rate, strict=True)
        ),
    )


def pool_table() -> str:
    """What one pool carries, in Markdown."""
    capacities = (4, 22, 100, 300, 1000)
    header = ["capacity", "write units a job", "jobs a second at most", "pools for 10,000 a minute, of 3 min"]
    return _table(
        header,
        (
            [
                str(capacity),
                str(pool_units(capacity)),
                _number(pool_rate(capacity)),
                f"{pools_needed(10_000, 180, capacity):,}",
            ]
            for capacity in capacities
        ),
    )


def cost_table() -> str:
    """What the control plane costs, in Markdown."""
    rows = ([f"{rate:,}", f"{rate * MONTH:,}", f"${dollars_a_month(rate):,.0f}"] for rate in RATES)
    return _table(["jobs a minute", "jobs in 30 days", "control plane in 30 days"], rows)


def _table(header: list[str], rows: Iterable[list[str]]) -> str:
    return "\n".join(_lines(header, rows))


def _lines(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'|'.join(['---', *['--:'] * (len(header) - 1)])}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
