"""Whatever clients, AWS and time do, in any order: the service keeps its promises, and tells the truth.

Hypothesis makes up the histories. After each of their steps the properties of `property.py` hold and every
job is as the model allows; what the API answers and lists is what the table holds; in the end everything
comes to rest.
"""

import operator
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from moto.s3.models import s3_backends

from mediajobs.errors import InvalidMedia, RunLost, TransferFailed
from mediajobs.job import Job, Status
from mediajobs.timestamp import DAY, now, to_text
from mediajobs.tools.tool import Result, Worker
from tests import moto_gap
from tests.faults.delivery import Delivery
from tests.faults.extent import IS_LONG, many
from tests.faults.injector import Mode
from tests.faults.life import task
from tests.faults.model import ENDED, MONTH, Known, Model
from tests.faults.property import RECEIVER
from tests.faults.state import BUCKET
from tests.faults.waiting import Again
from tests.moto_account import ACCOUNT, REGION
from tests.world import tool

pytestmark = [pytest.mark.slow, pytest.mark.timeout(24 * 3600)]

#: Jobs by how they end: the tasks, what else is asked for.
_ONCE: dict[str, Any] = {"retry": {"count": 1, "delay_seconds": 7}}
_SHAPES: dict[str, tuple[str, list[dict[str, Any]], dict[str, Any]]] = {
    "short": ("Success", [task("storage")], {"tags": ["x"]}),
    "two": ("Success", [task("media"), task("storage")], {"priority": 70}),
    "fails": ("Failed", [task("storage"), task("media", fail="for good"), task("media")], {"tags": ["y"]}),
    "once": ("Success", [task("media", fail="once", **_ONCE)], {"notify": [RECEIVER]}),
    "cancels itself": ("Success", [task("media", say="cancel", fail="lost")], {}),
    "restarts itself": ("Success", [task("media", say="restart")], {"tags": ["x", "y"]}),
    "hurried": ("Success", [task("media")], {"deadline_seconds": 60, "notify": [RECEIVER]}),
}
_NAMES = ("a", "b", "c", "d", "e")
_SECONDS = 600

_faults = st.none() | st.tuples(
    st.integers(0, 6), st.sampled_from(list(Mode)), st.sampled_from([Again.REDELIVERED, Again.LOST])
)
_totals: Counter[str] = Counter()


