"""What MiniStack gets wrong, put right: one fault a module.

Each was written for VERSION and is not installed into any other; `tests/local/test_fix.py` shows for each
that the fault is there without it, so it fails when a fix has had its day. The product's correctness does not
rest on them: `up(fixes=Choice.NEEDED)` starts a stack without most of them.
"""

import logging
from enum import StrEnum
from importlib.metadata import version

VERSION = "1.5.33"


class Choice(StrEnum):
    """Which fixes an emulator runs with."""

    ALL = "all"
    #: What no job could run without, or survive a restart.
    NEEDED = "needed"
    NONE = "none"


def install(choice: Choice) -> None:
    """Put right what is chosen, in the process that runs the emulator."""
    if (found := version("ministack")) != VERSION:
        logging.getLogger(__name__).warning("the fixes are for MiniStack %s, not for %s", VERSION, found)
        return
    from infra.local.fix import (
        event_bus,
        event_source,
        execution,
        http_api,
        in_flight,
        journal,
        map_failure,
        signed_link,
        stream,
        task_timeout,
        time_to_live,
    )

    if choice is not Choice.NONE:
        for fix in (in_flight, stream, journal, task_timeout, time_to_live):
            fix.install()
    if choice is Choice.ALL:
        for fix in (event_bus, event_source, execution, http_api, map_failure, signed_link):
            fix.install()
