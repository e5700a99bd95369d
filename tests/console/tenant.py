"""An organization of its own on the running stack, seen through the API to compare what the console shows."""

import time
from dataclasses import replace
from typing import Any

from infra.local import account
from infra.local.caller import Caller
from tests.stack import RunningStack

ENDED = ("Success", "Failed", "Cancelled")


class Tenant:
    """A new organization, and calls with its admin key."""

    def __init__(self, stack: RunningStack) -> None:
        local = stack.local
        made = account.make(local.endpoint_url, local.home_region, local.regions)
        self.key = made["api_key"]
        self.organization_id = made["organization_id"]
        self._caller = Caller(replace(local, api_key=self.key, organization_id=self.organization_id))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the API answers. Raises infra.local.caller.CallFailed."""
        return self._caller.call(method, path, body)

    def submit(self, *tasks: dict[str, Any], **fields: Any) -> str:
        """Submit a job of these tasks; its id."""
        job: dict[str, Any] = self.call("POST", "/jobs", {"tasks": list(tasks), **fields})
        return str(job["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """A job as it is now."""
        job: dict[str, Any] = self.call("GET", f"/jobs/{job_id}")
        return job

    def wait(self, job_id: str, *statuses: str, seconds: float = 60) -> dict[str, Any]:
        """The job as soon as it has one of the statuses: by default, when it has ended."""
        deadline = time.monotonic() + seconds
        while (job := self.job(job_id))["status"] not in (statuses or ENDED):
            assert time.monotonic() < deadline, f"not {statuses or ENDED} after {seconds} s: {job}"
            time.sleep(0.2)
        return job
