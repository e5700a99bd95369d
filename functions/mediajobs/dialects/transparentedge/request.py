"""From the vendor's order to a job of ours."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from mediajobs.dialects.transparentedge import words
from mediajobs.dialects.transparentedge.profile import Lenient, Profile, Whole
from mediajobs.dialects.transparentedge.uri import Uri, without_secrets
from mediajobs.errors import FieldError, InvalidRequest
from mediajobs.form import fields
from mediajobs.request import MAX_BODY_BYTES, Request
from mediajobs.spec import validated
from mediajobs.tools.media.transcode import MAX_RENDITIONS
from mediajobs.tools.workspace import FileName
from mediajobs.transfer.url import file_name


def _number(value: Any) -> Any:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _uri(text: str) -> str:
    uri = Uri.of(text)
    if uri.scheme not in ("s3", "http", "https", "ftp", "ftps", "sftp"):
        raise ValueError("a URI that begins with ftp://, s3://, http:// or the like")
    if not uri.has_host:
        raise ValueError("no host; write / ? # in a user's name or password as %2F %3F %23")
    return text


def _none(value: list[Any] | None) -> list[Any]:
    if value:
        raise ValueError("unsupported: there is no DRM here")
    return []


class Thumbnail(Lenient):
    """A picture from a moment of the video, given as a part of its duration."""

    filename: Annotated[FileName, Field(pattern=r"\.(jpg|png|webp)$")]
    width: Whole | None = Field(None, ge=16, le=8192)
    height: Whole | None = Field(None, ge=16, le=8192)
    time: Annotated[float, BeforeValidator(_number), Field(ge=0, le=1)] = 0.5


class SubJob(Lenient):
    """One output of an order."""

    label: str | None = Field(None, max_length=255)
    filename: FileName
    profile_id: Whole
    thumbnails: list[Thumbnail] = []


class Notification(Lenient):
    """Who is told when the order has ended."""

    email: str | None = None
    call: str | None = None


class Order(Lenient):
    """An order as it is sent."""

    origin: Annotated[str, AfterValidator(_uri)]
    destinations: list[Annotated[str, AfterValidator(_uri)]] = Field(min_length=1)
    jobs: list[SubJob] = Field(min_length=1)
    thumbnails: list[Thumbnail] = []
    notifications: list[Notification] = []
    priority: Whole | None = Field(None, ge=5, le=10)
    post_process: Annotated[list[Any] | None, AfterValidator(_none)] = None


@dataclass(frozen=True)
class Wanted:
    """The job of an order: a body as our own API takes it, what is kept of the order, and where the parts of
    the body come from, by the beginnings of pointers."""

    body: dict[str, Any]
    kept: dict[str, Any]
    places: dict[str, str]

    def blamed(self, error: InvalidRequest) -> InvalidRequest:
        """An error of the body in terms of the order."""

        def theirs(bad: FieldError) -> FieldError:
            known = [each for each in self.places if f"{bad.pointer}/".startswith(f"{each}/")]
            return FieldError(self.places[max(known, key=len)], bad.detail) if known else bad

        return InvalidRequest(error.detail, fields=[theirs(bad) for bad in error.fields])


def order_of(request: Request) -> Any:
    """The order (JSON) of a request: the query's `data`, the form's `order`, or the body itself.

    Raises MalformedRequest, InvalidRequest, BodyTooLarge.
    """
    if "data" not in request.query and request.body.lstrip().startswith(b"{"):
        whole = request.json(MAX_BODY_BYTES)
        inner = whole.get("order", whole)
        return inner if not isinstance(inner, str) else _read(request, inner)
    form = {**fields(request), **request.query}
    text = form.get("data") or form.get("order")
    if not text:
        raise InvalidRequest("There is no order", fields=[FieldError("/order", "This field is required.")])
    return _read(request, text)


def _read(request: Request, text: str) -> Any:
    return replace(request, body=text.encode()).json(MAX_BODY_BYTES)


def job_of(sent: Any, find: Callable[[int], Profile | None]) -> Wanted:
    """The job of an order; `find` knows the profiles. Raises InvalidRequest."""
    order = validated(Order, sent)
    profiles = {job.profile_id: find(job.profile_id) for job in order.jobs}
    bad = [
        FieldError(f"/jobs/{index}/profile_id", f"there is no transcoding profile {job.profile_id}")
        for index, job in enumerate(order.jobs)
        if profiles[job.profile_id] is None
    ]
    if bad:
        raise InvalidRequest("A profile is not known", fields=bad)
    made = _Tasks(order, {number: known for number, known in profiles.items() if known})
    names = {str(number): known.name for number, known in made.profiles.items()}
    tags = [f"{words.PROFILE_TAG}{name}" for name in dict.fromkeys(names.values())]
    receivers = list(_receivers(order))
    made.places |= {f"/notify/{index}": place for index, (place, _) in enumerate(receivers)}
    made.places["/tasks"] = "/jobs"
    body: dict[str, Any] = {"tasks": made.tasks, "tags": tags}
    if receivers:
        body["notify"] = [{"url": url, "format": "transparentedge"} for _, url in receivers]
    if (priority := words.priority(order.priority)) is not None:
        body["priority"] = priority
    return Wanted(body, {"order": without_secrets(sent), "profiles": names}, made.places)


class _Tasks:
    """The tasks of an order: load, transcode all, cut into segments, take pictures, store."""

    def __init__(self, order: Order, profiles: dict[int, Profile]) -> None:
        self.profiles = profiles
        self.tasks: list[dict[str, Any]] = []
        self.places: dict[str, str] = {}
        self._outputs: list[str] = []
        self._source = self._load(order)
        encoded = self._encode(order.jobs)
        for index, (job, name) in enumerate(zip(order.jobs, encoded, strict=True)):
            self._segment(f"/jobs/{index}", job, name)
        for index, (job, name) in enumerate(zip(order.jobs, encoded, strict=True)):
            self._picture(f"/jobs/{index}/thumbnails", job.thumbnails, name)
        self._picture("/thumbnails", order.thumbnails, self._source)
        self._store(order.destinations)

    def _add(self, tool: str, **parameters: Any) -> str:
        """A task; the pointer to its parameters."""
        self.tasks.append({"tool": tool, "parameters": parameters})
        return f"/tasks/{len(self.tasks) - 1}/parameters"

    def _load(self, order: Order) -> str:
        origin = Uri.of(order.origin)
        name = file_name(origin.shown)
        if name in {job.filename for job in order.jobs}:
            name = f"origin-{name}"
        overlays = [
            {"url": known.overlay.url, "name": _overlay(number, known)}
            for number, known in self.profiles.items()
            if known.overlay
        ]
        place = self._add("storage:get", sources=[{**origin.location(), "name": name}, *overlays])
        self.places[place] = "/origin"
        return name

    def _encode(self, jobs: Sequence[SubJob]) -> list[str]:
        """The names of the files that are encoded."""
        names = []
        for first in range(0, len(jobs), MAX_RENDITIONS):
            renditions = []
            for index, job in enumerate(jobs[first : first + MAX_RENDITIONS], first):
                profile = self.profiles[job.profile_id]
                names.append(f"segmented-{index}.mp4" if profile.hls else job.filename)
                renditions.append(profile.rendition(names[-1], _overlay(job.profile_id, profile)))
            place = self._add("media:transcode", input=self._source, renditions=renditions)
            self.places[place] = "/jobs"
            for number in range(len(renditions)):
                self.places[f"{place}/renditions/{number}"] = f"/jobs/{first + number}"
        return names

    def _segment(self, place: str, job: SubJob, name: str) -> None:
        hls = self.profiles[job.profile_id].hls
        if hls is None:
            self._outputs.append(name)
            return
        folder = str(PurePosixPath(job.filename).with_suffix(""))
        self._outputs.append(f"{folder}/*")
        seconds = hls.segment_seconds
        made = self._add(
            "media:package", inputs=[name], name=folder, formats=["hls"], segment_seconds=seconds
        )
        self.places[made] = place

    def _picture(self, place: str, thumbnails: Sequence[Thumbnail], source: str) -> None:
        for index, each in enumerate(thumbnails):
            stem, _, ending = each.filename.rpartition(".")
            size = {"width": each.width, "height": each.height}
            made = self._add(
                "media:thumbnails",
                input=source,
                times=[f"{each.time * 100:.2f}%"],
                name=stem,
                format=ending,
                # The size that is asked for, with bars and not distorted.
                mode="pad" if each.width and each.height else "fit",
                **{name: value for name, value in size.items() if value is not None},
            )
            self.places[made] = f"{place}/{index}"
            self._outputs.append(each.filename)

    def _store(self, destinations: Sequence[str]) -> None:
        folders = [Uri.of(text).folder().location() for text in destinations]
        place = self._add("storage:put", files=self._outputs, destinations=folders)
        self.places[place] = "/jobs"
        for index in range(len(folders)):
            self.places[f"{place}/destinations/{index}"] = f"/destinations/{index}"
        self.places[f"{place}/destinations"] = "/destinations"


def _overlay(number: int, profile: Profile) -> str:
    url = profile.overlay.url if profile.overlay else ""
    return f"overlay-{number}{PurePosixPath(file_name(url)).suffix}"


def _receivers(order: Order) -> Iterator[tuple[str, str]]:
    """The pointer and the URL of everyone who is told."""
    for index, each in enumerate(order.notifications):
        if each.email:
            yield f"/notifications/{index}/email", f"mailto:{each.email}"
        if each.call:
            yield f"/notifications/{index}/call", each.call
