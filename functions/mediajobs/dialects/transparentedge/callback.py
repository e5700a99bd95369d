"""What a callback of an order is sent."""

from dataclasses import replace

from mediajobs.callback import Callback
from mediajobs.dialects.transparentedge import reply
from mediajobs.event import Event
from mediajobs.store.job import Detail


def callback(detail: Detail, event: Event) -> Callback:
    """The order as a read of it shows it, with the status that is told."""
    told = replace(detail, job=replace(detail.job, status=event.status))
    return Callback.of_json(reply.order(told))
