"""Woken by a job's change of status: makes its executions what the row says they should be."""

from typing import Any

from mediajobs import execution
from mediajobs.job import Job, Status
from mediajobs.log import bind, logger
from mediajobs.store import debt
from mediajobs.store import job as jobs
from mediajobs.store.pack import unpack


def handler(event: dict[str, Any], _context: object) -> None:
    """Look at the job that the event tells of."""
    organization, job_id = event["detail"]["organization_id"], event["detail"]["job_id"]
    bind(organization=organization, job=job_id)
    job = jobs.find(organization, job_id)
    if job is not None:
        drive(job)


def drive(job: Job) -> None:
    """Stop what must be stopped, and start what should run and has no worker yet."""
    for name in sorted(job.stops):
        execution.stop(job.region, name)
        debt.mark_stopped(job, name)
        logger.info("stopped", execution=name)
    if job.status is Status.RUNNING and job.run is None:
        spec = jobs.spec(job.organization, job.id)
        execution.start(job, unpack(spec["tasks"]))
        logger.info("started", execution=job.execution)
