"""AWS's side of the service: what has to be delivered, to whom, and again when it has failed.

A `Delivery` moves a world along one handler invocation at a time, in a fixed order. What it holds between two
invocations is plain data, so a moment can be kept and gone back to. Every invocation is checked against the
properties.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from mediajobs.event import Event
from mediajobs.mail import send as mail
from mediajobs.store.job import Detail
from mediajobs.timestamp import now
from mediajobs.transfer.post import Answer
from tests.faults import state as states
from tests.faults.invoker import Invoker
from tests.faults.waiting import Again, Machine, Moment, Outcome

#: Times to wait for: lets the sweeper's pace come and go.
_MAX_ROUNDS = 60


class Delivery(Invoker):
    """One world and what AWS would do in it."""

    # --- deliveries ----------------------------------------------------------------------------------

    def step(self) -> bool:
        """Deliver the next thing; False if there is none, for now."""
        waiting = self.waiting
        what: list[dict[str, Any]]
        send: Callable[[list[dict[str, Any]]], None]
        if waiting.records:
            what, send = waiting.records[:], self.announce
        elif waiting.messages:
            what, send = waiting.messages[:], self.dispatch
        elif waiting.events:
            what, send = waiting.events[:1], self.drive
        elif waiting.tries:
            what, send = waiting.tries[:1], self.notify
        else:
            machine = self._ready()
            if machine is None:
                return False
            self.advance(machine)
            return True
        times = self.how_often()
        for _ in range(times):
            send(what)
        if not times:
            self._drop(what)
        return True

    def announce(self, records: list[dict[str, Any]]) -> None:
        """A batch of the stream."""
        self._send("announce", records, lambda: _done(self.world.announce, records))

    def dispatch(self, messages: list[dict[str, Any]]) -> None:
        """A batch of the queue."""
        self._send("dispatch", messages, lambda: not self.world.dispatch(messages)["batchItemFailures"])

    def drive(self, events: list[dict[str, Any]]) -> None:
        """An event of the bus."""
        self._send("drive", events, lambda: _done(self.world.drive, events[0]))

    def notify(self, messages: list[dict[str, Any]]) -> None:
        """A message of a try to deliver."""
        self._send("notify", messages, lambda: not self.world.notify(messages[0])["batchItemFailures"])

    def receive(self, url: str, body: bytes, headers: Mapping[str, str], **_: Any) -> Answer:
        """A receiver that takes everything, in the place of the network."""
        self.waiting.received |= {(url, headers["webhook-id"])}
        return Answer(204, "")

    def mail(self, recipient: str, detail: Detail, event: Event) -> str:
        """SES, with a note of who has got what."""
        answer = mail(recipient, detail, event)
        self.waiting.received |= {(f"mailto:{recipient}", event.message_id)}
        return answer

    def _send(self, name: str, what: list[dict[str, Any]], function: Callable[[], bool]) -> None:
        if not self._comes_again(self.invoke(name, function)):
            self._drop(what)

    def _drop(self, what: list[dict[str, Any]]) -> None:
        waiting = self.waiting
        for queue in (waiting.records, waiting.messages, waiting.events, waiting.tries):
            queue[:] = [each for each in queue if each not in what]

    def advance(self, machine: Machine) -> Outcome:
        """One state of an execution: the worker, or `settle`."""
        payload = self.payload(machine)
        if machine.error is not None:
            answers: list[dict[str, Any]] = []
            outcome = self.invoke("settle", lambda: _done(answers.append, self.world.settle(payload)))
            self.conclude_settle(machine, outcome, answers)
            return outcome
        errors: list[str] = []

        def work() -> bool:
            error = self.world.work(payload)
            errors.extend([error] if error else [])
            return error is None

        outcome = self.invoke(f"worker.{payload['worker']}", work)
        self.conclude_work(machine, outcome, errors)
        return outcome

    def payload(self, machine: Machine) -> dict[str, Any]:
        """What the execution's next function is given."""
        given = states.execution_input(machine.name)
        task = given["tasks"][machine.position]
        payload = {name: given[name] for name in ("organization", "job", "attempt")} | {
            "task": task["index"],
            "worker": task["worker"],
            "seconds": task["seconds"],
        }
        error = {"error": {"Error": machine.error, "Cause": ""}}
        return payload if machine.error is None else payload | error

    def conclude_work(self, machine: Machine, outcome: Outcome, errors: list[str]) -> None:
        """What the execution does after the worker."""
        match outcome:
            case Outcome.DONE:
                self._next_task(machine)
            case Outcome.FAILED:
                machine.error = errors[0]
            case Outcome.CRASHED if self.again is Again.REDELIVERED:
                machine.error = "Runtime.ExitError"
            case Outcome.CRASHED if self.again is Again.LOST:
                self._end(machine, "FAILED")

    def conclude_settle(self, machine: Machine, outcome: Outcome, answers: list[dict[str, Any]]) -> None:
        """What the execution does after `settle`."""
        if outcome is Outcome.DONE:
            match answers[0]["next"]:
                case "retry":
                    machine.error, machine.not_before = None, now() + answers[0]["pause"] * 1000
                case "done":
                    self._next_task(machine)
                case "stop":
                    self._end(machine, "FAILED")
        elif not self._comes_again(outcome):
            self._end(machine, "FAILED")

    def _next_task(self, machine: Machine) -> None:
        machine.position, machine.error = machine.position + 1, None
        if machine.position == len(states.execution_input(machine.name)["tasks"]):
            self._end(machine, "SUCCEEDED")

    def _end(self, machine: Machine, status: str) -> None:
        states.end_execution(machine.name, status)

    def _ready(self) -> Machine | None:
        running = {name for name, status in states.executions().items() if status == "RUNNING"}
        for name in list(self.waiting.machines):
            if name not in running:
                del self.waiting.machines[name]
        return next(
            (machine for machine in self.waiting.machines.values() if machine.not_before <= now()), None
        )

    def _comes_again(self, outcome: Outcome) -> bool:
        return outcome is not Outcome.DONE and self.again is not Again.LOST

    # --- clients and time ----------------------------------------------------------------------------

    def request(
        self, name: str, method: str, path: str, body: Any = None, **headers: str
    ) -> SimpleNamespace | None:
        """A client's request, sent once more if the service fails; None if it was never answered."""
        answers: list[SimpleNamespace] = []

        def send() -> bool:
            sent = {key.replace("_", "-"): value for key, value in headers.items()}
            answer = self.world.call(method, path, body, headers=sent)
            if answer.status >= 500:
                return False
            answers.append(answer)
            return True

        if self._comes_again(self.invoke(name, send)):
            self.invoke(name, send)
        return answers[-1] if answers else None

    def sweep(self) -> Outcome:
        """The sweeper's minute has come."""
        self.waiting.sweeps += 1
        return self.invoke("sweep", lambda: self.world.sweep()["failed"] == 0)

    def pass_time(self, milliseconds: int) -> None:
        """Let the clock go on, in whole seconds."""
        self.clock.shift(max(0, -(-milliseconds // 1000)))

    def next_moment(self) -> int | None:
        """When something is due or an execution goes on: None if nothing ever will."""
        due = self._due()
        pauses = [machine.not_before for machine in self.waiting.machines.values()]
        return min(due + pauses, default=None)

    def deliver(self) -> None:
        """Deliver until nothing is ready."""
        for _ in range(500):
            if not self.step():
                return
        self._report(["it does not come to rest"])

    def rest(self) -> int:
        """Deliver, wait and sweep until nothing is owed any more; how many rounds of the sweeper it took."""
        before = self.waiting.sweeps
        for _ in range(_MAX_ROUNDS):
            self.deliver()
            moment = self.next_moment()
            if moment is None:
                break
            self.wait(moment)
        else:
            self._report(["something stays owed for ever"])
        return self.waiting.sweeps - before

    def wait(self, moment: int) -> None:
        """Wait until that moment, and sweep if something is due then."""
        self.pass_time(moment + 1 - now())
        self._ready()
        if any(due <= now() for due in self._due()):
            self.sweep()

    def _due(self) -> list[int]:
        """When the sweeper has something to do."""
        seen = self.look()
        jobs = [job.due for job in seen.jobs.values() if job.due is not None]
        return jobs + [delivery["due"] for delivery in seen.deliveries.values() if "due" in delivery]

    # --- moments -------------------------------------------------------------------------------------

    def keep(self) -> Moment:
        """This moment, to go back to."""
        return Moment(states.keep(), copy.deepcopy(self.waiting), dict(self.dice.rolls), now() // 1000)

    def go_back(self, moment: Moment) -> None:
        """Make everything as it was at that moment."""
        states.put_back(moment.kept)
        self.waiting = copy.deepcopy(moment.waiting)
        self.dice.rolls = dict(moment.dice)
        self.dice.letters.clear()
        self.clock.move_to(moment.at)
        self.again = Again.REDELIVERED
        self.at_work.clear()
        self.journal = []
        self._broken = None
        self.injector.reset()
        self._seen = self.look()

    def fingerprint(self) -> str:
        """The same in two moments from which everything goes on alike."""
        waiting = self.waiting
        seen = self.look()
        names = {job.id for job in seen.jobs.values()}
        names |= {job.run for job in seen.jobs.values() if job.run}
        names |= {
            result["run"] for rows in seen.results.values() for result in rows.values() if "run" in result
        }
        names |= {key.split("/")[5] for key in seen.objects}
        names |= {place.split("/")[2] for job in seen.jobs.values() for place in job.litter}
        names |= {*seen.deliveries, *seen.webhooks}
        return states.fingerprint(
            [
                [record["dynamodb"]["NewImage"] for record in waiting.records],
                waiting.messages,
                waiting.events,
                waiting.tries,
                sorted(waiting.received),
                [vars(machine) for machine in waiting.machines.values()],
                sorted(waiting.told),
                waiting.actions,
                waiting.ids,
                sorted(waiting.sent),
            ],
            sorted(names),
        )

    @contextmanager
    def working(self, run: Any) -> Iterator[None]:
        """A worker is inside its tool."""
        hold = run.job_id, run._job.attempt, str(run._job.run)
        self.at_work.append(hold)
        try:
            yield
        finally:
            self.at_work.remove(hold)


def _done(function: Callable[[Any], None], argument: Any) -> bool:
    """Have a handler succeed that can only fail by raising."""
    function(argument)
    return True
