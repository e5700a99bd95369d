"""Rehearsing a submission: all that can be told of a job without making it."""

import json
from typing import Any

from mediajobs import answer, representation
from mediajobs.api_key import Principal
from mediajobs.consumption import NOTHING, Consumption
from mediajobs.errors import Conflict
from mediajobs.idempotency import replay_of
from mediajobs.inspection import inspect
from mediajobs.settings import settings
from mediajobs.store import pool
from mediajobs.store.job import Detail
from mediajobs.store.pack import unpack
from mediajobs.submission import Submission, prepare
from mediajobs.timestamp import SECOND
from mediajobs.tools import catalog
from mediajobs.tools.estimate import Estimate, Files
from mediajobs.tools.tool import Worker

#: Stands among a job's files for those whose names are not known.
_SOME = "?"
_BASIS = (
    "A rule of thumb for each task, and a second to start it, at list price; without the time that the job"
    " waits for a slot, and without retries."
)


def rehearse(caller: Principal, body: Any, idempotency_key: str | None) -> answer.Plan:
    """The plan of a submitted body; nothing is stored, also not for the Idempotency-Key, or started.

    Raises InvalidRequest as a submission does, and Unavailable if the places that the job names cannot be
    looked at.
    """
    replay_of(caller.organization, body, idempotency_key)
    made = prepare(caller, body)
    job = made.job
    place = pool.find(job.organization, job.region)
    if place is None:
        raise Conflict(f"The pool of {job.region} has just gone")
    position = pool.position(job)
    waiting = len(pool.pending(job.organization, job.region, pool.MAX_POSITION))
    checks = _checks(made)
    return {
        "job": representation.state(Detail(job, made.stored, {}), position),
        "region": job.region,
        "pool": {**representation.pool(place), "pending": waiting},
        "queue_position": position,
        "checks": checks,
        "estimate": _estimate(made, checks),
    }


def _checks(made: Submission) -> list[answer.Check]:
    """The inspector is asked only about a job that reaches out."""
    tasks = unpack(made.stored["tasks"])
    if not any(hasattr(catalog.find(task["tool"]), "inspects") for task in tasks):
        return []
    return inspect(made.job, tasks, made.sealed())


def _estimate(made: Submission, checks: list[answer.Check]) -> answer.Estimate:
    """Each task's tool estimates it by the files that the tasks before it leave."""
    files: Files = {}
    tasks: list[answer.TaskEstimate] = []
    used = NOTHING
    for index, task in enumerate(made.spec.tasks):
        prefix = f"/tasks/{index}/parameters"
        looks = {
            check["pointer"].removeprefix(prefix): check["bytes"]
            for check in checks
            if check["task"] == index
        }
        found, worker = _of_task(task.tool, task.parameters, files, looks)
        files = {**files, **({_SOME: None} if found.files is None else found.files)}
        seconds = None if found.seconds is None else round(found.seconds, 1)
        tasks.append({"task": index, "seconds": seconds, "basis": found.basis})
        held = round((1 + (seconds or 0)) * SECOND)
        used = used.plus(Consumption.of_worker(held, settings().worker_mb[worker]))
    known = [task["seconds"] for task in tasks if task["seconds"] is not None]
    is_whole = len(known) == len(tasks)
    return {
        "seconds": round(sum(known) + len(known), 1) if is_whole else None,
        "cost_usd": used.cost(1) if is_whole else None,
        "basis": _BASIS,
        "tasks": tasks,
    }


def _of_task(name: str, given: dict[str, Any], files: Files, looks: Files) -> tuple[Estimate, Worker]:
    tool = catalog.find(name)
    if tool is None:
        raise LookupError(name)
    parameters = tool.Parameters.model_validate_json(json.dumps(given), strict=True)
    return catalog.rule(tool)(parameters, files, looks), tool.WORKER
