"""GET /jobs/{id}: a job, its tasks, how far it is and what it made."""

from dataclasses import replace
from typing import TYPE_CHECKING

from mediajobs import download, entity_tag, representation
from mediajobs.endpoint import endpoint
from mediajobs.header import ETAG, IF_NONE_MATCH, PREFER, PREFERENCE_APPLIED
from mediajobs.job import Job, Status
from mediajobs.lookup import found
from mediajobs.request import Request, Response
from mediajobs.store import job as jobs
from mediajobs.store import pool
from mediajobs.store.job import Detail

if TYPE_CHECKING:
    from mediajobs import answer


@endpoint(reads=(IF_NONE_MATCH, PREFER), sends=(ETAG, PREFERENCE_APPLIED))
def handler(request: Request) -> "Response[answer.Job]":
    """200 with the job, or 304 if the caller has its present state. With `Prefer: wait=N` it comes back
    when something has changed, and at once if the job has ended."""
    known = request.headers.get(IF_NONE_MATCH.name)
    seconds = entity_tag.wanted_wait(request.headers.get(PREFER.name))
    detail, position, tag = _state(request)
    is_news = known is not None and not entity_tag.matches(tag, known)
    if seconds and not is_news and not detail.job.status.is_terminal:
        before = _moving(detail.job)
        entity_tag.wait_for_change(lambda: _moving(found(request, jobs.find)), before, seconds)
        detail, position, tag = _state(request)
    headers = {ETAG.name: tag, **({PREFERENCE_APPLIED.name: f"wait={seconds}"} if seconds else {})}
    if entity_tag.matches(tag, known):
        return Response(304, None, headers)
    return Response(200, representation.job(detail, download.link, position), headers)


def _state(request: Request) -> tuple[Detail, int | None, str]:
    """The job, its place in the queue, and the tag of both; links differ at every look and do not count."""
    detail = found(request, jobs.detail)
    position = pool.position(detail.job) if detail.job.status is Status.PENDING else None
    return detail, position, entity_tag.of(representation.state(detail, position))


def _moving(job: Job) -> Job:
    """What of a row its caller can see."""
    return replace(job, announced=0, due=None, run_until=0, stops=frozenset())
