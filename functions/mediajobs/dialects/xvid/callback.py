"""What a pipeline's ping URLs are sent."""

from mediajobs.callback import Callback
from mediajobs.dialects.xvid import words
from mediajobs.dialects.xvid.reply import Reply
from mediajobs.event import Event
from mediajobs.job import Status
from mediajobs.said import said_of
from mediajobs.store.job import Detail

_STAGES = {Status.RUNNING: "started", Status.SUCCESS: "finished"}


def callback(detail: Detail, event: Event) -> Callback:
    """`{"ping": stage, "job": {…}}`: the job as it is now, with the status that is told."""
    said = said_of(detail)
    job = Reply(detail, said.origin if said else "").job(in_list=False)
    return Callback.of_json(
        {"ping": _STAGES.get(event.status, "error"), "job": {**job, "status": words.STATUSES[event.status]}}
    )
