"""Where the table and the world disagree, and nobody is about to make it good: there should be nothing.

What is owed and has a date is no drift: the sweeper looks at it then. So a finding is either a fault of ours,
or a sweeper that does not run.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mediajobs import execution
from mediajobs.aws import client
from mediajobs.job import Job, Status
from mediajobs.settings import settings
from mediajobs.store import job as jobs
from mediajobs.store import pool
from mediajobs.store.read import whole
from mediajobs.table import BY_STATUS
from mediajobs.timestamp import MINUTE, now

#: What is due is looked at by the sweeper within this time; what is younger may be just under way.
GRACE = 10 * MINUTE


@dataclass(frozen=True)
class Drift:
    """One disagreement."""

    organization: str
    job: str
    region: str
    what: str


def of_organization(organization: str) -> Iterator[Drift]:
    """Of an organization's pending and running jobs and of the slots of its pools; reads all of those."""
    for status in (Status.PENDING, Status.RUNNING):
        for row in whole(BY_STATUS, f"{organization}#{status}", "id"):
            job = jobs.find(organization, row["id"])
            if job is not None and (what := _of_job(job)):
                yield Drift(organization, job.id, job.region, what)
    for each in pool.in_regions(organization, settings().regions):
        for holder in sorted(each.holders):
            job_id = holder.partition("#")[0]
            job = jobs.find(organization, job_id)
            if job is None or (job.held != holder and not _is_fresh(job)):
                yield Drift(organization, job_id, each.region, f"the slot of {holder} is held by nobody")


def of_region(region: str) -> Iterator[Drift]:
    """Of the executions that run in a region; reads the row of each."""
    pages = client("stepfunctions", region).get_paginator("list_executions")
    listed = pages.paginate(stateMachineArn=settings().state_machine_arn(region), statusFilter="RUNNING")
    for found in listed.search("executions[]"):
        if now() - found["startDate"].timestamp() * 1000 < GRACE:
            continue
        told = execution.told(region, found["name"])
        job = jobs.find(told["organization"], told["job"])
        wanted = job is not None and job.status is Status.RUNNING and job.execution == found["name"]
        if not wanted and (job is None or found["name"] not in job.stops):
            yield Drift(told["organization"], told["job"], region, f"{found['name']} runs, and should not")


def _of_job(job: Job) -> str | None:
    if job.due is None:
        return f"it is {job.status}, and nobody will look at it again"
    if job.due < now() - GRACE:
        return f"it is {job.status}, and nobody has looked at it when it was due"
    if job.status is not Status.RUNNING or job.run is not None or job.due <= now() + GRACE:
        return None
    # Its next look is far away, as if somebody were at work on it.
    state = execution.state(job)
    return (
        None if state is execution.State.RUNNING else f"its execution {job.execution} is {state.name.lower()}"
    )


def _is_fresh(job: Job) -> bool:
    """Whether it has just been decided about, or will be looked at."""
    return job.due is not None and job.due > now() - GRACE
