"""The vendor's calls about jobs."""

from collections.abc import Iterator
from typing import Any

from mediajobs.dialects.xvid import pipeline, preset, words
from mediajobs.dialects.xvid.dialect import DIALECT
from mediajobs.dialects.xvid.field import bad, wrapped
from mediajobs.dialects.xvid.library import Library, one
from mediajobs.dialects.xvid.page import Page, refused
from mediajobs.dialects.xvid.request import pipeline_id_of, wanted
from mediajobs.dialects.xvid.shape import Shape, boolean
from mediajobs.identifier import new_id
from mediajobs.listing import Filter
from mediajobs.request import MAX_BODY_BYTES, Request, Response
from mediajobs.store import job as jobs
from mediajobs.store import listing
from mediajobs.timestamp import now

#: Jobs that are read at once.
_STRIDE = 200
#: A time with fewer digits is in seconds.
_SECONDS_BELOW = 10**11


@DIALECT.endpoint
def list_jobs(request: Request) -> Response[Any]:
    """Answer a page of jobs. Those that are sorted by a key that is in no index are all read, 5,000 at the
    most."""
    page = Page.of(request, "/v1/jobs/", words.JOB_KEYS)
    library, criteria = Library.of(request), _filter(request)
    organization, at = request.principal.organization, now()
    if (indexed := words.INDEXED.get(page.sort)) is not None:
        rows, total = listing.window(
            organization,
            criteria,
            sort=indexed,
            ascending=page.ascending,
            start=page.start,
            limit=page.limit,
            now=at,
        )
        return page.answer("jobs", _shown(library, organization, [row.id for row in rows]), total)
    rows, total = listing.window(
        organization, criteria, sort="id", ascending=True, start=0, limit=listing.MAX_WINDOW, now=at
    )
    if total > len(rows):
        raise refused("sort", f"more than {len(rows)} jobs match; choose fewer by from_date and to_date")
    plain = Library(organization, request.origin)
    ordered = page.ordered(
        [
            {
                **plain.reply(detail).job(in_list=True),
                "unique_custom_key": plain.reply(detail).said.get("unique_custom_key"),
            }
            for ids in _parts([row.id for row in rows])
            for detail in jobs.details(organization, ids)
        ]
    )
    ids = [entry["id"] for entry in ordered[page.start : page.start + page.limit]]
    return page.answer("jobs", _shown(library, organization, ids), len(ordered))


def _shown(library: Library, organization: str, ids: list[str]) -> Iterator[dict[str, Any]]:
    """The jobs of those ids, read as they are asked for."""
    for part in _parts(ids):
        library.forget()
        for detail in jobs.details(organization, part):
            yield library.filled(library.reply(detail).job(in_list=True))


def _parts(ids: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(ids), _STRIDE):
        yield ids[first : first + _STRIDE]


def _filter(request: Request) -> Filter:
    """What the query asks for. Raises InvalidRequest."""
    query = request.query
    status = query.get("status")
    statuses = frozenset(ours for ours, theirs in words.STATUSES.items() if theirs == status)
    if status is not None and not statuses:
        raise refused("status", "SUCCESS, QUEUED or FAILURE")
    autograph = boolean(query, "autograph")
    pipeline_id = query.get("pipeline.id")
    labels = [f"pipeline:{pipeline_id}"] if pipeline_id is not None else []
    after, before = _time(request, "from_date"), _time(request, "to_date")
    return Filter(
        statuses=statuses,
        submitted_after=None if after is None else after + 1,
        submitted_before=None if before is None else before - 1,
        user_data=query.get("user_data"),
        input_name=query.get("input.file.name"),
        in_progress=boolean(query, "inprogress") or False,
        labels=(*labels, "autograph") if autograph else tuple(labels),
        without=("autograph",) if autograph is False else (),
    )


def _time(request: Request, name: str) -> int | None:
    """Milliseconds since the epoch; shorter numbers are in seconds."""
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise refused(name, "seconds or milliseconds since the epoch")
    return int(text) if int(text) >= _SECONDS_BELOW else int(text) * 1000


@DIALECT.endpoint
def get_job(request: Request) -> Response[Any]:
    """Answer a job, whichever API it came by."""
    return one(request, "job")


@DIALECT.endpoint
def submit_job(request: Request) -> Response[Any]:
    """Make a job of `{"job": {…}}` and answer it."""
    # They bring pydantic, which is slow to load, and which reading does not need.
    from dataclasses import replace

    from mediajobs import submission

    shape, library = Shape.of(request), Library.of(request)
    job = wrapped(request, "job", MAX_BODY_BYTES)
    organization = request.principal.organization
    job_id = new_id()

    def made() -> submission.Submission:
        pipeline_id = pipeline_id_of(job)
        found = pipeline.find(organization, pipeline_id) if pipeline_id else None
        if pipeline_id and found is None:
            raise bad("/job/pipeline/id", "there is no such pipeline; GET /v1/pipelines/ lists them")
        asked = wanted(
            job,
            job_id,
            pipeline.opened(found) if found else None,
            lambda preset_id: preset.rendition(organization, preset_id),
        )
        said = submission.Said("xvid", asked.job, request.origin, asked.labels)
        prepared = submission.prepare(request.principal, asked.body)
        # Its id is in the names of its files already.
        return submission.quoting(replace(prepared, job=replace(prepared.job, id=job_id)), said)

    detail = submission.make(request.principal, made, ["xvid", job], request.headers.get("idempotency-key"))
    return shape.response({"job": library.filled(library.reply(detail).job(in_list=False))})