class Clients(RuleBasedStateMachine):
    """Everything that can happen to the service; `delivery` and `start` are set on a subclass."""

    delivery: Delivery
    start: Any

    @initialize(capacity=st.integers(0, 3), lags=st.booleans())
    def begin(self, capacity: int, lags: bool) -> None:
        """A new service."""
        _totals["examples"] += 1
        self.delivery.go_back(self.start)
        self.model = Model(capacity={2})
        self.past: list[tuple[str, Any]] = []
        self.months = 0
        #: Jobs that were there before the present step.
        self.there: set[str] = set()
        #: What a tool has found to be wrong, whose own errors only make its job fail.
        self.inner: list[AssertionError] = []
        self.delivery.world.tools = {
            "test:media": tool(self.work),
            "test:storage": tool(self.work, Worker.STORAGE),
        }
        self.set_capacity(capacity, None)
        self.delivery.has_lag = lags

    # --- what clients do -----------------------------------------------------------------------------

    @rule(name=st.sampled_from(_NAMES), shape=st.sampled_from(list(_SHAPES)), fault=_faults, data=st.data())
    def submit(self, name: str, shape: str, fault: Any, data: st.DataObject) -> None:
        """With an Idempotency-Key: always the same body with the same key."""
        outcome, tasks, more = _SHAPES[shape]
        key = f"{name}-{shape}".replace(" ", "-")
        body = {"tasks": tasks, "deadline_seconds": _SECONDS, "user_data": key, **more}
        bundles = sorted(name for name, bundle_id in self.model.bundles.items() if bundle_id)
        known = self.model.keys.get(key)
        if known:
            body = self.model.jobs[known].body
        elif bundles:
            body["bundle"] = data.draw(st.sampled_from(bundles))
        answer = self.ask("submit_job", "POST", "/jobs", body, fault, idempotency_key=key)
        # One that was never answered may have had another bundle; and what it made may be gone.
        if answer is None or (not known and answer.status in ({422, 409} if self.months else {422})):
            return
        assert answer.status == 201, answer.body
        assert known in (None, answer.body["id"])
        assert (answer.body["status"], answer.body["attempt"]) == ("Pending", 1)
        if not known:
            self.acknowledge(answer.body["id"], body, outcome, key)

    @rule(shape=st.sampled_from(list(_SHAPES)), fault=_faults)
    def submit_without_key(self, shape: str, fault: Any) -> None:
        outcome, tasks, more = _SHAPES[shape]
        body = {"tasks": tasks, "deadline_seconds": _SECONDS, **more}
        answer = self.ask("submit_job", "POST", "/jobs", body, fault)
        if answer is not None:
            assert answer.status == 201, answer.body
            assert answer.body["id"] not in self.model.jobs
            self.acknowledge(answer.body["id"], body, outcome, None)

    @precondition(lambda self: self.model.keys)
    @rule(data=st.data())
    def submit_another_body_with_a_key(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.keys)))
        body = {"tasks": [task("media")], "tags": ["z"]}
        answer = self.ask("submit_job", "POST", "/jobs", body, None, idempotency_key=key)
        assert answer is not None
        assert answer.status == 422, answer.body

    @precondition(lambda self: self.model.jobs)
    @rule(data=st.data(), fault=_faults)
    def cancel(self, data: st.DataObject, fault: Any) -> None:
        self.cancel_job(self.pick(data), fault)

    @precondition(lambda self: self.model.jobs)
    @rule(data=st.data(), from_failed=st.booleans(), fault=_faults, is_keyed=st.booleans())
    def restart(self, data: st.DataObject, from_failed: bool, fault: Any, is_keyed: bool) -> None:
        """A key may be forgotten before a job that was restarted since."""
        job_id, start_at = self.pick(data), "failed" if from_failed else "first"
        key = f"{start_at}-{job_id}" if is_keyed and not self.months else None
        self.restart_job(job_id, fault, start_at, key)

    @precondition(lambda self: self.model.jobs)
    @rule(data=st.data(), fault=_faults, is_keyed=st.booleans())
    def resubmit(self, data: st.DataObject, fault: Any, is_keyed: bool) -> None:
        job_id = self.pick(data)
        known = self.model.jobs[job_id]
        key = f"again-{job_id}" if is_keyed else None
        headers = {"idempotency_key": key} if key else {}
        patch = {"patch": {"user_data": key}}
        answer = self.ask("resubmit_job", "POST", f"/jobs/{job_id}/resubmit", patch, fault, **headers)
        if answer is None:
            return
        assert answer.status == 201, answer.body
        made, before = answer.body["id"], self.model.keys.get(str(key))
        assert before in (None, made)
        if before is None:
            assert made not in self.model.jobs
            self.acknowledge(made, {**known.body, "user_data": key}, known.outcome, key)

    @rule(capacity=st.integers(0, 3), fault=_faults)
    def set_capacity(self, capacity: int, fault: Any) -> None:
        answer = self.ask("put_pool", "PUT", f"/pools/{REGION}", {"capacity": capacity}, fault)
        if answer is None:
            self.model.capacity.add(capacity)
        else:
            assert answer.status == 200, answer.body
            self.model.capacity = {capacity}

    @rule(name=st.sampled_from(["x", "y"]), fault=_faults)
    def make_bundle(self, name: str, fault: Any) -> None:
        answer = self.ask("create_bundle", "POST", "/bundles", {"name": name}, fault)
        if answer is None:
            self.model.bundles.setdefault(name, None)
            return
        if answer.status == 409:
            # Its own first sending may have made it.
            assert name in self.model.bundles or self.delivery.has_failed
            listed = self.delivery.world.call("GET", f"/bundles?name={name}").body["bundles"]
            self.model.bundles[name] = listed[0]["id"]
        else:
            assert answer.status == 201, answer.body
            assert self.model.bundles.get(name) is None
            self.model.bundles[name] = answer.body["id"]

    # --- what AWS and time do ------------------------------------------------------------------------

    @rule(times=st.sampled_from([1, 1, 1, 1, 0, 2]), fault=_faults, anew=st.booleans())
    def deliver(self, times: int, fault: Any, anew: bool) -> None:
        """The next delivery comes so often, or the next worker is invoked."""
        self.remember()
        delivery = self.delivery
        delivery.how_often = lambda: times
        if anew and fault is not None and fault[2] is Again.REDELIVERED:
            is_worker = not (waits(delivery) or any(m.error for m in delivery.waiting.machines.values()))
            fault = (*fault[:2], Again.ANEW if is_worker else Again.REDELIVERED)
        self.with_fault(fault, delivery.step)
        delivery.how_often = lambda: 1

    @rule(count=st.integers(2, 12))
    def deliver_much(self, count: int) -> None:
        for _ in range(count):
            self.remember()
            self.delivery.step()

    @rule(place=st.integers(0, 20))
    def an_old_delivery_comes_again(self, place: int) -> None:
        if place < len(self.past):
            name, what = self.past[-1 - place]
            queue = getattr(self.delivery.waiting, name)
            if what not in queue:
                queue.append(what)

    @rule()
    def the_order_is_turned(self) -> None:
        waiting = self.delivery.waiting
        for queue in (waiting.records, waiting.messages, waiting.events, waiting.tries):
            queue.reverse()
        waiting.machines = dict(reversed(waiting.machines.items()))

    @rule()
    def an_execution_vanishes(self) -> None:
        machine = next(iter(self.delivery.waiting.machines.values()), None)
        if machine is not None:
            self.delivery._end(machine, "FAILED")
            self.model.may_fail()

    @rule(fault=_faults)
    def sweep(self, fault: Any) -> None:
        self.with_fault(fault, self.delivery.sweep)

    @rule(seconds=st.sampled_from([1, 8, 61, 61, 305, 1000]))
    def time_passes(self, seconds: int) -> None:
        self.delivery.pass_time(seconds * 1000)

    @rule(is_deleted=st.booleans(), days=st.sampled_from([0, 2]), seldom=st.integers(0, 3))
    def a_month_passes(self, is_deleted: bool, days: int, seldom: int) -> None:
        """All ends and is told; then all is past its retention, and its rows are gone or not."""
        if self.model.jobs and seldom == 0:
            self.come_to_rest()
            self.delivery.pass_time(MONTH + days * DAY)
            seen = self.delivery.look()
            self.model.forget(set(seen.jobs))
            for job_id in seen.jobs:
                for verb in ("", "/cancel", "/restart", "/resubmit"):
                    method = "POST" if verb else "GET"
                    assert self.delivery.world.call(method, f"/jobs/{job_id}{verb}").status == 404
            assert self.delivery.world.call("GET", "/jobs").body["jobs"] == []
            if is_deleted:
                moto_gap.delete_expired(now() // 1000)
                _expire_objects(set(self.delivery.look().jobs))
                self.delivery._seen = self.delivery.look()
            self.months += 1
            _totals["months"] += 1

    # --- what must be so -----------------------------------------------------------------------------

    @invariant()
    def every_job_is_as_it_may_be(self) -> None:
        if hasattr(self, "model"):
            _totals["steps"] += 1
            if self.inner:
                raise self.inner[0]
            seen = self.delivery.look()
            self.there = set(seen.jobs)
            for job_id, known in self.model.jobs.items():
                assert job_id in seen.jobs, f"{known.name} is lost"
                job = seen.jobs[job_id]
                wrong = self.model.see(job_id, job.status, job.attempt, now())
                assert wrong is None, "\n".join([str(wrong), *self.delivery.journal])

    @rule(data=st.data())
    def the_api_tells_the_truth(self, data: st.DataObject) -> None:
        """A list, and the one job."""
        filters = {
            "status": st.lists(
                st.sampled_from(["Pending", "Running", *sorted(ENDED)]), min_size=1, unique=True
            ),
            "tag": st.sampled_from(["x", "y"]),
            "bundle_id": st.sampled_from([each for each in self.model.bundles.values() if each] or ["none"]),
            "user_data": st.sampled_from([*sorted(self.model.keys), "nobody"]),
            "tool": st.sampled_from(["test:media", "test:storage"]),
            "in_progress": st.just("true"),
            "region": st.sampled_from([REGION, "aws:us-east-1"]),
        }
        names = data.draw(st.sets(st.sampled_from(sorted(filters)), max_size=2))
        query = {name: data.draw(filters[name]) for name in sorted(names)}
        self.compare_list(query, data.draw(st.integers(1, 4)), data.draw(st.sampled_from(["asc", "desc"])))
        if self.model.jobs:
            self.compare_job(self.pick(data))

    def compare_list(self, query: dict[str, Any], limit: int, direction: str) -> None:
        seen, at = self.delivery.look(), now()
        expected = [
            (job.id, job.status, job.attempt, job.priority, job.user_data, job.bundle_id)
            for job in sorted(seen.jobs.values(), key=operator.attrgetter("id"), reverse=direction == "desc")
            if _is_wanted(job, query, at)
        ]
        sent = {name: ",".join(each) if isinstance(each, list) else each for name, each in query.items()}
        found: list[Any] = []
        token = None
        while True:
            more: dict[str, str] = {"next_token": token} if token else {}
            path = f"/jobs?{urlencode({**sent, 'limit': limit, 'direction': direction, **more})}"
            page = self.delivery.world.call("GET", path)
            assert page.status == 200, page.body
            names = ("id", "status", "attempt", "priority", "user_data", "bundle_id")
            found += [tuple(job[name] for name in names) for job in page.body["jobs"]]
            token = page.body["next_token"]
            if token is None:
                break
        assert found == expected, (query, found, expected)
        _totals["lists"] += 1

    def compare_job(self, job_id: str) -> None:
        job = self.delivery.look().jobs[job_id]
        shown = self.delivery.world.job(job_id)
        told = shown["status"], shown["attempt"], shown["deadline"], len(shown["tasks"])
        assert told == (job.status, job.attempt, to_text(job.deadline), job.task_count)
        assert [each["status"] for each in shown["tasks"]] == [
            job.task_status(index) for index in range(job.task_count)
        ]
        log = self.delivery.world.call("GET", f"/jobs/{job_id}/events").body["events"]
        assert [each["sequence"] for each in log] == [*range(1, job.sequence + 1)]

    def teardown(self) -> None:
        """All faults are over."""
        if not hasattr(self, "model"):
            return
        self.come_to_rest()
        self.every_job_is_as_it_may_be()
        seen = self.delivery.look()
        assert all(seen.jobs[job_id].status.is_terminal for job_id in self.model.jobs)
        for job_id in self.model.jobs:
            self.compare_job(job_id)
        by_status = [{"status": [status]} for status in sorted(ENDED)]
        queries: list[dict[str, Any]] = [{}, {"tag": "x"}, *by_status]
        for query in queries:
            self.compare_list(query, 3, "desc")
        pool = self.delivery.world.call("GET", f"/pools/{REGION}").body
        assert pool["capacity"] in self.model.capacity
        bundles = self.delivery.world.call("GET", "/bundles").body["bundles"]
        made = {each["name"]: each["id"] for each in bundles}
        assert len(made) == len(bundles)
        assert made.keys() <= self.model.bundles.keys()
        assert all(made[name] == kept for name, kept in self.model.bundles.items() if kept)
        _totals["jobs"] += len(seen.jobs)

    # --- how it is done ------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        self.delivery.has_lag = False
        self.set_capacity(3, None)
        self.delivery.rest()
        self.delivery.check_rest()
        self.every_job_is_as_it_may_be()

    def pick(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.model.jobs)))

    def acknowledge(self, job_id: str, body: dict[str, Any], outcome: str, key: str | None) -> None:
        time = 1000 * body["deadline_seconds"]
        # The answer may be that of an earlier sending: the job's own time is what counts.
        at = self.delivery.look().jobs[job_id].submitted
        name = body.get("user_data") or f"job {len(self.model.jobs)}"
        self.model.add(job_id, Known(name, body, outcome, time, at + time), key)
        if job_id in self.there:
            # An earlier sending made it, and nobody knew: anything may have befallen it.
            self.model.jobs[job_id].ends |= ENDED

    def cancel_job(self, job_id: str, fault: Any) -> None:
        before = self.delivery.look().jobs[job_id]
        answer = self.ask("cancel_job", "POST", f"/jobs/{job_id}/cancel", None, fault)
        after = self.delivery.look().jobs[job_id]
        assert after.attempt == before.attempt
        if before.status.is_terminal:
            assert after.status is before.status
            assert answer is None or answer.status == 409, answer
            return
        if answer is not None:
            # 409: its own first sending has taken effect.
            assert answer.status == 200 or self.delivery.has_failed, answer.body
            assert after.status is Status.CANCELLED
        if after.status is Status.CANCELLED:
            self.model.jobs[job_id].ends = {"Cancelled"}
        else:
            assert after.status is before.status

    def restart_job(self, job_id: str, fault: Any, start_at: str, key: str | None = None) -> None:
        before = self.delivery.look().jobs[job_id]
        body, headers = {"start_at": start_at}, {"idempotency_key": key} if key else {}
        answer = self.ask("restart_job", "POST", f"/jobs/{job_id}/restart", body, fault, **headers)
        after = self.delivery.look().jobs[job_id]
        if key in self.model.restarts:
            assert (after.status, after.attempt) == (before.status, before.attempt)
            assert answer is None or answer.status == 202, answer.body
            return
        if key and after.attempt > before.attempt:
            self.model.restarts.add(key)
        if not before.status.is_terminal:
            assert (after.status, after.attempt) == (before.status, before.attempt)
            assert answer is None or answer.status == 409, answer
            return
        if answer is not None:
            # 409: its own first sending, without a key, has taken effect.
            assert answer.status == 202 or (self.delivery.has_failed and not key), answer.body
            assert after.attempt == before.attempt + 1
        if after.attempt > before.attempt:
            assert after.status is Status.PENDING
            self.model.jobs[job_id].begin(after.attempt, now())

    def ask(self, name: str, method: str, path: str, body: Any, fault: Any, **headers: str) -> Any:
        answers = []
        self.with_fault(
            fault, lambda: answers.append(self.delivery.request(name, method, path, body, **headers))
        )
        _totals["requests"] += 1
        return answers[0] if answers else None

    def with_fault(self, fault: Any, do: Callable[[], object]) -> None:
        """Do it, and let the n-th call fail."""
        delivery, injector = self.delivery, self.delivery.injector
        if fault is None:
            do()
            return
        number, mode, again = fault
        outer = injector.plan
        injector.plan = {len(injector.calls) + number: mode}
        delivery.again, delivery.has_failed = again, False
        fired = len(injector.fired)
        try:
            do()
        finally:
            injector.plan, delivery.again = outer, Again.REDELIVERED
            for call, _ in injector.fired[fired:]:
                _totals["faults"] += 1
                if call.process.startswith(("worker", "settle")):
                    self.model.may_fail()

    def remember(self) -> None:
        waiting = self.delivery.waiting
        for name in ("records", "messages", "events"):
            self.past += [(name, what) for what in getattr(waiting, name) if (name, what) not in self.past]

    def work(self, run: Any, parameters: Any) -> Result:
        """The tool of all tasks."""
        with self.delivery.working(run):
            path = run.directory / "made"
            path.write_text("made")
            file = run.save(path, "made")
            if parameters.say and run._job.attempt == 1 and run.job_id in self.model.jobs:
                try:
                    self.cancel_job(run.job_id, None)
                    if parameters.say == "restart":
                        self.restart_job(run.job_id, None, "first")
                except AssertionError as wrong:
                    self.inner.append(wrong)
                    raise
        if parameters.fail == "for good":
            raise InvalidMedia("this is no video")
        if parameters.fail == "once" and not self.delivery.look().jobs[run.job_id].tries:
            raise TransferFailed("the line broke")
        if parameters.fail == "lost" and run._job.attempt == 1 and run.job_id in self.model.jobs:
            raise RunLost("seen by the watch")
        return Result(files=[file])


