"""Jobs and their files as the vendor shows them; of a job of another API, what can be told of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mediajobs.dialects.xvid import words
from mediajobs.dialects.xvid.file import FileId, tracks
from mediajobs.job import Status
from mediajobs.said import said_of
from mediajobs.store.job import Detail
from mediajobs.store.pack import unpack
from mediajobs.timestamp import SECOND

_FORCED = ("force_container", "force_aspect_ratio", "force_framerate", "force_interlaced")
_VIDEO = ("rotate", "height", "width", "framerate", "bitrate", "aspect_ratio")
#: Tools whose files are outputs, beside media:transcode.
_MAKERS = ("media:enhance", "ffmpeg:cmd")


def reference(origin: str, kind: str, thing_id: str) -> dict[str, str]:
    """An object that stands elsewhere."""
    return {"id": thing_id, "href": f"{origin}/v1/{kind}/{thing_id}"}


@dataclass(frozen=True)
class _Output:
    """An output of a job: its file, the whole name of that as far as it is known, and its pictures."""

    file: FileId
    name: str | None
    pictures: list[FileId] = field(default_factory=list)
    archives: list[FileId] = field(default_factory=list)


@dataclass(frozen=True)
class Reply:
    """What can be said of a job. `origin` begins its links."""

    detail: Detail
    origin: str

    @cached_property
    def tasks(self) -> list[dict[str, Any]]:
        """As its spec has them."""
        tasks: list[dict[str, Any]] = unpack(self.detail.spec["tasks"])
        return tasks

    @cached_property
    def said(self) -> Mapping[str, Any]:
        """What the vendor's client has sent; nothing if it was another's."""
        said = said_of(self.detail)
        return said.request if said is not None and said.dialect == "xvid" else {}

    def made(self, task: int) -> Sequence[Mapping[str, Any]]:
        """The files that a task has made, as its result has them."""
        files: Sequence[Mapping[str, Any]] = self._result(task)["files"]
        return files

    def _row(self, task: int) -> Mapping[str, Any]:
        return self.detail.results.get((self.detail.job.attempt_of(task), task), {})

    def _result(self, task: int) -> Mapping[str, Any]:
        row = self._row(task)
        return unpack(row["result"]) if "result" in row else {"files": (), "data": {}}

    def job(self, *, in_list: bool) -> dict[str, Any]:
        """The job; a list shows a title where a job alone shows its key."""
        row, said = self.detail.job, self.said
        code, message = words.failure(row, [task["tool"] for task in self.tasks])
        shown = {
            "pipeline": self._pipeline(),
            "application": reference(self.origin, "applications", row.submitted_by),
            "user_data": row.user_data,
            "unique_custom_key": said.get("unique_custom_key"),
            "input": self._input(),
            "autograph": _autograph(said.get("autograph")),
            "output_prefix": said.get("output_prefix"),
            "playlists": None,
            "outputs": [self._output(number, each) for number, each in enumerate(self.outputs)],
            "status": words.STATUSES[row.status],
            "percentage_completed": row.percent,
            "error_msg": message,
            "error_code": code,
            "finished_at": row.ended,
            "version": 1,
            "user": reference(self.origin, "users", row.organization),
            "created_at": row.submitted,
            "updated_at": row.ended or row.run_started or row.started or row.submitted,
            "title": said.get("title"),
            **reference(self.origin, "jobs", row.id),
        }
        other = "unique_custom_key" if in_list else "title"
        if shown[other] is None:
            del shown[other]
        return shown

    def _pipeline(self) -> dict[str, str] | None:
        pipeline = self.said.get("pipeline")
        return reference(self.origin, "pipelines", pipeline["id"]) if pipeline else None

    @cached_property
    def input(self) -> FileId | None:
        """The first file that the job loads."""
        loads = (index for index, task in enumerate(self.tasks) if task["tool"] == "storage:get")
        return next((FileId(self.detail.job.id, index, 0) for index in loads), None)

    def _input(self) -> dict[str, Any]:
        said = self.said.get("input", {})
        shown = {"input_name": said.get("input_name"), **{name: said.get(name) for name in _FORCED}}
        for name, too in (("force_framerate", "framerate"), ("force_interlaced", "interlaced")):
            shown[name] = said.get(name, said.get(too))
        if said.get("start_time") is not None:
            shown["start_time"] = said["start_time"]
        if self.input is None:
            return {**shown, "file": None}
        source = self.tasks[self.input.task]["parameters"]["sources"][0]
        if not said:
            shown["input_name"] = source["url"]
        known = reference(self.origin, "files", self.input.text)
        return {**shown, "file": {"id": known["id"], "name": self.name(self.input), "href": known["href"]}}

    @cached_property
    def outputs(self) -> list[_Output]:
        """The outputs with their pictures."""
        found: list[_Output] = []
        for index, task in enumerate(self.tasks):
            if task["tool"] == "media:transcode":
                found += [
                    _Output(FileId(self.detail.job.id, index, number), rendition.get("output"))
                    for number, rendition in enumerate(task["parameters"]["renditions"])
                ]
            elif task["tool"] in _MAKERS:
                found += [
                    _Output(FileId(self.detail.job.id, index, number), file["name"])
                    for number, file in enumerate(self.made(index))
                ]
            elif task["tool"] == "media:thumbnails" and found:
                wanted = task["parameters"].get("input")
                owner = next((each for each in found if each.name == wanted), found[-1])
                kind = task["parameters"].get("delivery", "files")
                (owner.archives if kind == "zip" else owner.pictures).append(
                    FileId(self.detail.job.id, index, 0)
                )
        return found

    def _output(self, number: int, output: _Output) -> dict[str, Any]:
        listed = self.said.get("outputs", ())
        said = listed[number] if number < len(listed) else {}
        row, task, name = self.detail.job, output.file.task, self.name(output.file)
        done = row.task_status(task) is Status.SUCCESS
        entries = said.get("thumbnails") or ()
        return {
            "preset": reference(self.origin, "presets", said["preset"]["id"]) if said else None,
            "file": reference(self.origin, "files", output.file.text),
            "output_name": said.get("output_name", name and name.rpartition(".")[0]),
            "percentage_completed": 100 if done else row.progress if task == row.cursor else 0,
            "thumbnail_zip": next(({"file": self._file(each)} for each in output.archives), None),
            "thumbnails": [
                {
                    "thumbnail_names": entry.get("thumbnail_names"),
                    "thumbnail_preset": entry.get("thumbnail_preset"),
                    "file": self._file(each),
                }
                for each, entry in zip(
                    output.pictures, [*entries, *[{}] * (len(output.pictures) - len(entries))], strict=True
                )
            ]
            or None,
            "logos": [
                {"logo_image": logo.get("logo_image"), "logo_preset": logo.get("logo_preset")}
                for logo in said.get("logos") or ()
            ]
            or None,
            "settings": _settings(said.get("settings")),
        }

    def _file(self, file: FileId) -> dict[str, str]:
        return reference(self.origin, "files", file.text)

    def picture_of(self, file: FileId) -> FileId | None:
        """The picture that stands for a file: itself, the first of an output's own, or for the input, the
        first of any output."""
        pictures = [picture for each in self.outputs for picture in each.pictures]
        if file in pictures:
            return file
        own = [picture for each in self.outputs if each.file == file for picture in each.pictures]
        return next(iter(own or (pictures if file == self.input else ())), None)

    def entry(self, file: FileId) -> Mapping[str, Any] | None:
        """A file as the task's result has it; None until it is made."""
        files = self.made(file.task) if file.task < len(self.tasks) else ()
        return files[file.number] if file.number < len(files) else None

    def name(self, file: FileId) -> str | None:
        """A file's name without folders, also before it is made, where it is known."""
        entry, task = self.entry(file), self.tasks[file.task]
        name = entry["name"] if entry else None
        if name is None and task["tool"] == "storage:get":
            source = task["parameters"]["sources"][file.number]
            name = source.get("name") or source["url"]
        if name is None and task["tool"] == "media:transcode":
            name = task["parameters"]["renditions"][file.number].get("output")
        return name and name.rstrip("/").rpartition("/")[2]

    def files(self) -> Iterator[FileId]:
        """Every file that the job has, in the order of its tasks."""
        for task in range(len(self.tasks)):
            for number in range(len(self.made(task))):
                yield FileId(self.detail.job.id, task, number)

    def file(self, file: FileId) -> dict[str, Any] | None:
        """A file of the job, also one that is still to be made; None if there is none."""
        entry = self.entry(file)
        if entry is None and file != self.input and file not in [each.file for each in self.outputs]:
            return None
        job, row, name = self.detail.job, self._row(file.task), self.name(file)
        probe = self._probe(file)
        kind = entry["content_type"] if entry else None
        ended = row.get("ended") if entry else None
        return {
            "storage": "intern",
            "title": name and (name.rpartition(".")[0] or name),
            "name": name,
            "type": "file",
            "subtype": kind
            and (kind.rpartition("/")[2] if kind.startswith("application/") else kind.split("/")[0]),
            "job": reference(self.origin, "jobs", job.id),
            "autograph": None,
            "container": probe.get("format"),
            "mime_type": kind,
            "size": entry["size"] if entry else None,
            "application": reference(self.origin, "applications", job.submitted_by),
            "duration": round(probe["duration_seconds"] * 1000) if probe.get("duration_seconds") else None,
            "pipeline": self._pipeline(),
            "finished_at": ended,
            "expires_at": job.ttl and job.ttl * SECOND,
            **tracks(probe),
            "user_data": job.user_data,
            "uri": f"{self.origin}/v1/files/downloads/?file_id={file.text}",
            "version": 1,
            "user": reference(self.origin, "users", job.organization),
            "created_at": row.get("started") or job.submitted,
            "updated_at": ended or row.get("started") or job.submitted,
            **self._file(file),
        }

    def _probe(self, file: FileId) -> Mapping[str, Any]:
        """What is known of the media in a file."""
        listed = self._result(file.task)["data"].get("outputs", ())
        known = listed[file.number] if file.number < len(listed) else None
        return known if isinstance(known, Mapping) else {}


def _autograph(said: Any) -> dict[str, Any] | bool | None:
    """The option as it was asked for; no file has a watermark, so no file shows it."""
    if isinstance(said, Mapping):
        strength = said.get("watermark_strength")
        return {"watermark_strength": strength if isinstance(strength, str) else None}
    return said if isinstance(said, bool) else None


def _settings(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not said:
        return None
    video, audio = said.get("video"), said.get("audio")
    return {
        "max_duration": said.get("max_duration"),
        "video": {name: video.get(name) for name in _VIDEO} if video else None,
        "audio": {name: audio.get(name) for name in ("bitrate", "samplingrate", "channels")}
        if audio
        else None,
    }
