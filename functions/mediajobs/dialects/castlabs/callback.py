"""What a castLabs client is told when its job has ended."""

from mediajobs.callback import Callback
from mediajobs.dialects.castlabs.reply import job_url
from mediajobs.dialects.castlabs.words import CODES
from mediajobs.event import Event
from mediajobs.said import said_of
from mediajobs.store.job import Detail


def callback(detail: Detail, event: Event) -> Callback:
    """`job_id`, `job_url` and `status`; the URL of another API's job is relative, as no host was said."""
    said = said_of(detail)
    code, _ = CODES[event.status]
    url = job_url(detail.job.id, said.origin if said else "")
    return Callback.of_json({"job_id": detail.job.id, "job_url": url, "status": code})
