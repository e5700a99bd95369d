"""What Step Functions would have told of the executions that a stop of the local stack broke off.

The emulator ends them as failed and tells nobody. Their workers are gone for certain, so the jobs need not
wait for the end of a lease.
"""

import json
import logging
from collections.abc import Iterator
from typing import Any

from infra.local.emulator import client
from infra.name import Names

logger = logging.getLogger("mediajobs.local")

#: What MiniStack gives as the error of an execution that was running when it stopped.
_BROKEN_OFF = "States.ServiceRestart"


def tell(endpoint_url: str, names: Names) -> int:
    """Ask each region's `settle` about the executions that were broken off; returns how many there were."""
    count = 0
    for region in names.config.regions:
        functions = client(endpoint_url, "lambda", region)
        for given in _broken_off(client(endpoint_url, "stepfunctions", region), names, region):
            payload = {
                **{key: given[key] for key in ("organization", "job", "attempt")},
                # Whichever task it was at: none after the last can have been done.
                "task": given["tasks"][-1]["index"],
                "error": {"Error": "Sandbox.Terminated", "Cause": "the local stack was stopped"},
            }
            functions.invoke(
                FunctionName=names.function("reactions.settle"), Payload=json.dumps(payload).encode()
            )
            count += 1
    if count:
        logger.info("%d executions were broken off by the last stop", count)
    return count


def _broken_off(states: Any, names: Names, region: str) -> Iterator[dict[str, Any]]:
    """The inputs of those executions."""
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=names.state_machine_arn(region), statusFilter="FAILED"
    )
    for page in pages:
        for listed in page["executions"]:
            execution = states.describe_execution(executionArn=listed["executionArn"])
            if execution.get("error") == _BROKEN_OFF:
                yield json.loads(execution["input"])
