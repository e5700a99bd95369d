"""Woken by the state machine with a task that is to be done outside: lets the organization's workers find it.

The execution waits for the token; until then nothing of it costs anything.
"""

from typing import Any

from mediajobs.job import Status
from mediajobs.log import bind, logger
from mediajobs.store import job as jobs
from mediajobs.store.offer import Offer


def handler(event: dict[str, Any], _context: object) -> None:
    """Offer the task, if the job still wants it; if not, the execution is being stopped."""
    bind(**{name: event[name] for name in ("organization", "job", "attempt", "task")})
    job = jobs.find(event["organization"], event["job"])
    offer = Offer(event["organization"], event["job"], event["attempt"], event["task"])
    if job is None or (job.status, job.attempt) != (Status.RUNNING, offer.attempt):
        return
    # A task that is done already is told of as such by the first worker that looks.
    offer.put(job, event["token"])
    logger.info("offered")
