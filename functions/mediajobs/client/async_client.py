"""The client for programs that do other things meanwhile; `make docs` writes the other one from it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Self, cast

import httpx2

from mediajobs import answer
from mediajobs.client import call as calls
from mediajobs.client import session, setup
from mediajobs.client.call import Call, T_co
from mediajobs.client.error import ServiceAway, WaitTimeout
from mediajobs.client.retry import Retry


class AsyncClient:
    """The API of a deployment, under one key.

    `client.send(call)` sends any call of `mediajobs.client.call`; the methods are the usual ones. Calls raise
    CallRefused for what the API refuses and ServiceAway if no answer comes. What may have been done already
    is never sent again; submissions and restarts are, under their Idempotency-Key.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        organization: str | None = None,
        retry: Retry | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._retry = retry or Retry()
        self._http = httpx2.AsyncClient(**session.defaults(url, api_key, organization), transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    async def send(self, call: Call[T_co]) -> T_co:
        """The answer of a call, after as many tries as are safe."""
        return session.value(call, await self._send(call))

    async def submit(self, spec: Mapping[str, Any], *, idempotency_key: str | None = None) -> answer.Job:
        """Submit a job; the same key with the same spec makes no second one."""
        return await self.send(calls.submit(spec, idempotency_key))

    async def plan(self, spec: Mapping[str, Any]) -> answer.Plan:
        """Check a spec whole and say what would be done, starting nothing."""
        return await self.send(calls.plan(spec))

    async def job(self, job_id: str) -> answer.Job:
        """A job as it is now."""
        return await self.send(calls.job(job_id))

    def jobs(self, **filters: Any) -> AsyncIterator[answer.JobRow]:
        """Every job that the filters of `GET /jobs` match, the newest first, a page at a time."""
        return self._each("jobs", lambda token: calls.jobs({**filters, "next_token": token}))

    def bundles(self, **filters: Any) -> AsyncIterator[answer.Bundle]:
        """Every bundle that the filters of `GET /bundles` match, the newest first."""
        return self._each("bundles", lambda token: calls.bundles({**filters, "next_token": token}))

    def templates(self) -> AsyncIterator[answer.TemplateHead]:
        """Every template, by name."""
        return self._each("templates", setup.templates)

    def keys(self) -> AsyncIterator[answer.Key]:
        """Every key of the organization, those that were revoked too."""
        return self._each("keys", setup.keys)

    def deliveries(self, webhook_id: str) -> AsyncIterator[answer.Delivery]:
        """What a webhook was told in the last 31 days, or could not be told, the latest first."""
        return self._each("deliveries", lambda token: setup.deliveries(webhook_id, token))

    def job_deliveries(self, job_id: str) -> AsyncIterator[answer.Delivery]:
        """What the job's own receivers were told, or could not be told, the latest first."""
        return self._each("deliveries", lambda token: calls.job_deliveries(job_id, token))

    async def cancel(self, job_id: str) -> answer.Job:
        return await self.send(calls.cancel(job_id))

    async def restart(self, job_id: str, *, from_failed: bool = False) -> answer.Job:
        """Run an ended job again, whole or from the first task that did not succeed."""
        return await self.send(calls.restart(job_id, from_failed=from_failed))

    async def resubmit(self, job_id: str, patch: Mapping[str, Any] | None = None) -> answer.Job:
        """Make a new job from another's spec, with a merge patch (RFC 7396) to it."""
        return await self.send(calls.resubmit(job_id, patch))

    async def metrics(self, job_id: str) -> answer.Metrics:
        return await self.send(calls.metrics(job_id))

    async def events(self, job_id: str) -> AsyncIterator[answer.Event]:
        """The job's whole event log so far."""
        last = 0
        while True:
            page = await self.send(calls.events(job_id, last))
            if not page["events"]:
                return
            for each in page["events"]:
                yield each
            last = page["events"][-1]["sequence"]

    async def logs(self, job_id: str, task: int) -> AsyncIterator[answer.LogLine]:
        """One task's log so far; each page is one of the 20 calls a minute."""
        token: str | None = None
        while True:
            page = await self.send(calls.logs(job_id, task, token))
            for each in page["logs"]:
                yield each
            if not page["logs"] or (token := page["next_token"]) is None:
                return

    async def watch(self, job_id: str, *, timeout: float | None = None) -> AsyncIterator[answer.Job]:
        """The job now and after each change, until it has ended. Raises WaitTimeout after so many seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        etag: str | None = None
        while True:
            left = session.POLL_SECONDS if end is None else end - time.monotonic()
            if left <= 0:
                raise WaitTimeout(f"the job {job_id} has not ended after {timeout} s")
            wait = max(1, min(session.POLL_SECONDS, int(left))) if etag else None
            call = calls.job(job_id, etag=etag, wait=wait)
            response = await self._send(call)
            if response.status_code != httpx2.codes.NOT_MODIFIED:
                job = session.value(call, response)
                etag = response.headers.get("etag")
                yield job
                if session.has_ended(job):
                    return

    async def wait(
        self,
        job_id: str,
        *,
        timeout: float | None = None,
        on_change: Callable[[answer.Job], None] | None = None,
    ) -> answer.Job:
        """The job when it has ended. Raises WaitTimeout after so many seconds."""
        job: answer.Job | None = None
        async for job in self.watch(job_id, timeout=timeout):
            if on_change is not None:
                on_change(job)
        return cast(answer.Job, job)

    async def _each(self, name: str, page_at: Callable[[str | None], Call[Any]]) -> AsyncIterator[Any]:
        """What stands under a name in a list's pages."""
        token: str | None = None
        while True:
            page = await self.send(page_at(token))
            for each in page[name]:
                yield each
            if (token := page["next_token"]) is None:
                return

    async def _send(self, call: Call[object]) -> httpx2.Response:
        number = 0
        while True:
            number += 1
            response: httpx2.Response | None = None
            try:
                response = await self._http.request(**session.request(call))
            except httpx2.TransportError as error:
                if not self._retry.helps(call, None, number):
                    raise ServiceAway(
                        f"{call.method} {call.path}: {error or type(error).__name__}"
                    ) from error
            after = session.retry_after(response) if response is not None else None
            if response is not None and not self._retry.helps(call, response.status_code, number, after):
                return response
            await asyncio.sleep(self._retry.pause(number, after))
