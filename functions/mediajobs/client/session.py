"""What both clients share: how a call becomes a request, and an answer a value or an error."""

from collections.abc import Mapping
from typing import Any, cast

import httpx2

from mediajobs.client.call import Call, T_co
from mediajobs.client.error import CallRefused, ServiceAway
from mediajobs.job import Status

#: Seconds of one long poll; the API allows 25.
POLL_SECONDS = 20
#: Seconds for an answer, a long poll included.
TIMEOUT = 60.0


def defaults(url: str, api_key: str, organization: str | None) -> dict[str, Any]:
    """What every request has; `organization` (its id) is named by a user of several. Raises ServiceAway for
    what can be no service's URL, or no key."""
    try:
        place = httpx2.URL(url)
    except httpx2.InvalidURL:
        place = httpx2.URL("")
    if place.scheme not in ("http", "https") or not place.host:
        raise ServiceAway(f"{url!r} is no URL of a service, such as https://api.example.com")
    if not (api_key.isascii() and api_key.isprintable() and api_key.strip()):
        raise ServiceAway("the API key has characters that none has, or is empty")
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
    """The answer of a call, whose type it tells; None for one without a body. Raises CallRefused, also for
    what cannot be an answer of ours."""
    if response.is_error:
        raise CallRefused(response.status_code, _problem(response), retry_after(response))
    try:
        if not response.is_success:
            raise ValueError
        return cast(T_co, response.json() if response.content else None)
    except ValueError:
        where = f"{response.request.url.scheme}://{response.request.url.netloc.decode()}"
        detail = f"{where} answers, but not as this API does: is it the right URL?"
        raise CallRefused(response.status_code, {"detail": detail}) from None


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
    if not isinstance(body, dict):
        return {}
    bad = body.get("errors")
    is_ours = isinstance(bad, list) and all(
        isinstance(each, dict) and {"pointer", "detail"} <= each.keys() for each in bad
    )
    return body if is_ours else {**body, "errors": ()}
