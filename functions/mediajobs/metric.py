"""Metrics, as lines of the log in CloudWatch's embedded format: they cost no call and keep nobody waiting."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mediajobs.event import Event
from mediajobs.job import Job, Status
from mediajobs.settings import settings

NAMESPACE = "mediajobs"

Value = tuple[float, str]
Dimensions = Sequence[Sequence[str]]

#: Of all jobs, and of those of a region.
_PLACES = (("Stage",), ("Stage", "Region"))
_OUTCOMES = (*((*place, "Outcome") for place in _PLACES), *_PLACES)


def count(event: Event, job: Job) -> None:
    """Count a job's change of status. `job` is its row as it is by now, which may know of more than that."""
    values: dict[str, Value] = {}
    outcomes: dict[str, Value] = {}
    if not event.status_changed:
        return
    if event.status is Status.PENDING:
        values["Restarted" if event.attempt > 1 else "Submitted"] = 1, "Count"
    elif event.status is Status.RUNNING:
        values["Started"] = 1, "Count"
        if event.attempt == 1:
            values["QueueTime"] = event.at - job.submitted, "Milliseconds"
    else:
        outcomes["Finished"] = 1, "Count"
        if job.attempt == event.attempt and job.ended == event.at:
            values["Cost"] = job.consumed.cost(1), "None"
            if job.started is not None:
                values["RunTime"] = event.at - job.started, "Milliseconds"
    own = {name: value for name, value in values.items() if name in ("Submitted", "Cost")}
    tell(
        [(_PLACES, values), (_OUTCOMES, outcomes), *_of_organization(own, outcomes)],
        {"Region": event.region, "Organization": event.organization_id, "Outcome": event.status.value},
        {"job": event.job_id, "attempt": event.attempt, "sequence": event.sequence},
        at=event.at,
    )


def healed(what: str, job: Job, at: int) -> None:
    """The sweeper has done what an event should have: `what` is a past participle, such as `granted`."""
    tell(
        [((("Stage",), ("Stage", "Kind")), {"Healed": (1, "Count")})],
        {"Kind": what},
        {"organization": job.organization, "job": job.id},
        at=at,
    )


def swept(looked_at: int, failed: int, oldest_pending: int, at: int) -> None:
    """A round of the sweeper; `oldest_pending` is how long the job has waited that waits longest of those
    that it looked at (milliseconds). It looks at each pending job every five minutes or oftener."""
    values: dict[str, Value] = {
        "LookedAt": (looked_at, "Count"),
        "NotLookedAfter": (failed, "Count"),
        "OldestPending": (oldest_pending, "Milliseconds"),
    }
    tell([((("Stage",),), values)], {}, {}, at=at)


def tell(
    counted: Iterable[tuple[Dimensions, Mapping[str, Value]]],
    dimensions: Mapping[str, str],
    more: Mapping[str, Any],
    *,
    at: int,
) -> None:
    """Write a line: values with their units, each by every set of dimensions; and what else to find it by."""
    line: dict[str, Any] = {"Stage": settings().stage, **dimensions, **more}
    directives = []
    for sets, values in counted:
        if values:
            units = [{"Name": name, "Unit": unit} for name, (_, unit) in values.items()]
            directives.append(
                {"Namespace": NAMESPACE, "Dimensions": [list(each) for each in sets], "Metrics": units}
            )
            line |= {name: value for name, (value, _) in values.items()}
    print(json.dumps({"_aws": {"Timestamp": at, "CloudWatchMetrics": directives}, **line}), flush=True)


def _of_organization(
    values: Mapping[str, Value], outcomes: Mapping[str, Value]
) -> Iterable[tuple[Dimensions, Mapping[str, Value]]]:
    """The few values that are kept by organization, as each of them is paid for by organization."""
    if settings().has_organization_metrics:
        own = ("Stage", "Organization")
        yield (own,), values
        yield (own, (*own, "Outcome")), outcomes
