"""Lives of jobs for the fault suites: what clients ask for and when, and what the tools do meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mediajobs.errors import InvalidMedia, RunLost, TransferFailed
from mediajobs.job import Status
from mediajobs.tools.tool import Result, Worker
from tests.faults.delivery import Delivery
from tests.faults.property import MAIL, RECEIVER
from tests.world import tool

#: Bytes of a part of a file in the workspace, in these lives.
PART = 4


@dataclass(frozen=True)
class Action:
    """Something a client does, as soon as `when` is so."""

    when: Callable[[Delivery], bool]
    do: Callable[[Delivery], object]


@dataclass(frozen=True)
class Life:
    """What happens to the service from its first request on."""

    actions: tuple[Action, ...]
    capacity: int = 1
    #: Whether the stream and the bus lose everything, so that only the sweeper is left.
    is_deaf: bool = False


def go(delivery: Delivery, life: Life) -> bool:
    """The next thing that happens: an action, a delivery, or time passing; False if nothing ever will."""
    waiting = delivery.waiting
    if waiting.actions < len(life.actions) and life.actions[waiting.actions].when(delivery):
        waiting.actions += 1
        life.actions[waiting.actions - 1].do(delivery)
        return True
    if life.is_deaf:
        waiting.records, waiting.messages, waiting.events = [], [], []
    if delivery.step():
        return True
    moment = delivery.next_moment()
    if moment is not None:
        delivery.wait(moment)
        return True
    waiting.actions += 1
    return waiting.actions <= len(life.actions)


def equip(delivery: Delivery) -> None:
    """The tools of these lives. Each leaves a file behind, whatever becomes of it."""

    def work(run: Any, parameters: Any) -> Result:
        with delivery.working(run):
            if run.files:
                run.open("made")
            run.progress(0.5)
            path = run.directory / "made"
            path.write_bytes(bytes(parameters.size))
            file = run.save(path, "made")
            if parameters.say and run._job.attempt == 1:
                _SAID[parameters.say](delivery)
        if parameters.fail:
            _fail(delivery, run, parameters.fail)
        return Result(files=[file])

    delivery.world.tools = {"test:media": tool(work), "test:storage": tool(work, Worker.STORAGE)}


def _fail(delivery: Delivery, run: Any, how: str) -> None:
    match how:
        case "for good":
            raise InvalidMedia("this is no video")
        case "once" if not delivery.look().jobs[run.job_id].tries:
            raise TransferFailed("the line broke")
        case "lost":
            raise RunLost("seen by the watch")


def _now(_: Delivery) -> bool:
    return True


def _submit(name: str, *tasks: dict[str, Any], **more: Any) -> Action:
    """Submit a job under an Idempotency-Key, the job's name in these lives."""

    def do(delivery: Delivery) -> None:
        body = {"tasks": list(tasks), "user_data": name, **more}
        answer = delivery.request("submit_job", "POST", "/jobs", body, idempotency_key=name)
        if answer is not None:
            assert answer.status == 201, answer.body
            delivery.waiting.ids[name] = answer.body["id"]

    return Action(_now, do)


def task(name: str, *, say: str = "", fail: str = "", size: int = PART, **more: Any) -> dict[str, Any]:
    """A task of a test tool, which makes a file of so many bytes."""
    return {"tool": f"test:{name}", "parameters": {"say": say, "fail": fail, "size": size}, **more}


def order(name: str, verb: str, *, key: str | None = None, **body: Any) -> Callable[[Delivery], None]:
    """A client's request about a job it knows; under an Idempotency-Key it is never refused."""

    def do(delivery: Delivery) -> None:
        job_id = delivery.waiting.ids.get(name)
        if job_id is not None:
            headers = {"idempotency_key": key} if key else {}
            path = f"/jobs/{job_id}/{verb}"
            answer = delivery.request(f"{verb}_job", "POST", path, body or None, **headers)
            assert not (key and answer) or answer.status < 300, answer.body

    return do


def capacity(slots: int) -> Callable[[Delivery], object]:
    """A client sets the pool's capacity."""
    return lambda delivery: delivery.request("put_pool", "PUT", "/pools/eu-central-1", {"capacity": slots})


def is_(name: str, *statuses: Status) -> Callable[[Delivery], bool]:
    """Whether the job has one of the statuses."""

    def check(delivery: Delivery) -> bool:
        job = delivery.look().jobs.get(delivery.waiting.ids.get(name, ""))
        return job is not None and job.status in statuses

    return check


_ENDED = (Status.SUCCESS, Status.FAILED, Status.CANCELLED)


def _hook(delivery: Delivery) -> None:
    """A client makes a webhook."""
    body = {"url": "https://hook.example.com/", "events": [f"job.{end}" for end in _TOLD]}
    delivery.request("create_webhook", "POST", "/webhooks", body)


_TOLD = ("running", "success", "failed", "cancelled")


def _cancel_and_restart(delivery: Delivery) -> None:
    order("a", "cancel")(delivery)
    order("a", "restart")(delivery)


#: What clients do while a tool is at work, by what its parameters say.
_SAID: dict[str, Callable[[Delivery], object]] = {
    "cancel": order("a", "cancel"),
    "cancel and restart": _cancel_and_restart,
    "close the pool": capacity(0),
}

_ONCE: dict[str, Any] = {"retry": {"count": 1, "delay_seconds": 7}}

LIVES: dict[str, Life] = {
    "two tasks": Life((_submit("a", task("media"), task("storage")),)),
    "a task fails": Life((_submit("a", task("storage"), task("media", fail="for good"), task("media")),)),
    "a task is tried again": Life((_submit("a", task("storage", fail="once", **_ONCE), task("media")),)),
    "one slot for two": Life((_submit("a", task("media")), _submit("b", task("storage")))),
    "cancelled while waiting": Life(
        (_submit("a", task("media")), Action(is_("a", Status.PENDING), order("a", "cancel")))
    ),
    "cancelled before its start": Life(
        (_submit("a", task("media")), Action(is_("a", Status.RUNNING), order("a", "cancel")))
    ),
    "cancelled at work": Life((_submit("a", task("media", say="cancel", fail="lost"), task("media")),)),
    "cancelled at work, and done too late": Life((_submit("a", task("media", say="cancel")),)),
    "restarted at work": Life(
        (_submit("a", task("media", say="cancel and restart")), _submit("b", task("media")))
    ),
    "restarted from the failure": Life(
        (
            _submit("a", task("media"), task("media", fail="once")),
            Action(is_("a", *_ENDED), order("a", "restart", key="again", start_at="failed")),
        )
    ),
    "late": Life(
        (_submit("a", task("media"), deadline_seconds=30), _submit("b", task("media"), deadline_seconds=90)),
        capacity=0,
    ),
    "room is made": Life(
        (
            _submit("a", task("media", say="close the pool")),
            _submit("b", task("media"), deadline_seconds=300),
            Action(_now, capacity(2)),
        )
    ),
    "receivers are told": Life(
        (
            Action(_now, _hook),
            _submit("a", task("media"), notify=[RECEIVER, {"url": RECEIVER, "on": ["Running"]}]),
        )
    ),
    "a mail, and a file in parts": Life((_submit("a", task("media", size=6), notify=[RECEIVER, MAIL]),)),
    "receivers, and only the sweeper": Life((_submit("a", task("media"), notify=[RECEIVER]),), is_deaf=True),
    "only the sweeper": Life(
        (_submit("a", task("media"), task("storage")), _submit("b", task("media"))), is_deaf=True
    ),
}