def waits(delivery: Delivery) -> bool:
    """Whether anything is on its way."""
    waiting = delivery.waiting
    return bool(waiting.records or waiting.messages or waiting.events or waiting.tries)


def _is_wanted(job: Job, query: dict[str, Any], at: int) -> bool:
    """The filters of a list, once more and straight from the words of its documentation."""
    if job.ttl is not None and job.ttl * 1000 <= at:
        return False
    is_in_progress = job.status == "Running" or (job.ended is not None and job.ended >= at - 15 * 60_000)
    checks: dict[str, Callable[[Any], bool]] = {
        "status": lambda wanted: job.status in wanted,
        "tag": lambda wanted: wanted in job.tags,
        "bundle_id": lambda wanted: job.bundle_id == wanted,
        "user_data": lambda wanted: job.user_data == wanted,
        "tool": lambda wanted: wanted in job.tools.split(","),
        "in_progress": lambda _: is_in_progress,
        "region": lambda wanted: job.region == wanted.removeprefix("aws:"),
    }
    return all(checks[name](wanted) for name, wanted in query.items())


def _expire_objects(there: set[str]) -> None:
    """What the workspace's own rule does, a month after."""
    keys = s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys
    for key in list(keys):
        if key.split("/")[2] not in there:
            keys.pop(key)


def test_no_history_breaks_a_promise(make: Callable[[int], Delivery], total: Callable[[str], None]) -> None:
    delivery = make(2)
    machine = type("Clients", (Clients,), {"delivery": delivery, "start": delivery.keep()})
    _totals.clear()
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=many(30, 200),
                stateful_step_count=50 if IS_LONG else 30,
                verbosity=Verbosity.normal,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )
    finally:
        total(f"histories: {dict(_totals)}")
