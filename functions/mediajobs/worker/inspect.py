"""The inspector: looks at the places that a job would reach, before there is a job, and changes nothing."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

from mediajobs import answer, secret
from mediajobs.errors import TaskTimeout, ToolError
from mediajobs.log import bind, logger
from mediajobs.settings import settings
from mediajobs.tools import catalog
from mediajobs.tools.check import Check, Kind
from mediajobs.transfer.address import Policy
from mediajobs.transfer.meter import Limits, Meter
from mediajobs.transfer.site import Site, reach
from mediajobs.transfer.url import public

#: What one place may take, in all.
SECONDS = 10
#: Places that are looked at at the same time.
AT_ONCE = 16
#: Seconds to answer in.
_MARGIN = 2


def handler(event: dict[str, Any], context: Any) -> answer.Checks:
    """Look at each place in the parameters of the event's tasks."""
    ends = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _MARGIN
    bind(organization=event["organization"], job=event["job"])
    places = list(_places(event))
    executor = ThreadPoolExecutor(AT_ONCE)
    try:
        looks = [executor.submit(place.look) for place in places]
        wait(looks, timeout=max(0.0, ends - time.monotonic()))
    finally:
        # Looking up a name cannot be broken off; its thread ends by itself.
        executor.shutdown(wait=False, cancel_futures=True)
    return {"checks": [place.told(look) for place, look in zip(places, looks, strict=True)]}


@dataclass(frozen=True)
class Finding:
    """What a look has found."""

    ok: bool | None
    detail: str
    size: int | None = None


@dataclass(frozen=True)
class _Place:
    """One place of a task of the job that is asked for."""

    organization: str
    job: str
    task: int
    check: Check

    def look(self) -> Finding:
        """Reach out, as the task would."""
        location = self.check.location
        with _Visit(self.organization, self.job) as visit:
            try:
                meter = Meter(visit, parts=1, limits=Limits(silence=SECONDS))
                with reach(location, meter, Policy(networks=settings().allowed_networks)) as site:
                    if self.check.kind is Kind.SOURCE:
                        return _source(site, location.full_url, meter)
                    return _destination(site.can_put(location.full_url))
            except TaskTimeout as error:
                return Finding(None, str(error))
            except ToolError as error:
                return Finding(False, f"{error.code}: {error}")
            except Exception:  # one place says nothing of the others
                logger.exception("a place cannot be looked at")
                return Finding(None, "it could not be looked at")

    def told(self, look: "Future[Finding]") -> answer.Check:
        """What is answered of it."""
        done = look.done() and not look.cancelled()
        found = look.result() if done else Finding(None, "there was no time left to look at it")
        return {
            "task": self.task,
            "pointer": f"/tasks/{self.task}/parameters{self.check.pointer}",
            "kind": self.check.kind.value,
            "url": public(self.check.location.url),
            "ok": found.ok,
            "bytes": found.size,
            "detail": found.detail,
        }


def _source(site: Site, url: str, meter: Meter) -> Finding:
    seen = site.look(url)
    meter.expect(seen.size)
    if seen.exists is None:
        return Finding(None, "the server does not tell without loading it")
    size = "of unknown size" if seen.size is None else f"of {seen.size} bytes"
    return Finding(seen.exists, f"a file {size}", seen.size)


def _destination(can_put: bool | None) -> Finding:
    details = {
        True: "files can be stored there",
        False: "the folder takes no files from this user",
        None: "it can be reached; only storing a file would tell more",
    }
    return Finding(can_put, details[can_put])


def _places(event: dict[str, Any]) -> Iterator[_Place]:
    organization, job = event["organization"], event["job"]

    def unseal(reference: str) -> dict[str, str]:
        return secret.unseal(organization, job, base64.b64decode(event["sealed"][reference]))

    for task in event["tasks"]:
        if (tool := catalog.find(task["tool"])) is not None:
            parameters = tool.Parameters.model_validate(task["parameters"], context={"unseal": unseal})
            for check in catalog.inspects(tool, parameters):
                yield _Place(organization, job, task["index"], check)


class _Visit:
    """A `mediajobs.tools.tool.Hold` for one look, which ends it when its time is over."""

    def __init__(self, organization: str, job: str) -> None:
        self.organization = organization
        self.job_id = job
        self._ends = time.monotonic() + SECONDS
        self._closers: list[Callable[[], None]] = []
        self._timer = threading.Timer(SECONDS, self._break)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def log(self, line: str) -> None:
        """There is no task whose log it would be."""

    def progress(self, fraction: float) -> None:
        """Nobody waits for a part of a look."""

    def check(self) -> None:
        """Raise TaskTimeout once the time is over."""
        if time.monotonic() >= self._ends:
            raise TaskTimeout(f"no answer within {SECONDS} s")

    @contextmanager
    def interruptible(self, close: Callable[[], None]) -> Iterator[None]:
        """While inside, `close` is called when the time is over."""
        self._closers.append(close)
        try:
            self.check()
            yield
        finally:
            self._closers.remove(close)

    def _break(self) -> None:
        for close in tuple(self._closers):
            with suppress(Exception):
                close()
