"""media:analyze: how loud a file is, and where it is silent, black or frozen."""

import json
import re
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from mediajobs.tools.tool import Model, Result, Run, Usage, Worker
from mediajobs.tools.workspace import FileName

WORKER = Worker.MEDIA

#: Intervals of one kind that the answer holds, at most.
MAX_INTERVALS = 1000

_Duration = Annotated[float, Field(ge=0.05, le=3600)]


class Silence(Model):
    """Where the sound is silent."""

    threshold_db: float = Field(
        -50, ge=-100, le=0, description="Sound below this level, in dB under full scale, is silence."
    )
    duration_seconds: _Duration = Field(2, description="Silence shorter than this is not told.")


class Black(Model):
    """Where the picture is black."""

    pixel_threshold: float = Field(
        0.1, ge=0, le=1, description="A pixel is black up to this part of the luminance range."
    )
    picture_ratio: float = Field(
        0.98, ge=0, le=1, description="A frame is black if at least this part of its pixels is."
    )
    duration_seconds: _Duration = Field(2, description="Black shorter than this is not told.")


class Freeze(Model):
    """Where the picture stands still."""

    noise_db: float = Field(
        -60, ge=-100, le=0, description="Frames that differ by less than this, in dB, are the same picture."
    )
    duration_seconds: _Duration = Field(2, description="A still picture shorter than this is not told.")


class Parameters(Model):
    """Measures sound and picture in one reading of the file; the answer is the task's `data`.

    `data` holds `duration_seconds`, and for each thing asked for: `loudness` (`integrated_lufs`, `range_lu`,
    `true_peak_dbtp`; null where the sound is silence), `silence`, `black` and `freeze`, each a list of
    `start`, `end` and `duration` in seconds. What the file has no stream for is null. Lists end after 1,000
    intervals; `truncated` names those.
    """

    input: FileName | None = Field(
        None, description="The workspace file to look at. Default: the job's most recent media file."
    )
    loudness: bool = Field(True, description="Measure loudness by EBU R128 / ITU-R BS.1770.")
    silence: Silence | None = Field(
        Silence(), description="Find silence. `null` leaves it out; the default is -50 dB for 2 seconds."
    )
    black: Black | None = Field(
        Black(), description="Find black picture. `null` leaves it out; the default is 2 seconds or more."
    )
    freeze: Freeze | None = Field(
        None, description="Find still picture. Left out by default; `{}` asks for it with the usual values."
    )
    report: FileName | None = Field(
        None, description="A workspace file to write the answer to as well, as JSON. Default: none."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.loudness or self.silence or self.black or self.freeze):
            raise ValueError("nothing is asked for: leave at least one of the analyses on")
        return self


class _Intervals:
    """Reads the starts and ends that one filter tells."""

    def __init__(self, start: str, end: str) -> None:
        self.found: list[dict[str, float]] = []
        self.truncated = False
        self._start, self._end = re.compile(start), re.compile(end)
        self._open: float | None = None

    def read(self, line: str) -> None:
        if start := self._start.match(line):
            self._open = max(0.0, float(start[1]))
        if (end := self._end.match(line)) and self._open is not None:
            self._add(self._open, float(end[1]))
            self._open = None

    def close(self, duration: float | None) -> None:
        """What is still open lasts to the end of the file."""
        if self._open is not None and duration is not None and duration > self._open:
            self._add(self._open, duration)
        self._open = None

    def _add(self, start: float, end: float) -> None:
        if len(self.found) >= MAX_INTERVALS:
            self.truncated = True
            return
        self.found.append({"start": round(start, 3), "end": round(end, 3), "duration": round(end - start, 3)})


_TIME = r"(-?[\d.]+)"


def run(run: Run, parameters: Parameters) -> Result:
    """Analyse one file; leaves no file but the report."""
    from mediajobs.errors import InvalidMedia
    from mediajobs.media import ffmpeg, loudness, source
    from mediajobs.media.probe import probe

    name = source.choose(run, parameters.input)
    found = probe(run, run.open(name))
    meter = loudness.Meter()
    sound, silence = _sound(parameters, loudness.FILTER)
    picture, black, freeze = _picture(parameters)

    graphs: dict[str, str] = {}
    if found.audio and sound:
        graphs["[sound]"] = f"[0:{found.audio.index}]{','.join(sound)}"
    if found.video and not found.still and picture:
        graphs["[picture]"] = f"[0:{found.video.index}]{','.join(picture)}"
    if not graphs:
        raise InvalidMedia("the file has no stream for what is asked")

    def read(line: str) -> None:
        meter.read(line)
        for intervals in (silence, black, freeze):
            intervals.read(line)

    maps = [option for label in graphs for option in ("-map", label)]
    ffmpeg.run_ffmpeg(
        run,
        ffmpeg.command(
            [ffmpeg.place(run, name)],
            [ffmpeg.Output("-", (*maps, "-f", "null"))],
            filters=";".join(f"{graph}{label}" for label, graph in graphs.items()),
        ),
        found.duration,
        on_line=read,
    )

    data: dict[str, Any] = {"name": name, "duration_seconds": found.duration, "truncated": []}
    if parameters.loudness:
        data["loudness"] = meter.loudness.json() if "[sound]" in graphs else None
    for kind, intervals, label in (
        ("silence", silence, "[sound]"),
        ("black", black, "[picture]"),
        ("freeze", freeze, "[picture]"),
    ):
        if getattr(parameters, kind) is not None:
            intervals.close(found.duration)
            data[kind] = intervals.found if label in graphs else None
            data["truncated"] += [kind] if intervals.truncated else []
    files = []
    if parameters.report is not None:
        path = run.directory / "report.json"
        path.write_text(json.dumps(data, indent=2))
        files.append(run.save(path, parameters.report))
    return Result(
        files=tuple(files),
        usage=Usage(
            seconds_in=found.duration or 0,
            bytes_in=found.size,
            bytes_out=sum(file.size for file in files),
        ),
        data=data,
    )


def _sound(parameters: Parameters, meter: str) -> tuple[list[str], _Intervals]:
    """The filters for the sound, and who reads the silence from what they say."""
    filters = [meter] if parameters.loudness else []
    if silence := parameters.silence:
        filters.append(f"silencedetect=n={silence.threshold_db}dB:d={silence.duration_seconds}")
    says = r"\[Parsed_silencedetect_\d+\] silence"
    return filters, _Intervals(rf"{says}_start: {_TIME}", rf"{says}_end: {_TIME}")


def _picture(parameters: Parameters) -> tuple[list[str], _Intervals, _Intervals]:
    """The filters for the picture, and who reads black and freezes from what they say."""
    filters = []
    if black := parameters.black:
        filters.append(
            f"blackdetect=d={black.duration_seconds}"
            f":picture_black_ratio_th={black.picture_ratio}:pixel_black_th={black.pixel_threshold}"
        )
    if freeze := parameters.freeze:
        filters.append(f"freezedetect=n={freeze.noise_db}dB:d={freeze.duration_seconds}")
    black_says = r"\[Parsed_blackdetect_\d+\] black_start:"
    freeze_says = r"\[Parsed_freezedetect_\d+\] lavfi\.freezedetect\.freeze"
    return (
        filters,
        _Intervals(rf"{black_says}{_TIME}", rf"{black_says}\S+ black_end:{_TIME}"),
        _Intervals(rf"{freeze_says}_start: {_TIME}", rf"{freeze_says}_end: {_TIME}"),
    )
