"""An event for a bus of another region is lost, where EventBridge hands it on."""

from typing import Any

from ministack.core.responses import get_region, set_request_region
from ministack.services import eventbridge


def install() -> None:
    """Hand it on as if it had happened there."""
    dispatch = eventbridge._dispatch_to_event_bus

    def dispatch_there(spec: Any, *event: Any) -> None:
        here = get_region()
        set_request_region(spec.region)
        try:
            dispatch(spec, *event)
        finally:
            set_request_region(here)

    eventbridge._dispatch_to_event_bus = dispatch_there
