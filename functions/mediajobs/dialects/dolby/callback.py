"""What Dolby.io's `on_complete` and webhooks are sent: the job as its API shows it."""

from mediajobs.callback import Callback
from mediajobs.dialects.dolby import reply
from mediajobs.event import Event
from mediajobs.store.job import Detail


def callback(detail: Detail, event: Event) -> Callback:
    """`job_id` and the answer of GET /media/<api>, with the header `x-job-id`."""
    told = {"job_id": detail.job.id, **reply.job(detail, event.status)}
    return Callback.of_json(told, x_job_id=detail.job.id)
