"""What can go wrong with a call."""

from collections.abc import Mapping, Sequence
from typing import Any

from mediajobs.errors import FieldError, MediajobsError


class CallFailed(MediajobsError):
    """A call without the answer that was wanted."""


class ServiceAway(CallFailed):
    """No answer came, after all tries."""


class CallRefused(CallFailed):
    """The API has refused the call; its problem (RFC 9457) says why."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        #: Stable, such as `not-found`; empty if it was not our API that answered.
        self.code = str(problem.get("type", "")).rpartition(":")[2]
        self.detail = str(problem.get("detail") or problem.get("message") or f"HTTP {status}")
        #: Each bad field: where it is (RFC 6901) and the rule that it breaks.
        self.fields: Sequence[FieldError] = tuple(
            FieldError(str(bad["pointer"]), str(bad["detail"])) for bad in problem.get("errors", ())
        )
        #: Names the call in the service's logs.
        self.request_id = problem.get("request_id")
        #: Seconds after which it may succeed.
        self.retry_after = retry_after
        super().__init__("; ".join((self.detail, *(f"{bad.pointer}: {bad.detail}" for bad in self.fields))))


class WaitTimeout(CallFailed):
    """The job had not ended in time."""
