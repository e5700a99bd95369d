"""Asking the inspector of a region about the places that a job names."""

import base64
import json
from collections.abc import Mapping
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from mediajobs import answer
from mediajobs.aws import function_client
from mediajobs.errors import Unavailable
from mediajobs.job import Job
from mediajobs.log import logger
from mediajobs.settings import settings

#: The version of the inspector's event.
EVENT_VERSION = 1


def inspect(job: Job, tasks: list[dict[str, Any]], sealed: Mapping[str, bytes]) -> list[answer.Check]:
    """What can be told of each place in the tasks' parameters, whose secrets are sealed for that job.

    Raises Unavailable.
    """
    event = {
        "version": EVENT_VERSION,
        "organization": job.organization,
        "job": job.id,
        "tasks": [
            {"index": index, "tool": task["tool"], "parameters": task["parameters"]}
            for index, task in enumerate(tasks)
        ],
        "sealed": {name: base64.b64encode(secret).decode() for name, secret in sealed.items()},
    }
    try:
        called = function_client(job.region).invoke(
            FunctionName=settings().inspector_arn(job.region), Payload=json.dumps(event)
        )
        said = json.loads(called["Payload"].read())
    except (BotoCoreError, ClientError, ValueError) as error:
        logger.warning("the inspector is away", reason=type(error).__name__)
        raise _away(job) from None
    if "FunctionError" in called:
        logger.error("the inspector failed", error=called["FunctionError"])
        raise _away(job)
    return cast(answer.Checks, said)["checks"]


def _away(job: Job) -> Unavailable:
    return Unavailable(
        f"The places that the job names cannot be looked at from {job.region} now", retry_after=10
    )
