"""The objects that an answer refers to, looked up once for it and put in where they are asked for."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from mediajobs import aws
from mediajobs.api_key import is_key_id
from mediajobs.dialects.xvid import pipeline, preset
from mediajobs.dialects.xvid.file import FileId
from mediajobs.dialects.xvid.reply import Reply, reference
from mediajobs.dialects.xvid.shape import Shape, boolean
from mediajobs.errors import NotFound
from mediajobs.identifier import is_id
from mediajobs.request import Request, Response
from mediajobs.settings import settings
from mediajobs.store import job as jobs
from mediajobs.store import membership
from mediajobs.store import organization as organizations
from mediajobs.store.job import Detail

#: A reference stands under the name of its kind.
_KINDS = ("pipeline", "preset", "codec", "user", "application", "file", "job")
#: A larger picture is left out, so that it does not crowd out the rest.
MAX_PICTURE = 256 * 1024


@dataclass
class Library:
    """Looks objects up for one request."""

    #: None: nobody in particular, who sees the system's presets alone.
    organization: str | None
    origin: str
    #: What is asked for by `expand`, or by `expand_all`.
    wanted: frozenset[str] = frozenset()
    bin_data: bool = False
    _found: dict[tuple[str, str], dict[str, Any] | None] = field(default_factory=dict)
    _replies: dict[str, Reply | None] = field(default_factory=dict)

    @classmethod
    def of(cls, request: Request) -> "Library":
        """By `expand`, `expand_all` and `bin_data`. Raises InvalidRequest."""
        names = frozenset(filter(None, request.query.get("expand", "").split(",")))
        return cls(
            organization=request.caller.organization if request.caller else None,
            origin=request.origin,
            wanted=frozenset(_KINDS) if boolean(request.query, "expand_all") else names,
            bin_data=boolean(request.query, "bin_data") or False,
        )

    def reply(self, detail: Detail) -> Reply:
        """What can be said of a job, which is then known here."""
        made = Reply(detail, self.origin)
        self._replies[detail.job.id] = made
        return made

    def forget(self) -> None:
        """Let go of the jobs: a long list has many."""
        self._replies.clear()
        self._found = {key: thing for key, thing in self._found.items() if key[0] not in ("file", "job")}

    def reply_of(self, job_id: str) -> Reply | None:
        """The same by the job's id."""
        if job_id not in self._replies:
            is_ours = self.organization is not None and is_id(job_id)
            detail = jobs.detail(self.organization or "", job_id) if is_ours else None
            self._replies[job_id] = None if detail is None else Reply(detail, self.origin)
        return self._replies[job_id]

    def find(self, kind: str, thing_id: str) -> dict[str, Any] | None:
        """An object of the organization as it is shown, with references to others."""
        if (kind, thing_id) not in self._found:
            self._found[kind, thing_id] = self._look(kind, thing_id)
        return self._found[kind, thing_id]

    def _look(self, kind: str, thing_id: str) -> dict[str, Any] | None:
        if kind == "preset":
            return preset.find(self.organization, thing_id, self.origin)
        if kind == "codec":
            return preset.codec(thing_id, self.origin)
        if self.organization is None:
            return None
        if kind == "pipeline":
            found = pipeline.find(self.organization, thing_id)
            return None if found is None else pipeline.shown(found, self.origin)
        if kind == "user":
            return self._user(self.organization) if thing_id in ("me", self.organization) else None
        if kind == "application":
            return self._application(self.organization, thing_id)
        if kind == "file":
            file = FileId.of(thing_id)
            reply = self.reply_of(file.job) if file else None
            return reply.file(file) if reply and file else None
        reply = self.reply_of(thing_id)
        return None if reply is None else reply.job(in_list=False)

    def _user(self, organization: str) -> dict[str, Any] | None:
        found = organizations.find(organization)
        if found is None:
            return None
        known = {"name": found.name, "created_at": found.created}
        return {**known, **reference(self.origin, "users", organization)}

    def _application(self, organization: str, key_id: str) -> dict[str, Any] | None:
        found = membership.find(organization, key_id) if is_key_id(key_id) else None
        if found is None:
            return None
        return {
            "name": found.user,
            "user": reference(self.origin, "users", organization),
            "created_at": found.created,
            **reference(self.origin, "applications", key_id),
        }

    def filled(self, value: Any, above: Iterable[str] = ()) -> Any:
        """JSON with the objects asked for in the place of what refers to them, and theirs in turn; what an
        object stands in stays a reference."""
        if isinstance(value, list):
            return [self.filled(part, above) for part in value]
        if not isinstance(value, Mapping):
            return value
        above = {*above, value.get("href", "")}
        made = {}
        for name, part in value.items():
            if isinstance(part, Mapping) and "href" in part and name in _KINDS:
                made[name] = self._put_in(name, part, above)
            else:
                made[name] = self.filled(part, above)
        return made

    def shown(self, kind: str, thing: Mapping[str, Any], above: Iterable[str] = ()) -> Any:
        """An object with what is asked for in it and beside it."""
        picture = self.picture(thing["id"]) if self.bin_data and kind == "file" else None
        return {**self.filled(thing, above), **({} if picture is None else {"thumbnail": picture})}

    def _put_in(self, kind: str, part: Mapping[str, Any], above: Iterable[str]) -> Any:
        is_wanted = kind in self.wanted and part["href"] not in above
        return self.shown(kind, (self.find(kind, part["id"]) if is_wanted else None) or part, above)

    def picture(self, file_id: str) -> str | None:
        """The picture that stands for a file, as a data URI; None if there is none that is small."""
        file = FileId.of(file_id)
        reply = self.reply_of(file.job) if file else None
        picture = reply.picture_of(file) if reply and file else None
        entry = reply.entry(picture) if reply and picture else None
        if reply is None or entry is None or entry["size"] > MAX_PICTURE:
            return None
        region = reply.detail.job.region
        try:
            answer = aws.media_client(region).get_object(
                Bucket=settings().workspace_bucket_of(region), Key=entry["key"]
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        return f"data:{entry['content_type']};base64,{base64.b64encode(answer['Body'].read()).decode()}"


def one(request: Request, kind: str) -> Response[str]:
    """Answer the object `{id}` of a kind. Raises NotFound."""
    shape, library = Shape.of(request), Library.of(request)
    found = library.find(kind, request.parameters["id"])
    if found is None:
        raise NotFound("There is none of this id")
    return shape.response({kind: library.shown(kind, found)})
