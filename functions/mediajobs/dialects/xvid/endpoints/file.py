"""The vendor's calls about the files of jobs."""

from typing import Any

from mediajobs.dialects.xvid.dialect import DIALECT
from mediajobs.dialects.xvid.file import FileId
from mediajobs.dialects.xvid.library import Library, one
from mediajobs.dialects.xvid.page import Page, integer, refused
from mediajobs.dialects.xvid.reply import Reply
from mediajobs.dialects.xvid.shape import Shape, boolean
from mediajobs.download import LINK_SECONDS, link
from mediajobs.errors import NotFound
from mediajobs.listing import Filter
from mediajobs.request import Request, Response
from mediajobs.store import job as jobs
from mediajobs.store import listing
from mediajobs.timestamp import SECOND, now

#: Jobs whose files a list knows, the latest ones.
MAX_JOBS = 500
_KEYS = frozenset({"title", "name", "type", "subtype", "mime_type", "size", "duration", "created_at"}) | {
    *("updated_at", "finished_at", "id", "href")
}
_TYPES = ("file", "folder", "archive")


@DIALECT.endpoint
def list_files(request: Request) -> Response[Any]:
    """Answer a page of the files of a job, or of the latest jobs."""
    page, library = Page.of(request, "/v1/files/", _KEYS), Library.of(request)
    types = request.query.get("type", "file").split(",")
    if not set(types) <= set(_TYPES):
        raise refused("type", f"some of {', '.join(_TYPES)}, with commas between")
    found = [
        reply.file(file)
        for reply in (_replies(request, library) if "file" in types else ())
        for file in reply.files()
    ]
    return page.of_all("files", [library.shown("file", each) for each in found if each])


def _replies(request: Request, library: Library) -> list[Reply]:
    """The jobs whose files are meant."""
    organization, pipeline_id = request.principal.organization, request.query.get("pipeline.id")
    label = f"pipeline:{pipeline_id}"
    if (job_id := request.query.get("job.id")) is not None:
        reply = library.reply_of(job_id)
        is_meant = reply is not None and (pipeline_id is None or label in reply.detail.job.labels)
        return [reply] if reply is not None and is_meant else []
    wanted = Filter(labels=() if pipeline_id is None else (label,))
    rows, _ = listing.window(
        organization, wanted, sort="id", ascending=False, start=0, limit=MAX_JOBS, now=now()
    )
    return [library.reply(detail) for detail in jobs.details(organization, [row.id for row in rows])]


@DIALECT.endpoint
def get_file(request: Request) -> Response[Any]:
    """Answer what is known of a file."""
    return one(request, "file")


@DIALECT.endpoint
def get_download(request: Request) -> Response[Any]:
    """Answer a link to a file, or lead there."""
    shape, library, query = Shape.of(request), Library.of(request), request.query
    for name in ("autograph_tag", "anti_fraud", "max_parallel_downloads", "ip"):
        if query.get(name, "").lower() not in ("", "false", "0"):
            raise refused(name, "this is not supported")
    reply, file = _meant(request, library)
    entry = reply.entry(file) if reply and file else None
    if reply is None or entry is None:
        raise NotFound("There is no such file")
    until = integer(query, "expiry_time", now() // SECOND + LINK_SECONDS, 0, 10**11)
    url = link(
        reply.detail.job.region,
        entry["key"],
        entry["name"],
        seconds=min(max(until - now() // SECOND, 1), LINK_SECONDS),
        is_shown=boolean(query, "streaming") or False,
        door=request.origin,
    )
    if boolean(query, "redirect"):
        return Response(302, "", {"location": url, "content-type": "text/plain"})
    return shape.response({"url": url})


def _meant(request: Request, library: Library) -> tuple[Reply | None, FileId | None]:
    """The file of `file_id`, or of `object_key`, which begins with the job's id, and `pipeline_id`."""
    query = request.query
    if (file_id := query.get("file_id")) is not None:
        file = FileId.of(file_id)
        return (library.reply_of(file.job) if file else None), file
    key, pipeline_id = query.get("object_key"), query.get("pipeline_id")
    if key is None:
        raise refused("file_id", "file_id is required, or object_key and pipeline_id")
    key = key.lstrip("/")
    reply = library.reply_of(key.partition("/")[0])
    if reply is None or (pipeline_id and f"pipeline:{pipeline_id}" not in reply.detail.job.labels):
        return None, None
    named = (file for file in reply.files() if (reply.entry(file) or {}).get("name") == key)
    return reply, next(named, None)
