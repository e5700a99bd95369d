"""What a job's row refuses: decisions, holds and debts of those who have not seen how it stands by now.

A row that has expired is not brought back as a fragment by whoever still knows of it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mediajobs import aws, execution, outside
from mediajobs.consumption import NOTHING
from mediajobs.errors import RunLost
from mediajobs.event import Event
from mediajobs.identifier import new_id
from mediajobs.job import Failure, Job, Status
from mediajobs.reactions import offer as offers
from mediajobs.reactions.drive import drive
from mediajobs.settings import settings
from mediajobs.store import debt, decision, delivery, run
from mediajobs.store import job as jobs
from mediajobs.store.delivery import Delivery, Outcome
from mediajobs.store.item import to_item
from mediajobs.store.offer import Offer, waiting
from mediajobs.store.pack import unpack
from mediajobs.store.write import ConditionFailed
from mediajobs.table import job_key
from mediajobs.timestamp import MINUTE, now
from mediajobs.worker import work
from tests.moto_account import REGION
from tests.world import World


def _pending(acme: World, tasks: int = 2, **more: Any) -> Job:
    return _seen(acme, acme.submit(*["test:nothing"] * tasks, **more))


def _seen(acme: World, job_id: str) -> Job:
    job = jobs.find(acme.organization, job_id)
    assert job is not None
    return job


def _running(acme: World, tasks: int = 2) -> Job:
    return decision.grant(_pending(acme, tasks), at=now())


def _claim(job: Job, token: str, *, until: int = MINUTE, **other: int) -> Job:
    place = {"attempt": job.attempt, "index": job.cursor} | other
    return run.claim(
        job.organization, job.id, **place, run=token, at=now(), until=now() + until, log="", memory_mb=512
    )


def _finish(job: Job) -> Job:
    return decision.finish_task(job, {}, at=now(), used=NOTHING)


def _restart(job: Job) -> Job:
    return decision.restart(job, at=now(), by="x", deadline=job.deadline, first=0)


def _ended(acme: World) -> Job:
    return _finish(_claim(_running(acme, 1), "a"))


def _events(job: Job) -> list[Event]:
    return list(jobs.events(job.organization, job.id, 0))


# --- decisions ---------------------------------------------------------------------------------------


def test_what_was_decided_about_an_earlier_state_is_refused(acme: World) -> None:
    job = _pending(acme)
    decision.cancel(job, at=now(), by="x")
    with pytest.raises(ConditionFailed):
        decision.grant(job, at=now())
    assert acme.pool().holders == frozenset()
    assert _seen(acme, job.id).status is Status.CANCELLED


def test_a_worker_whose_task_another_has_taken_cannot_end_it(acme: World) -> None:
    job = _running(acme)
    first = _claim(job, "first", until=-1)
    second = _claim(job, "second")
    with pytest.raises(ConditionFailed):
        _finish(first)
    assert _finish(second).cursor == 1


def test_a_full_pool_refuses(acme: World) -> None:
    acme.call("PUT", f"/pools/{REGION}", {"capacity": 1})
    job, other = _pending(acme), _pending(acme)
    decision.grant(job, at=now())
    with pytest.raises(ConditionFailed) as refused:
        decision.grant(other, at=now())
    assert refused.value.failed[:2] == (False, True)


def test_a_pool_without_slots_refuses_its_first_job(acme: World) -> None:
    acme.call("PUT", f"/pools/{REGION}", {"capacity": 0})
    with pytest.raises(ConditionFailed):
        decision.grant(_pending(acme), at=now())


# --- holds -------------------------------------------------------------------------------------------


def test_a_task_is_held_by_one_run_until_its_time_is_over(acme: World) -> None:
    job = _running(acme)
    _claim(job, "first")
    with pytest.raises(run.RunHeld):
        _claim(job, "second")
    other = _running(acme)
    _claim(other, "first", until=-1)
    assert _claim(other, "second").run == "second"


def test_only_the_task_at_the_cursor_of_a_running_job_is_taken(acme: World) -> None:
    job = _running(acme)
    with pytest.raises(run.RunLost):
        _claim(job, "early", index=1)
    _finish(_claim(job, "first"))
    with pytest.raises(run.TaskDone):
        _claim(job, "late")
    decision.cancel(_seen(acme, job.id), at=now(), by="x")
    with pytest.raises(run.RunLost):
        _claim(job, "later", index=1)
    assert _seen(acme, job.id).run is None


def test_a_task_of_an_earlier_attempt_is_not_taken_for_the_present_one_s(acme: World) -> None:
    job = _running(acme)
    again = decision.grant(_restart(decision.cancel(job, at=now(), by="x")), at=now())
    with pytest.raises(run.RunLost):
        _claim(job, "old")
    assert _claim(again, "new").run == "new"


def test_a_claim_that_is_sent_twice_is_one(acme: World) -> None:
    job = _running(acme)
    assert _claim(job, "a") == _claim(job, "a")


@pytest.mark.parametrize(
    "say", [lambda job: run.write_progress(job, 7), lambda job: run.prolong(job, job.run_until + 1, 7)]
)
def test_a_worker_hears_that_its_task_was_taken_away(acme: World, say: Callable[[Job], None]) -> None:
    job = _running(acme)
    first = _claim(job, "first", until=-1)
    say(first)
    assert _seen(acme, job.id).progress == 7
    assert not run.is_lost(first)
    second = _claim(job, "second")
    assert run.is_lost(first)
    assert not run.is_lost(second)
    with pytest.raises(run.RunLost):
        say(first)
    decision.cancel(second, at=now(), by="x")
    with pytest.raises(run.RunLost):
        say(second)
    assert _seen(acme, job.id).progress == 0
    assert run.is_lost(first)
    assert run.is_lost(second)


# --- debts -------------------------------------------------------------------------------------------


def test_a_job_that_has_ended_and_owes_nothing_is_not_looked_at_again(acme: World) -> None:
    job = _ended(acme)
    log = _events(job)
    told = debt.mark_announced(log[0], log[-1])
    assert told is not None
    assert (told.announced, told.due) == (job.sequence, None)
    debt.postpone(job, now())
    assert _seen(acme, job.id).due is None


@pytest.mark.parametrize("owed", ["held", "stops", "litter"])
def test_a_job_that_owes_something_is_looked_at_again(acme: World, owed: str) -> None:
    job = _running(acme)
    if owed == "litter":
        job = _claim(_claim_and_fail(acme, job), "next")
        job = decision.cancel(replace(job, run_until=0), at=now(), by="x")
        _put(job, stops=None)
    else:
        job = decision.cancel(_claim(job, "a"), at=now(), by="x")
        job = decision.release(job, at=now(), by="x", is_clean=False) if owed == "stops" else job
        _put(job, litter=None, **({"stops": None} if owed == "held" else {}))
    seen = _seen(acme, job.id)
    assert [bool(seen.held), bool(seen.stops), bool(seen.litter)] == [
        name == owed for name in ("held", "stops", "litter")
    ]
    log = _events(job)
    told = debt.mark_announced(log[0], log[-1])
    assert told is not None
    assert told.announced == told.sequence
    assert told.due is not None
    assert not debt.clear(told)


def _claim_and_fail(acme: World, job: Job) -> Job:
    """A run that has left litter behind."""
    return decision.retry_task(
        _claim(job, "first"),
        Failure("X", "x", True, 0),
        at=now(),
        delay=0,
        by="x",
    )


def _put(job: Job, **changes: Any) -> None:
    """Have the row as no decision would leave it."""
    gone = ", ".join(f"#{name}" for name in changes)
    aws.client("dynamodb", REGION).update_item(
        TableName=settings().table_name,
        Key=to_item({"pk": job_key(job.organization, job.id), "sk": "JOB"}),
        UpdateExpression=f"REMOVE {gone}",
        ExpressionAttributeNames={f"#{name}": name for name in changes},
    )


def test_the_end_of_an_attempt_that_was_restarted_is_told_and_the_next_one_is_still_due(acme: World) -> None:
    ended = _ended(acme)
    log = _events(ended)
    _restart(ended)
    told = debt.mark_announced(log[0], log[-1])
    assert told is not None
    assert (told.announced, told.due is None) == (ended.sequence, False)


def test_what_was_told_once_is_noted_once_and_in_order(acme: World) -> None:
    job = _ended(acme)
    log = _events(job)
    assert debt.mark_announced(log[1], log[-1]) is None
    assert _seen(acme, job.id).announced == 0
    assert debt.mark_announced(log[0], log[1]) is not None
    assert debt.mark_announced(log[0], log[1]) is None
    assert debt.mark_announced(log[0], log[0]) is None
    assert _seen(acme, job.id).announced == 2


def test_a_job_that_was_restarted_stays_due(acme: World) -> None:
    job = _ended(acme)
    log = _events(job)
    _restart(job)
    assert not debt.clear(replace(job, announced=job.sequence))
    assert _seen(acme, job.id).due is not None
    assert log[-1].status is Status.SUCCESS


def test_a_look_is_not_put_off_once_somebody_has_decided(acme: World) -> None:
    job = _claim(_running(acme), "a")
    _finish(job)
    debt.postpone(job, now() + 1000 * MINUTE)
    assert _seen(acme, job.id).due == job.due


def test_a_job_gets_one_new_execution_and_none_when_a_worker_has_come(acme: World) -> None:
    job = _running(acme)
    again = debt.drive_again(job, now() + MINUTE)
    assert again is not None
    assert again.drive == 2
    assert debt.drive_again(job, now() + MINUTE) is None
    _claim(job, "a")
    assert debt.drive_again(again, now() + MINUTE) is None
    assert _seen(acme, job.id).drive == 2


def test_a_job_that_has_ended_gets_no_new_execution(acme: World) -> None:
    job = _running(acme)
    decision.cancel(job, at=now(), by="x")
    assert debt.drive_again(job, now()) is None


_FORGETFUL: dict[str, Callable[[Job], object]] = {
    "announced": lambda job: debt.mark_announced(_EVENTS[-1], _EVENTS[-1]),
    "stopped": lambda job: debt.mark_stopped(job, job.execution),
    "removed": lambda job: debt.mark_removed(job, frozenset({job.place})),
    "cleared": lambda job: debt.clear(replace(job, stops=frozenset(), litter=frozenset(), held=None)),
    "postponed": lambda job: debt.postpone(job, now()),
    "driven": lambda job: debt.drive_again(job, now()),
    "extended": lambda job: _suppressed(lambda: jobs.extend(job, now())),
}
_EVENTS: list[Event] = []


def _suppressed(call: Callable[[], object]) -> None:
    with pytest.raises(LookupError):
        call()


@pytest.mark.parametrize("name", _FORGETFUL)
def test_a_job_that_has_expired_is_not_brought_back(acme: World, name: str) -> None:
    job = _ended(acme)
    job = replace(job, announced=job.sequence, stops=frozenset({job.execution}))
    _EVENTS[:] = _events(job)
    table = aws.client("dynamodb", REGION)
    for row in table.scan(TableName=settings().table_name)["Items"]:
        if row["pk"]["S"] == job_key(job.organization, job.id):
            table.delete_item(TableName=settings().table_name, Key={key: row[key] for key in ("pk", "sk")})
    if name != "extended":
        _FORGETFUL[name](job)
    left = [
        row
        for row in table.scan(TableName=settings().table_name)["Items"]
        if row["pk"]["S"] == job_key(job.organization, job.id)
    ]
    assert left == []


def test_the_end_of_a_worker_that_outlived_its_job_is_kept_with_its_log(acme: World) -> None:
    job = decision.cancel(_claim(_running(acme), "late"), at=now(), by="x")
    assert acme.job(job.id)["tasks"][0]["ended"] is None
    decision.release(job, at=now(), by="x")
    assert acme.job(job.id)["tasks"][0]["ended"] is not None
    result = jobs.result(acme.organization, job.id, 1, 0)
    assert result is not None
    assert (result["status"], result["run"], "log" in result) == (Status.CANCELLED, "late", True)


# --- executions, and work outside ---------------------------------------------------------------------


def test_an_execution_is_started_once_however_often_it_is_asked_for(acme: World) -> None:
    job = _running(acme)
    tasks = unpack(jobs.spec(acme.organization, job.id)["tasks"])
    for _ in range(2):
        execution.start(job, tasks)
    execution.stop(job.region, job.execution)
    execution.start(job, tasks)
    assert list(acme.executions()) == [job.execution]
    assert execution.state(job) is execution.State.ENDED


def test_a_job_with_a_worker_is_not_started_again(acme: World, monkeypatch: pytest.MonkeyPatch) -> None:
    job = _running(acme)
    started: list[str] = []
    monkeypatch.setattr(execution, "start", lambda job, tasks: started.append(job.execution))
    drive(job)
    drive(_claim(job, "a"))
    assert started == [job.execution]


def test_an_execution_that_never_was_is_absent_and_need_not_be_stopped(acme: World) -> None:
    job = _running(acme)
    assert execution.state(job) is execution.State.ABSENT
    execution.stop(job.region, job.execution)


def _outside(acme: World) -> Job:
    tasks = [{"tool": "test:nothing", "executor": "outside"}, {"tool": "test:nothing"}]
    answer = acme.call("POST", "/jobs", {"tasks": tasks})
    return decision.grant(_seen(acme, answer.body["id"]), at=now())


def test_only_the_run_that_finished_a_task_hears_that_it_did(acme: World) -> None:
    job = _claim(_outside(acme), "aaaaaaaaaaaa")
    _finish(job)
    mine, other = (f"{job.id}.1.0.{letter * 12}" for letter in "ab")
    assert outside.is_finished(acme.organization, mine)
    assert not outside.is_finished(acme.organization, other)


def test_the_failure_of_a_run_is_not_its_success(acme: World) -> None:
    job = _claim(_outside(acme), "aaaaaaaaaaaa")
    decision.fail(job, Failure("X", "x", False, 0), at=now(), by="x")
    assert not outside.is_finished(acme.organization, f"{job.id}.1.0.{'a' * 12}")


def test_an_offer_of_an_earlier_attempt_is_taken_by_nobody_and_tells_nobody(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Offer] = []
    monkeypatch.setattr(outside, "tell", told.append)
    job = _outside(acme)
    Offer(acme.organization, job.id, 1, 0).put(job, "token")
    again = decision.grant(_restart(decision.cancel(job, at=now(), by="x")), at=now())
    assert outside.take(acme.organization, None) is None
    assert Offer(acme.organization, job.id, 1, 0).token() is None
    Offer(acme.organization, job.id, 1, 0).put(job, "token")
    _finish(_claim(again, "aaaaaaaaaaaa"))
    assert outside.take(acme.organization, None) is None
    assert told == []


def test_an_offer_of_a_task_that_is_held_is_taken_by_nobody_else(acme: World) -> None:
    job = _outside(acme)
    Offer(acme.organization, job.id, 1, 0).put(job, "token")
    assert outside.take(acme.organization, None) is not None
    assert outside.take(acme.organization, None) is None
    assert _seen(acme, job.id).tries == 0


def test_a_task_is_offered_only_for_the_attempt_that_wants_it(acme: World) -> None:
    job = _outside(acme)
    wanted = {"organization": acme.organization, "job": job.id, "attempt": 1, "task": 0, "token": "token"}
    decision.grant(_restart(decision.cancel(job, at=now(), by="x")), at=now())
    offers.handler(wanted, None)
    assert list(waiting(acme.organization)) == []
    offers.handler({**wanted, "attempt": 2}, None)
    assert [each.attempt for each in waiting(acme.organization)] == [2]


def test_what_a_worker_did_not_finish_is_not_taken_for_finished_by_another_run(acme: World) -> None:
    first = _claim(_running(acme), "first", until=-1)
    second = _claim(first, "second")
    _finish(second)
    work._lost_or_done(second, Status.SUCCESS)
    with pytest.raises(RunLost):
        work._lost_or_done(first, Status.SUCCESS)
    with pytest.raises(RunLost):
        work._lost_or_done(second, Status.FAILED)


def test_a_worker_that_lost_its_run_leaves_the_next_one_s_slot_alone(acme: World) -> None:
    first = _claim(_running(acme), "first", until=-1)
    second = _claim(first, "second")
    decision.cancel(second, at=now(), by="x")
    work._release(first, True)
    assert _seen(acme, first.id).held is not None
    work._release(second, True)
    assert _seen(acme, first.id).held is None


# --- deliveries --------------------------------------------------------------------------------------

_TRIED = Outcome(tried=1, took=1, answered=200)


def _owed(acme: World) -> Delivery:
    made = Delivery(
        owner="OWNER",
        id=new_id(now()),
        organization=acme.organization,
        message_id="m",
        kind="job.success",
        url="https://example.com/",
        created=now() - 5 * MINUTE,
    )
    assert delivery.create(made)
    return made


def _now(made: Delivery) -> Delivery:
    found = delivery.of_id(made.owner, made.id)
    assert found is not None
    return found


def test_a_delivery_is_owed_once_and_a_made_one_not_again(acme: World) -> None:
    made = _owed(acme)
    claimed = delivery.claim(made, at=now())
    assert claimed is not None
    delivery.delivered(claimed, _TRIED)
    assert not delivery.create(made)
    assert _now(made).state is delivery.State.DELIVERED


def test_a_try_is_made_by_one(acme: World) -> None:
    made = _owed(acme)
    assert delivery.claim(made, at=now()) is not None
    assert delivery.claim(made, at=now()) is None
    assert _now(made).tries == 1


def test_what_was_delivered_meanwhile_is_not_tried_again(acme: World) -> None:
    claimed = delivery.claim(_owed(acme), at=now())
    assert claimed is not None
    delivery.delivered(claimed, _TRIED)
    assert delivery.claim(claimed, at=now()) is None
    assert not delivery.postpone(claimed, _TRIED, until=now(), look=now())
    assert _now(claimed).state is delivery.State.DELIVERED


def test_a_late_word_about_a_try_does_not_end_what_was_asked_for_again(acme: World) -> None:
    claimed = delivery.claim(_owed(acme), at=now())
    assert claimed is not None
    delivery.park(claimed, _TRIED)
    assert delivery.ask_again(_now(claimed), at=now()) is not None
    delivery.park(claimed, _TRIED)
    assert _now(claimed).state is delivery.State.PENDING


def test_a_delivery_that_was_made_or_put_off_is_not_woken_though_the_index_still_shows_it(
    acme: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, other = _owed(acme), _owed(acme)
    real = delivery.up_to
    shown = {shard: real(delivery.DUE, f"DELIVERY#{shard}", now(), 9) for shard in range(4)}
    claimed = delivery.claim(made, at=now())
    assert claimed is not None
    delivery.delivered(claimed, _TRIED)
    assert delivery.claim(other, at=now()) is not None
    monkeypatch.setattr(delivery, "up_to", lambda _index, shard, *_: shown[int(shard[-1])])
    assert list(delivery.overdue(now(), 9)) == []
    assert _now(made).due is None
