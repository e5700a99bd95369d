"""What it means for a task that MediaConvert, or the call to it, has failed."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mediajobs.errors import (
    AccessDenied,
    InvalidMedia,
    InvalidParameters,
    SourceNotFound,
    TaskTimeout,
    ToolCrashed,
    ToolError,
    TransferFailed,
    WorkerDied,
)
from mediajobs.job import Failure

_MAX_MESSAGE = 1000
#: What MediaConvert's own error codes mean for a task; with any other it has failed itself.
_ERRORS: Mapping[int, type[ToolError]] = {
    # The input cannot be opened, read or decoded.
    **dict.fromkeys((1010, 1020, 1021, 1022, 1030, 1040, 1041, 1042, 1043, 1056, 1060), InvalidMedia),
    # The settings do not fit each other or the input.
    **dict.fromkeys((1075, 1076, 1080, 1091, 1092, 1093, 1601, 1602, 1603, 1700), InvalidParameters),
    1404: SourceNotFound,
    **dict.fromkeys((1401, 1432, 1433, 1434), AccessDenied),
    # Amazon S3 did not answer as it should.
    **dict.fromkeys((1515, 1517, 1522), TransferFailed),
}
#: What the call itself was answered with.
_REFUSALS: Mapping[str, type[ToolError]] = {
    "MediaConvert.BadRequestException": InvalidParameters,
    "MediaConvert.ForbiddenException": AccessDenied,
    "MediaConvert.NotFoundException": ToolCrashed,
}


def failure(error: Mapping[str, Any], task: int, *, is_late: bool) -> Failure | None:
    """Why the task of that index failed, by the error of the state that waits for MediaConvert; None if that
    says nothing of it. `is_late`: the job's deadline is over."""
    name, cause = str(error.get("Error", "")), str(error.get("Cause", ""))
    kind: type[ToolError]
    if name == "States.Timeout":
        code = "DeadlineExceeded" if is_late else TaskTimeout.code
        return Failure(code, "MediaConvert's job took longer than the task may", False, task)
    if name in _REFUSALS:
        kind, message = _REFUSALS[name], cause
    elif name == "States.TaskFailed":
        ended = _job_of(cause)
        if "ErrorCode" not in ended:
            return None
        number = int(ended["ErrorCode"])
        kind = _ERRORS.get(number, WorkerDied)
        message = f"MediaConvert {number}: {ended.get('ErrorMessage', '')}"
    else:
        return None
    return Failure(kind.code, message[:_MAX_MESSAGE], kind.retryable, task)


def _job_of(cause: str) -> Mapping[str, Any]:
    """MediaConvert's job, as Step Functions hands it on when it has failed."""
    with suppress(ValueError):
        told = json.loads(cause)
        if isinstance(told, dict):
            job = told.get("Job", told)
            return job if isinstance(job, dict) else {}
    return {}
