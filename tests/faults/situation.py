"""Situations in which several handlers may be at work at once, and what each of them would do there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mediajobs.job import Job, Status
from mediajobs.timestamp import now
from tests import moto_gap
from tests.faults.delivery import Delivery
from tests.faults.injector import Mode
from tests.faults.life import task
from tests.faults.waiting import Machine, Outcome

#: Milliseconds around the moment at which a job expires.
_MARGIN = 200_000


@dataclass(frozen=True)
class Work:
    """One handler's invocation: `run` in a thread of its own, `conclude` once all have ended."""

    process: str
    run: Callable[[], object]
    conclude: Callable[[], object] = lambda: None


#: By name, made for a world in the situation; taking up a delivery takes it out of the world.
Make = Callable[[Delivery], Work]


@dataclass(frozen=True)
class Situation:
    """A moment, and the handlers that may run from it."""

    reach: Callable[[Delivery], object]
    handlers: tuple[str, ...]
    capacity: int = 1


def _job(delivery: Delivery, name: str = "a") -> Job:
    return delivery.look().jobs[delivery.waiting.ids[name]]


def submit(delivery: Delivery, name: str, *tasks: dict[str, Any], **more: Any) -> None:
    """A client submits a job and is answered."""
    body = {"tasks": list(tasks), "user_data": name, **more}
    answer = delivery.world.call("POST", "/jobs", body, headers={"idempotency-key": name})
    assert answer.status == 201, answer.body
    delivery.waiting.ids[name] = answer.body["id"]


def _request(verb: str, name: str = "a") -> Make:
    def make(delivery: Delivery) -> Work:
        path = f"/jobs/{delivery.waiting.ids[name]}/{verb}"
        return Work(f"{verb}_job", lambda: _ask(delivery, "POST", path))

    return make


def _ask(delivery: Delivery, method: str, path: str, body: Any = None) -> None:
    answer = delivery.world.call(method, path, body)
    assert answer.status < 500, answer.body


def _resubmit(delivery: Delivery) -> Work:
    path = f"/jobs/{delivery.waiting.ids['a']}/resubmit"
    return Work("resubmit_job", lambda: _ask(delivery, "POST", path, {"patch": {"user_data": None}}))


