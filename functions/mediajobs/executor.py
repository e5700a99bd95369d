"""Which work goes where: the executors of tasks and the terms of each, as one table.

Submissions are checked against it, the state machine branches by it, and docs/executors.md shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mediajobs.tools.tool import Worker

#: The exit code of a container whose worker has written down what became of the task, or has lost it.
SPOKEN = 3


class Executor(StrEnum):
    """Who runs a task."""

    LAMBDA = "lambda"
    FARGATE = "fargate"
    OUTSIDE = "outside"
    MEDIACONVERT = "mediaconvert"


@dataclass(frozen=True)
class Terms:
    """What an executor takes and how it keeps its tasks under control; the texts are for the docs."""

    #: For what work it is meant.
    purpose: str
    #: Whose tools it runs.
    workers: frozenset[Worker]
    #: The tools that it runs; None: all of those workers.
    tools: frozenset[str] | None = field(default=None, kw_only=True)
    #: The longest task in seconds; None: as long as the job may run.
    max_seconds: int | None
    cancel: str
    lost: str
    progress: str
    logs: str
    metrics: str


TERMS: Mapping[Executor, Terms] = {
    Executor.LAMBDA: Terms(
        purpose="everything that ends within 14 minutes and fits on 10 GB of disk",
        workers=frozenset(Worker),
        # Lambda ends a worker at 900 s; the rest is for tidying up and saying so.
        max_seconds=840,
        cancel="the worker looks at the job every 5 s and ends its tool",
        lost="Lambda tells the state machine, which asks `settle`: at once",
        progress="the worker writes it, in steps of 5 %",
        logs="the worker's log group",
        metrics="time and memory of the function",
    ),
    Executor.FARGATE: Terms(
        purpose="media work that takes longer, or needs more disk, than Lambda gives",
        workers=frozenset({Worker.MEDIA}),
        max_seconds=None,
        cancel="the same worker, the same look; Step Functions stops the container, too",
        lost="ECS tells the state machine, which asks `settle`: within a minute",
        progress="as in Lambda",
        logs="the container's log group",
        metrics="time and memory of the container",
    ),
    Executor.OUTSIDE: Terms(
        purpose="media work on machines of the organization's own, such as one with much idle power",
        workers=frozenset({Worker.MEDIA}),
        max_seconds=None,
        cancel="the answer to the next heartbeat, every 5 s, ends the tool",
        lost="no heartbeat for 60 s: the next worker that asks, or the sweeper within two minutes, writes it",
        progress="with each heartbeat",
        logs="lines come with the heartbeats, into a log group of their own",
        metrics="media and bytes; the machine's time costs the deployment nothing and is not counted",
    ),
    Executor.MEDIACONVERT: Terms(
        purpose="transcodes that AWS Elemental MediaConvert encodes, many at once and without a worker",
        workers=frozenset({Worker.MEDIA}),
        tools=frozenset({"media:transcode"}),
        max_seconds=None,
        cancel="Step Functions cancels MediaConvert's job when it is stopped; its event frees the slot",
        lost="Step Functions sees the end of MediaConvert's job and asks `settle`: within a minute",
        progress="by MediaConvert's own events, every 30 s, in steps of 5 %",
        logs="what MediaConvert was asked for; it writes none of its own",
        metrics="media and bytes; what MediaConvert costs is on AWS's bill, tagged with the stage",
    ),
}


def refusal(
    executor: Executor, tool: str, worker: Worker, timeout_seconds: int | None, deadline_seconds: int
) -> tuple[str, str] | None:
    """The field of a task that the executor's terms forbid, and the rule; None if they allow it."""
    terms = TERMS[executor]
    if worker not in terms.workers:
        kinds = " and ".join(sorted(terms.workers))
        return "executor", f"{executor} runs tools of the {kinds} worker; this is one of the {worker} worker"
    if terms.tools is not None and tool not in terms.tools:
        return "executor", f"{executor} runs {', '.join(sorted(terms.tools))} only"
    if timeout_seconds is None:
        return None
    if terms.max_seconds is None:
        if timeout_seconds > deadline_seconds:
            return "timeout_seconds", f"at most the job's deadline_seconds, {deadline_seconds}"
    elif timeout_seconds > terms.max_seconds:
        others = ", ".join(each for each, other in TERMS.items() if other.max_seconds is None)
        rule = f"at most {terms.max_seconds} in {executor}; {others} may go on until the job's deadline"
        return "timeout_seconds", rule
    return None


def time_of(executor: Executor, timeout_seconds: int | None, deadline_seconds: int) -> int:
    """The seconds that a task has: those it asks for, by default all that its executor gives."""
    return timeout_seconds or TERMS[executor].max_seconds or deadline_seconds
