"""What MiniStack gets wrong, put right: one fault a module.

Each was written for VERSION and is not installed into any other; `tests/local/test_fix.py` shows for each that
the fault is there without it, so it fails when a fix has had its day. The product's correctness does not rest
on them: `up(fixes=False)` starts a stack without, but for what no job could run without.
"""

import logging
from importlib.metadata import version

VERSION = "1.5.33"


def install(*, every: bool) -> None:
    """Put everything right in the process that runs the emulator, or only what the templates cannot do without."""
    if (found := version("ministack")) != VERSION:
        logging.getLogger(__name__).warning("the fixes are for MiniStack %s, not for %s", VERSION, found)
        return
    from infra.local.fix import event_source, execution, http_api, map_failure, task_timeout, time_to_live

    for fix in (task_timeout, time_to_live):
        fix.install()
    if every:
        for fix in (event_source, execution, http_api, map_failure):
            fix.install()