def _expire(delivery: Delivery) -> Work:
    """The time of what is about to expire comes, and AWS deletes its rows."""

    def run() -> None:
        delivery.pass_time(_MARGIN)
        moto_gap.delete_expired(now() // 1000)

    return Work("expire", run)


def _submit(name: str) -> Make:
    return lambda delivery: Work("submit_job", lambda: submit(delivery, name, task("media")))


def _capacity(slots: int) -> Make:
    path = "/pools/eu-central-1"
    return lambda delivery: Work("put_pool", lambda: _ask(delivery, "PUT", path, {"capacity": slots}))


def _announce(delivery: Delivery) -> Work:
    records, delivery.waiting.records = delivery.waiting.records, []
    return Work("announce", lambda: delivery.world.announce(records))


def _dispatch(delivery: Delivery) -> Work:
    """The queue's messages; or one that names every job, as a late one would."""
    messages, delivery.waiting.messages = delivery.waiting.messages, []
    for job in delivery.look().jobs.values():
        body = f'{{"organization": "{job.organization}", "region": "{job.region}", "job": "{job.id}"}}'
        messages = [*messages, {"messageId": job.id, "body": body}]

    def run() -> None:
        assert delivery.world.dispatch(messages) == {"batchItemFailures": []}

    return Work("dispatch", run)


def _drive(delivery: Delivery) -> Work:
    job = _job(delivery)
    event = {
        "detail-type": "Job Status Changed",
        "detail": {"organization_id": job.organization, "job_id": job.id},
    }
    delivery.waiting.events = [each for each in delivery.waiting.events if each["detail"]["job_id"] != job.id]
    return Work("drive", lambda: delivery.world.drive(event))


def _worker(delivery: Delivery) -> Work:
    """The worker of the one execution."""
    machine = _machine(delivery)
    position = machine.position
    payload = delivery.payload(Machine(machine.name, position))
    errors: list[str] = []

    def run() -> None:
        error = delivery.world.work(payload)
        errors.extend([error] if error else [])
        assert error in (None, "TaskFailed", "RunLost", "RunHeld"), error

    def conclude() -> None:
        # Of two workers of one task, the machine has only asked for the last.
        if machine.position == position:
            machine.error = None
            delivery.conclude_work(machine, Outcome.FAILED if errors else Outcome.DONE, errors)

    return Work(f"worker.{payload['worker']}", run, conclude)


def _settle(delivery: Delivery) -> Work:
    machine = _machine(delivery)
    payload = delivery.payload(machine)
    answers: list[dict[str, Any]] = []

    def conclude() -> None:
        delivery.conclude_settle(machine, Outcome.DONE, answers)

    return Work("settle", lambda: answers.append(delivery.world.settle(payload)), conclude)


def _machine(delivery: Delivery) -> Machine:
    (machine,) = delivery.waiting.machines.values()
    return machine


def _sweep(delivery: Delivery) -> Work:
    def run() -> None:
        assert delivery.world.sweep()["failed"] == 0

    return Work("sweep", run)


HANDLERS: dict[str, Make] = {
    "submit": _submit("b"),
    "submit again": _submit("c"),
    "cancel": _request("cancel"),
    "restart": _request("restart"),
    "resubmit": _resubmit,
    "expire": _expire,
    "close the pool": _capacity(0),
    "widen the pool": _capacity(2),
    "announce": _announce,
    "grant": _dispatch,
    "start": _drive,
    "worker": _worker,
    "settle": _settle,
    "sweep": _sweep,
}


def _pending(delivery: Delivery) -> None:
    submit(delivery, "a", task("media"))
    delivery.collect()


def _until(status: Status, *tasks: dict[str, Any], **more: Any) -> Callable[[Delivery], None]:
    def reach(delivery: Delivery) -> None:
        submit(delivery, "a", *tasks, **more)
        delivery.collect()
        while _job(delivery).status is not status:
            delivery.step()

    return reach


def _two(delivery: Delivery) -> None:
    """a holds the one slot and is driven; b waits, and its message has been in vain."""
    _driven(task("media"))(delivery)
    submit(delivery, "b", task("media"))
    delivery.collect()


def _driven(*tasks: dict[str, Any], **more: Any) -> Callable[[Delivery], None]:
    def reach(delivery: Delivery) -> None:
        _until(Status.RUNNING, *tasks, **more)(delivery)
        while not delivery.waiting.machines:
            delivery.step()

    return reach


def _killed(*tasks: dict[str, Any]) -> Callable[[Delivery], None]:
    """The worker took the task and was killed."""

    def reach(delivery: Delivery) -> None:
        _driven(*tasks)(delivery)
        while delivery.waiting.records or delivery.waiting.messages or delivery.waiting.events:
            delivery.step()
        delivery.injector.plan = {len(delivery.injector.calls): Mode.CRASH_AFTER}
        delivery.step()
        delivery.injector.plan = {}
        assert _job(delivery).run is not None

    return reach


def _killed_and_over(delivery: Delivery) -> None:
    _killed(task("media"))(delivery)
    delivery.pass_time(_job(delivery).run_until + 10_000 - now())


def _cancelled_at_work(delivery: Delivery) -> None:
    """Its worker was killed after the cancel, and its time is over: the slot is still held."""
    _killed(task("media"))(delivery)
    _ask(delivery, "POST", f"/jobs/{delivery.waiting.ids['a']}/cancel")
    delivery.collect()
    delivery.pass_time(_job(delivery).run_until + 10_000 - now())


def _late(delivery: Delivery) -> None:
    _driven(task("media"), deadline_seconds=30)(delivery)


def _failed(delivery: Delivery) -> None:
    _until(Status.FAILED, task("media", fail="for good"))(delivery)


def _about_to_expire(delivery: Delivery) -> None:
    """It has failed, the sweeper has stood still for its whole life, and nothing has told of its end."""
    _failed(delivery)
    delivery.pass_time(int(_job(delivery).ttl or 0) * 1000 - _MARGIN // 2 - now())


_RETRY: dict[str, Any] = {"retry": {"count": 1, "delay_seconds": 0}}

SITUATIONS: dict[str, Situation] = {
    "pending": Situation(
        _pending, ("submit", "cancel", "resubmit", "close the pool", "announce", "grant", "sweep")
    ),
    "granted": Situation(
        _until(Status.RUNNING, task("media")),
        ("cancel", "close the pool", "announce", "grant", "start", "sweep"),
    ),
    "driven": Situation(_driven(task("media")), ("cancel", "announce", "grant", "start", "sweep", "worker")),
    "fails": Situation(
        _driven(task("media", fail="for good")), ("cancel", "announce", "grant", "start", "sweep", "worker")
    ),
    "is tried again": Situation(
        _driven(task("media", fail="once", **_RETRY)), ("cancel", "start", "sweep", "worker")
    ),
    "another waits": Situation(
        _two, ("cancel", "close the pool", "widen the pool", "announce", "grant", "sweep", "worker")
    ),
    "killed": Situation(_killed(task("media", **_RETRY)), ("cancel", "announce", "start", "settle", "sweep")),
    "killed, and its time is over": Situation(
        _killed_and_over, ("cancel", "announce", "start", "settle", "sweep")
    ),
    "cancelled, and its time is over": Situation(
        _cancelled_at_work, ("restart", "announce", "grant", "start", "settle", "sweep")
    ),
    "late": Situation(_late, ("cancel", "announce", "start", "sweep", "worker")),
    "failed": Situation(
        _failed, ("restart", "resubmit", "submit", "announce", "grant", "start", "sweep", "cancel")
    ),
    "about to expire": Situation(
        _about_to_expire, ("expire", "restart", "resubmit", "cancel", "announce", "start", "sweep")
    ),
}
