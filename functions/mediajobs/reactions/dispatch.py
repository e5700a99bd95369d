"""Woken by the queue, one pool at a time: fills the pool's free slots with its next jobs."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from mediajobs.bus import wake_pool
from mediajobs.job import Job, Status
from mediajobs.log import bind, logger
from mediajobs.store import decision, pool
from mediajobs.store import job as jobs
from mediajobs.store.write import ConditionFailed
from mediajobs.timestamp import now

#: Slots that are granted at once: several times as many fit into the time that the function has.
MOST = 100


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Fill every pool that a message of the batch names; the messages of a pool that fails come again."""
    woken: dict[tuple[str, str], set[str]] = defaultdict(set)
    messages: dict[tuple[str, str], list[str]] = defaultdict(list)
    failed = []
    for record in event["Records"]:
        try:
            body = json.loads(record["body"])
            key, job_id = (body["organization"], body["region"]), body["job"]
            woken[key] |= {job_id} - {None}
        except (LookupError, TypeError, ValueError, RecursionError):
            logger.exception("a message cannot be read", message_id=record["messageId"])
            failed.append(record["messageId"])
            continue
        messages[key].append(record["messageId"])
    for key, job_ids in woken.items():
        try:
            fill(*key, job_ids)
        except Exception:  # the glue of this function: one pool must not hold up another
            logger.exception("a pool could not be filled", organization=key[0], region=key[1])
            failed += messages[key]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def fill(organization: str, region: str, woken: Iterable[str] = ()) -> list[Job]:
    """Grant free slots in order of rank, among the jobs the index shows and those named; the index may not
    show a job yet that has just been submitted. Where there are more of both than can be granted at once, the
    pool is woken again. Returns the jobs granted."""
    bind(organization=organization, region=region)
    slots = pool.find(organization, region)
    if slots is None or not slots.free:
        return []
    most = min(slots.free, MOST)
    # While an earlier attempt's worker may still be at work, a job does not wait for a slot.
    waiting = [
        job
        for job in _candidates(slots, most, woken)
        if job.status is Status.PENDING and job.region == region and job.held is None
    ]
    first = sorted(waiting, key=lambda job: job.rank)[:most]
    granted: list[Job] = []
    for job in first:
        try:
            granted.append(decision.grant(job, at=now()))
            logger.info("granted", job=job.id, attempt=job.attempt)
        except ConditionFailed as refused:
            if refused.failed[1]:
                break
    if len(first) == most < slots.free:
        wake_pool(organization, region, None, f"{first[-1].holder}-more")
    return granted


def _candidates(slots: pool.Pool, most: int, woken: Iterable[str]) -> list[Job]:
    """So many of the first jobs of the index, and those named. One whose row is not a job's, such as by
    another version's hand, is passed over: it must not hold up those behind it."""
    found: dict[str, Job | None] = {}
    unreadable: set[str] = set()
    while True:
        limit = most + len(unreadable)
        seen = pool.pending(slots.organization, slots.region, limit)
        for job_id in {*seen, *woken} - found.keys():
            try:
                found[job_id] = jobs.find(slots.organization, job_id)
            except (LookupError, TypeError, ValueError):
                logger.exception("a job's row cannot be read", organization=slots.organization, job=job_id)
                found[job_id] = None
                unreadable.add(job_id)
        if len(seen) < limit or limit == most + len(unreadable):
            return [job for job in found.values() if job is not None]
