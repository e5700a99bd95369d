"""Every error of mediajobs, in one tree.

MediajobsError
├── RequestError                 an API caller's fault: carries its HTTP status
│   ├── MalformedRequest         400
│   ├── Unauthenticated          401
│   ├── Forbidden                403
│   ├── NotFound                 404
│   ├── MethodNotAllowed         405
│   ├── Conflict                 409
│   ├── BodyTooLarge             413
│   ├── InvalidRequest           422, names each bad field
│   ├── TooManyRequests          429
│   ├── InternalError            500, ours alone
│   └── Unavailable              503
├── ToolError                    a task cannot be done; says whether a retry can help
│   ├── InvalidMedia
│   ├── InvalidParameters
│   ├── SourceNotFound
│   ├── AccessDenied
│   ├── AddressForbidden
│   ├── TransferFailed           retryable
│   ├── FfmpegFailed
│   ├── LimitExceeded
│   ├── TaskTimeout
│   ├── WorkerDied               retryable
│   └── ToolCrashed
└── RunLost                      this worker no longer holds its task
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class MediajobsError(Exception):
    """Anything that mediajobs itself refuses or gives up."""


@dataclass(frozen=True)
class FieldError:
    """One bad field: where it is (an RFC 6901 pointer) and the rule it breaks."""

    pointer: str
    detail: str


class RequestError(MediajobsError):
    """A request that is answered with a problem (RFC 9457)."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "The request cannot be served"

    def __init__(
        self, detail: str, *, fields: Sequence[FieldError] = (), retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = tuple(fields)
        #: Seconds after which the same request may succeed.
        self.retry_after = retry_after


class MalformedRequest(RequestError):
    """The request cannot be read."""

    status, code, title = 400, "malformed-request", "The request cannot be read"


class Unauthenticated(RequestError):
    """No key, or one that is not valid."""

    status, code, title = 401, "unauthenticated", "A valid API key is required"


class Forbidden(RequestError):
    """The key's role does not allow the call."""

    status, code, title = 403, "forbidden", "The key's role does not allow this"


class NotFound(RequestError):
    """No such thing in the caller's organization."""

    status, code, title = 404, "not-found", "There is no such thing"


class MethodNotAllowed(RequestError):
    """The path is one of ours, and cannot be called so."""

    status, code, title = 405, "method-not-allowed", "The path has no such method"


class Conflict(RequestError):
    """The thing's present state does not allow the call."""

    status, code, title = 409, "conflict", "The present state does not allow this"


class BodyTooLarge(RequestError):
    """The body is over the limit."""

    status, code, title = 413, "body-too-large", "The body is too large"


class InvalidRequest(RequestError):
    """The body or query was read and breaks a rule."""

    status, code, title = 422, "invalid-request", "The request breaks a rule"


class TooManyRequests(RequestError):
    """A rate limit is reached."""

    status, code, title = 429, "too-many-requests", "The limit is reached"


class InternalError(RequestError):
    """Our own fault; its detail tells nothing of it."""

    status, code, title = 500, "internal-error", "The service has failed"


class Unavailable(RequestError):
    """A part that the call needs is away."""

    status, code, title = 503, "unavailable", "The service is not available now"


class ToolError(MediajobsError):
    """A task that failed: `code` is stable and may stand in a retry policy."""

    code: ClassVar[str] = "ToolError"
    retryable: ClassVar[bool] = False


class InvalidMedia(ToolError):
    """The media cannot be read, or is not what the tool works on."""

    code = "InvalidMedia"


class InvalidParameters(ToolError):
    """The parameters do not fit the media they meet."""

    code = "InvalidParameters"


class SourceNotFound(ToolError):
    """The source, or a named file of the job, does not exist."""

    code = "SourceNotFound"


class AccessDenied(ToolError):
    """The other side refuses the credentials."""

    code = "AccessDenied"


class AddressForbidden(ToolError):
    """The URL leads where no job may reach."""

    code = "AddressForbidden"


class TransferFailed(ToolError):
    """A transfer broke off."""

    code, retryable = "TransferFailed", True


class FfmpegFailed(ToolError):
    """ffmpeg ended with an error."""

    code = "FfmpegFailed"


class LimitExceeded(ToolError):
    """A limit of size, memory, pixels or duration is reached."""

    code = "LimitExceeded"


class TaskTimeout(ToolError):
    """The task's time is over."""

    code = "TaskTimeout"


class WorkerDied(ToolError):
    """The worker ended without a word: killed, out of memory, or lost."""

    code, retryable = "WorkerDied", True


class ToolCrashed(ToolError):
    """The tool raised an error it did not foresee."""

    code = "ToolCrashed"


class RunLost(MediajobsError):
    """This worker's run, attempt or job is no longer what the table says: stop and change nothing."""
