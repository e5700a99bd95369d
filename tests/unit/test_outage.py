"""A region, or the home of another one, away for minutes in the middle of running jobs: its jobs wait, all
others go on, nothing is lost, and everything catches up."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from botocore.exceptions import EndpointConnectionError

from mediajobs import aws
from mediajobs.job import Job
from mediajobs.routes import ROUTES
from mediajobs.store import account
from mediajobs.store import run as holds
from mediajobs.tools.tool import Result
from mediajobs.worker import task_run, watch
from tests.moto_account import OTHER_REGION, REGION, table_rows
from tests.world import World, tool

_HOME = ("dynamodb", "kms", "events", "sqs")


@dataclass
class Sky:
    """Which services of which regions cannot be reached, and the clock."""

    clock: Any
    away: set[tuple[str, str]] = field(default_factory=set)
    refused: int = 0
    #: So many sleeps until all is back; 0 if that is not for sleepers to see.
    sleeps: int = 0

    @contextmanager
    def without(self, region: str, *services: str) -> Iterator[None]:
        """These services of the region are away, all of those of a processing region by default."""
        names = services or ("stepfunctions", "s3", "logs", "lambda")
        self.away = {(service, region) for service in names}
        yield
        self.away = set()

    def refuse(self, model: Any, request_signer: Any, **_: Any) -> None:
        if (model.service_model.service_name, request_signer.region_name) in self.away:
            self.refused += 1
            raise EndpointConnectionError(endpoint_url=f"https://{model.service_model.service_name}/")

    def sleep(self, seconds: float) -> None:
        self.clock.shift(seconds)
        self.sleeps -= 1
        if self.sleeps == 0:
            self.away = set()

    def back_after(self, sleeps: int) -> None:
        """All is back when somebody has slept so often."""
        self.sleeps = sleeps


@pytest.fixture
def sky(acme: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sky]:
    monkeypatch.setattr(logging.getLogger("mediajobs"), "disabled", True)
    events = aws.session().get_component("event_emitter")
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        made = Sky(clock)
        monkeypatch.setattr(time, "sleep", made.sleep)
        monkeypatch.setattr(watch, "LOOK_SECONDS", 3600.0)
        monkeypatch.setattr(task_run, "STEP_SECONDS", 0.0)
        monkeypatch.setattr(acme, "pause", made.sleep)
        events.register_first("before-call.*.*", made.refuse)
        for cached in (aws.client, aws.media_client):
            cached.cache_clear()
        yield made
        events.unregister("before-call.*.*", made.refuse)
        for cached in (aws.client, aws.media_client):
            cached.cache_clear()


def _round(acme: World, sky: Sky) -> None:
    """A minute: what is there is delivered, in vain where a region is away, and the sweeper comes."""
    for _ in range(4):
        acme.announce(acme.records())
        acme.dispatch(acme.messages())
        _drive(acme)
    sky.clock.shift(61)
    acme.sweep()


def _drive(acme: World) -> None:
    for event in acme.bus_events():
        # In the end it lies in the dead-letter queue.
        with suppress(EndpointConnectionError):
            acme.drive(event)


def _run_all(acme: World, *regions: str) -> None:
    for region in regions:
        for name, status in acme.executions(region).items():
            if status == "RUNNING":
                acme.run(name, region)


def _makes(run: Any, _: Any) -> Result:
    (run.directory / "made").write_text("made")
    return Result(files=[run.save(run.directory / "made", "made")])


def _takes(run: Any, _: Any) -> Result:
    assert run.open("made").read_text() == "made"
    return Result()


def _owed() -> list[str]:
    return [row["pk"]["S"] for row in table_rows() if "due" in row]


def _statuses(acme: World, *job_ids: str) -> list[str]:
    return [acme.job(job_id)["status"] for job_id in job_ids]


def test_a_region_may_be_away_for_minutes_in_the_middle_of_running_jobs(
    acme: World, sky: Sky, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.tools |= {"test:make": tool(_makes), "test:take": tool(_takes)}
    between, cancelled, granted = (
        acme.submit("test:make", "test:take", region=OTHER_REGION) for _ in range(3)
    )
    for _ in range(2):
        acme.announce(acme.records())
        acme.dispatch(acme.messages())
    for event in acme.bus_events():
        if event["detail"].get("job_id") != granted:
            acme.drive(event)
    first = {"organization": acme.organization, "job": between, "attempt": 1, "task": 0}
    monkeypatch.setenv("AWS_REGION", OTHER_REGION)
    assert acme.work({**first, "worker": "media", "seconds": 930}) is None
    monkeypatch.setenv("AWS_REGION", REGION)

    with sky.without(OTHER_REGION):
        assert acme.call("POST", f"/jobs/{cancelled}/cancel").status == 200
        late = acme.submit("test:make", "test:take", region=OTHER_REGION)
        for minute in range(10):
            beside = acme.submit("test:make", "test:take")
            _round(acme, sky)
            _run_all(acme, REGION)
            assert _statuses(acme, beside) == ["Success"], minute
            assert _statuses(acme, between, granted, late) == ["Running"] * 3
            assert _statuses(acme, cancelled) == ["Cancelled"]
        logs = acme.call("GET", f"/jobs/{between}/tasks/0/logs")
        assert (logs.status, logs.headers["retry-after"]) == (503, "30")
    assert sky.refused > 10

    monkeypatch.setenv("AWS_REGION", OTHER_REGION)
    for _ in range(8):
        _round(acme, sky)
        _run_all(acme, OTHER_REGION)
    assert _statuses(acme, between, granted, late) == ["Success"] * 3
    assert _statuses(acme, cancelled) == ["Cancelled"]
    # Each was run once, and the one that was cancelled was stopped.
    ended = acme.executions(OTHER_REGION)
    assert ended.pop(f"{cancelled}-1-1") == "ABORTED"
    assert ended == {f"{job_id}-1-1": "SUCCEEDED" for job_id in (between, granted, late)}
    assert acme.pool(OTHER_REGION).holders == frozenset()
    assert _owed() == []


def test_a_worker_waits_for_its_workspace(acme: World, sky: Sky) -> None:
    def works(run: Any, parameters: Any) -> Result:
        with sky.without(REGION, "s3"):
            sky.back_after(12)
            return _makes(run, parameters)

    acme.tools |= {"test:make": tool(works), "test:take": tool(_takes)}
    job_id = acme.submit("test:make", "test:take")
    acme.settle_down()
    assert (acme.job(job_id)["status"], sky.refused) == ("Success", 12)


def test_a_run_that_ends_while_its_workspace_is_away_is_cleaned_up_later(acme: World, sky: Sky) -> None:
    def fails(run: Any, parameters: Any) -> Result:
        _makes(run, parameters)
        sky.away = {("s3", REGION)}
        raise ValueError("broken")

    acme.tools["test:fail"] = tool(fails)
    job_id = acme.submit("test:fail")
    for _ in range(4):
        acme.deliver()
    payload = {"organization": acme.organization, "job": job_id, "attempt": 1, "task": 0}
    assert acme.work({**payload, "worker": "media", "seconds": 930}) == "TaskFailed"
    assert acme.job(job_id)["error"]["code"] == "ToolCrashed"
    sky.away = set()
    for _ in range(3):
        _round(acme, sky)
    assert "Contents" not in aws.client("s3", REGION).list_objects_v2(Bucket="workspace", Prefix="jobs/")
    assert _owed() == []


def test_a_worker_reports_when_home_is_back(acme: World, sky: Sky) -> None:
    """Home is away from the middle of the work on; the report is made as soon as it is back."""

    def works(run: Any, parameters: Any) -> Result:
        sky.away = {(service, REGION) for service in _HOME}
        sky.back_after(15)
        run.progress(0.5)
        return _makes(run, parameters)

    acme.tools |= {"test:make": tool(works), "test:take": tool(_takes)}
    job_id = acme.submit("test:make", "test:take", region=OTHER_REGION)
    for _ in range(4):
        acme.deliver()
    assert acme.run(f"{job_id}-1-1", OTHER_REGION)
    assert acme.job(job_id)["status"] == "Success"
    # Its progress once, and its report.
    assert sky.refused == 1 + 15


def test_a_worker_reports_no_longer_than_its_lease(acme: World, sky: Sky) -> None:
    held: list[Job] = []

    def works(run: Any, _: Any) -> Result:
        held.append(run._job)
        sky.away = {(service, REGION) for service in _HOME}
        return Result()

    acme.tools["test:work"] = tool(works)
    job_id = acme.submit("test:work", region=OTHER_REGION)
    for _ in range(4):
        acme.deliver()
    payload = {"organization": acme.organization, "job": job_id, "attempt": 1, "task": 0}
    started = time.time()
    error = acme.work({**payload, "worker": "media", "seconds": 930}, milliseconds=300_000)
    assert error == "TaskTimeout"
    assert 300 - 10 < time.time() - started + 5 < 300 + 20
    sky.away = set()
    assert not holds.is_lost(held[0])
    for _ in range(8):
        _round(acme, sky)
    job = acme.job(job_id)
    assert (job["status"], job["error"]["code"]) == ("Failed", "WorkerDied")
    assert acme.pool(OTHER_REGION).holders == frozenset()


def test_no_job_starts_while_home_is_away_and_a_submit_says_so(acme: World, sky: Sky) -> None:
    with sky.without(REGION, *_HOME):
        answer = acme.call("POST", "/jobs", {"tasks": [{"tool": "media:probe"}]})
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")
    assert answer.body["type"] == "urn:mediajobs:problem:unavailable"
    assert not any(row["sk"]["S"] == "JOB" for row in table_rows())


def test_what_is_asked_about_a_region_that_is_away(acme: World, sky: Sky) -> None:
    """Home takes everything; only what lies in the region itself has to wait."""
    acme.tools |= {"test:make": tool(_makes), "test:take": tool(_takes)}
    ended, waiting = (acme.submit("test:make", "test:take", region=OTHER_REGION) for _ in range(2))
    assert acme.call("POST", f"/jobs/{ended}/cancel").status == 200
    with sky.without(OTHER_REGION):
        statuses = {
            path: acme.call(method, path, body).status
            for method, path, body in (
                ("POST", f"/jobs/{waiting}/cancel", None),
                ("POST", f"/jobs/{ended}/restart", None),
                ("POST", f"/jobs/{ended}/resubmit", None),
                ("PUT", f"/pools/{OTHER_REGION}", {"capacity": 3}),
                ("GET", f"/pools/{OTHER_REGION}", None),
                ("GET", f"/jobs/{ended}", None),
                ("GET", f"/jobs/{ended}/events", None),
                ("GET", f"/jobs?region={OTHER_REGION}", None),
            )
        }
        assert set(statuses.values()) <= {200, 201, 202}, statuses
        assert acme.submit("test:make", "test:take") != acme.submit(
            "test:make", "test:take", region=OTHER_REGION
        )
    listed = acme.call("GET", f"/jobs?region={OTHER_REGION}").body["jobs"]
    assert sorted(job["status"] for job in listed) == ["Cancelled", "Pending", "Pending", "Pending"]


def test_a_region_may_go_at_any_moment_and_come_back(
    acme: World, sky: Sky, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.tools |= {"test:make": tool(_makes), "test:take": tool(_takes)}
    moments, firsts = 6, range(5)
    for first in firsts:
        here = acme.submit("test:make", "test:take")
        there = acme.submit("test:make", "test:take", region=OTHER_REGION)
        deliveries = (
            lambda: acme.announce(acme.records()),
            lambda: acme.dispatch(acme.messages()),
            lambda: _drive(acme),
        )
        for moment in range(2 * moments):
            if moment == first:
                sky.away = {(service, OTHER_REGION) for service in ("stepfunctions", "s3", "logs", "lambda")}
            if moment == first + moments:
                sky.away = set()
            deliveries[moment % 3]()
            if moment % 3 == 2:
                _run_all(acme, REGION)
                sky.clock.shift(20)
                acme.sweep()
        monkeypatch.setenv("AWS_REGION", OTHER_REGION)
        for _ in range(6):
            _run_all(acme, OTHER_REGION)
            _round(acme, sky)
            if not _owed():
                break
        monkeypatch.setenv("AWS_REGION", REGION)
        assert _statuses(acme, here, there) == ["Success"] * 2, first
        assert acme.executions(OTHER_REGION)[f"{there}-1-1"] == "SUCCEEDED"
        assert _owed() == []
    # Each has had one execution.
    assert len(acme.executions(OTHER_REGION)) == len(acme.executions(REGION)) == len(firsts)
    assert acme.pool(OTHER_REGION).holders == acme.pool().holders == frozenset()


@pytest.mark.parametrize("is_known", [False, True])
def test_every_call_says_that_home_is_away(
    acme: World, sky: Sky, is_known: bool, total: Callable[[str], None]
) -> None:
    """Also in a process that knows the caller already."""
    job_id = acme.submit("media:probe")
    calls = [route for route in ROUTES if route.role is not None]
    with sky.without(REGION, *_HOME):
        for route in calls:
            if not is_known:
                account._cache.clear()
            path = route.path.replace("{id}", job_id).replace("{region}", REGION).replace("{index}", "0")
            path = re.sub(r"\{\w+\}", "x", path)
            answer = acme.call(route.method, path, _BODIES.get(route.endpoint))
            said = answer.status, answer.headers.get("retry-after")
            assert said == (503, "30") or (is_known and answer.status in (400, 404, 422)), (route, answer)
    total(f"{len(calls)} routes answer 503 while home is away")


_BODIES: dict[str, Any] = {
    "submit_job": {"tasks": [{"tool": "media:probe"}]},
    "create_bundle": {"name": "x"},
    "put_pool": {"capacity": 1},
}


def test_a_submit_that_meets_an_outage_makes_one_job_however_often_it_is_sent(acme: World, sky: Sky) -> None:
    """Before the write, and behind it."""
    body = {"tasks": [{"tool": "media:probe"}]}

    def send() -> Any:
        return acme.call("POST", "/jobs", body, headers={"idempotency-key": "k"})

    with sky.without(REGION, *_HOME):
        assert [send().status for _ in range(3)] == [503] * 3
    events = aws.session().get_component("event_emitter")

    def goes(**_: Any) -> None:
        sky.away = {(service, REGION) for service in _HOME}
        raise EndpointConnectionError(endpoint_url="https://dynamodb/")

    events.register_first("after-call.dynamodb.TransactWriteItems", goes)
    aws.client.cache_clear()
    assert [send().status for _ in range(3)] == [503] * 3
    events.unregister("after-call.dynamodb.TransactWriteItems", goes)
    aws.client.cache_clear()
    sky.away = set()
    assert {send().body["id"] for _ in range(3)} == {
        row["id"]["S"] for row in table_rows() if row["sk"]["S"] == "JOB"
    }
    assert len(acme.call("GET", "/jobs").body["jobs"]) == 1
