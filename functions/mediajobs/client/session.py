"""What both clients share: how a call becomes a request, and an answer a value or an error."""

from collections.abc import Mapping
from typing import Any, cast

import httpx2

from mediajobs.client.call import Call, T_co
from mediajobs.client.error import CallRefused
from mediajobs.job import Status

#: Seconds of one long poll; the API allows 25.
POLL_SECONDS = 20
#: Seconds for an answer, a long poll included.
TIMEOUT = 60.0


def defaults(url: str, api_key: str, organization: str | None) -> dict[str, Any]:
    """What every request has; `organization` (its id) is named by a user of several."""
    return {
        "base_url": url.rstrip("/"),
        "headers": {"authorization": f"Bearer {api_key}", "accept": "application/json"},
        "params": {"organization_id": organization} if organization else {},
        "timeout": TIMEOUT,
    }


def request(call: Call[object]) -> dict[str, Any]:
    """A call as httpx2 sends it."""
    said: dict[str, Any] = {
        "method": call.method,
        "url": call.path,
        "params": call.parameters,
        "headers": dict(call.headers),
    }
    return said if call.body is None else {**said, "json": call.body}


def value(_call: Call[T_co], response: httpx2.Response) -> T_co:
    """The answer of a call, whose type it tells; None for one without a body. Raises CallRefused."""
    if response.is_error:
        raise CallRefused(response.status_code, _problem(response), retry_after(response))
    return cast(T_co, response.json() if response.content else None)


def retry_after(response: httpx2.Response) -> float | None:
    """Seconds, if the answer names them."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None


def has_ended(job: Mapping[str, Any]) -> bool:
    """Whether only a restart leads on from the job's status."""
    return Status(job["status"]).is_terminal


def _problem(response: httpx2.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
