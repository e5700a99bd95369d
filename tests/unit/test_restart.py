"""Restarting a job that has ended, once or again and again."""

from typing import Any

import pytest
from time_machine import Traveller

from mediajobs.aws import client
from mediajobs.errors import InvalidMedia
from mediajobs.settings import settings
from mediajobs.tools.tool import Result
from tests.moto_account import REGION, table_rows
from tests.world import World, tool


def test_a_restart_is_the_next_attempt_of_the_same_job(acme: World) -> None:
    job_id = acme.submit("test:nothing", "test:nothing")
    acme.settle_down()
    answer = acme.call("POST", f"/jobs/{job_id}/restart")
    assert (answer.status, answer.body["status"], answer.body["attempt"]) == (202, "Pending", 2)
    assert answer.body["ended"] is None
    assert answer.body["expiry"] is None
    acme.settle_down()
    job = acme.job(job_id)
    assert (job["status"], job["attempt"]) == ("Success", 2)
    assert set(acme.executions()) == {f"{job_id}-1-1", f"{job_id}-2-1"}


def test_a_restart_from_the_failed_task_keeps_the_earlier_results(acme: World) -> None:
    runs: list[str] = []

    def first(run: Any, _parameters: Any) -> Result:
        runs.append("first")
        path = run.directory / "x"
        path.write_text("kept")
        return Result(files=[run.save(path, "x")])

    def second(run: Any, _parameters: Any) -> Result:
        runs.append("second")
        if len(runs) < 4:
            raise InvalidMedia("not yet")
        return Result(data={"read": run.open("x").read_text()})

    acme.tools |= {"test:first": tool(first), "test:second": tool(second)}
    job_id = acme.submit("test:first", "test:second")
    for _ in range(2):
        acme.settle_down()
        assert acme.job(job_id)["status"] == "Failed"
        acme.call("POST", f"/jobs/{job_id}/restart", {"start_at": "failed"})
    acme.settle_down()
    job = acme.job(job_id)
    assert (job["status"], job["attempt"], job["error"]) == ("Success", 3, None)
    assert job["tasks"][1]["data"] == {"read": "kept"}
    assert job["tasks"][0]["files"][0]["name"] == "x"
    assert runs == ["first", "second", "second", "second"]


@pytest.mark.parametrize("moves", [0, 4])
def test_a_job_that_has_not_ended_cannot_be_restarted(acme: World, moves: int) -> None:
    job_id = acme.submit("test:nothing")
    for _ in range(moves):
        acme.deliver()
    assert acme.call("POST", f"/jobs/{job_id}/restart").status == 409


def test_a_restarted_job_waits_until_its_old_worker_is_gone(acme: World) -> None:
    seen: list[Any] = []

    def slow(_run: Any, _parameters: Any) -> Result:
        if not seen:
            acme.call("POST", f"/jobs/{job_id}/cancel")
            acme.call("POST", f"/jobs/{job_id}/restart")
            while acme.deliver():
                pass
            seen.append((acme.job(job_id)["status"], acme.pool().holders))
        return Result()

    acme.tools["test:slow"] = tool(slow)
    job_id = acme.submit("test:slow")
    acme.settle_down()
    assert seen == [("Pending", frozenset({f"{job_id}#1"}))]
    assert acme.job(job_id)["status"] == "Success"
    assert acme.executions() == {f"{job_id}-1-1": "ABORTED", f"{job_id}-2-1": "SUCCEEDED"}
    assert acme.pool().holders == frozenset()


def test_a_restart_brings_back_no_idempotency_key_that_was_forgotten(acme: World) -> None:
    body, headers = {"tasks": [{"tool": "test:nothing"}]}, {"idempotency-key": "k"}
    job_id = acme.call("POST", "/jobs", body, headers=headers).body["id"]
    acme.settle_down()
    (row,) = [row for row in table_rows() if row["sk"]["S"] == "IDEMPOTENCY"]
    client("dynamodb", REGION).delete_item(
        TableName=settings().table_name, Key={name: row[name] for name in ("pk", "sk")}
    )
    assert acme.call("POST", f"/jobs/{job_id}/restart").status == 202
    answer = acme.call("POST", "/jobs", body, headers=headers)
    assert (answer.status, answer.body["id"] != job_id) == (201, True)


def test_a_restarted_job_lives_31_days_from_its_new_end(acme: World, clock: Traveller) -> None:
    body, headers = {"tasks": [{"tool": "test:nothing"}]}, {"idempotency-key": "k"}
    job_id = acme.call("POST", "/jobs", body, headers=headers).body["id"]
    acme.settle_down()
    clock.shift(30 * 24 * 3600)
    acme.call("POST", f"/jobs/{job_id}/restart")
    acme.settle_down()
    clock.shift(31 * 24 * 3600 - 1)
    assert acme.job(job_id)["status"] == "Success"
    rows = [row for row in table_rows() if job_id in row["pk"]["S"] or row["sk"]["S"] == "IDEMPOTENCY"]
    job_ttl = next(int(row["ttl"]["N"]) for row in rows if row["sk"]["S"] == "JOB")
    assert all(int(row["ttl"]["N"]) >= job_ttl for row in rows)


def _restart(acme: World, job_id: str, key: str, **body: str) -> tuple[int, str | None, int | None]:
    """The status of the answer, and the status and the attempt of the job in it."""
    headers = {"idempotency-key": key}
    answer = acme.call("POST", f"/jobs/{job_id}/restart", body or None, headers=headers)
    return answer.status, answer.body.get("status"), answer.body.get("attempt")


def test_one_idempotency_key_restarts_a_job_once(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    acme.settle_down()
    assert _restart(acme, job_id, "k") == (202, "Pending", 2)
    assert _restart(acme, job_id, "k") == (202, "Pending", 2)
    acme.settle_down()
    assert _restart(acme, job_id, "k") == (202, "Success", 2)
    assert _restart(acme, job_id, "l") == (202, "Pending", 3)


def test_a_key_that_was_used_for_something_else_restarts_nothing(acme: World) -> None:
    headers, body = {"idempotency-key": "k"}, {"tasks": [{"tool": "test:nothing"}]}
    job_id = acme.call("POST", "/jobs", body, headers=headers).body["id"]
    acme.settle_down()
    assert _restart(acme, job_id, "k")[0] == 422
    assert _restart(acme, job_id, "l", start_at="first")[0] == 202
    acme.settle_down()
    assert _restart(acme, job_id, "l", start_at="failed")[0] == 422
    other = acme.submit("test:nothing")
    acme.settle_down()
    assert _restart(acme, other, "l", start_at="first")[0] == 422
    assert acme.job(job_id)["attempt"] == 2
    assert acme.job(other)["attempt"] == 1


def test_a_key_that_restarted_nothing_is_not_used_up(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    assert _restart(acme, job_id, "k")[0] == 409
    acme.settle_down()
    assert _restart(acme, job_id, "k") == (202, "Pending", 2)
