"""media:enhance: sound at the right loudness, with less noise; the picture left as it is, or denoised."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from mediajobs.tools.tool import Model, Result, Run, Usage, Worker
from mediajobs.tools.workspace import FileName

if TYPE_CHECKING:
    from mediajobs.media.ffmpeg import Input
    from mediajobs.media.stream import AudioStream, Probe

WORKER = Worker.MEDIA


class Level(StrEnum):
    """How much is done."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


#: How each container's sound is encoded.
_AAC = ("-c:a", "aac", "-b:a", "192k")
_OPUS = ("-c:a", "libopus", "-b:a", "160k")
_SOUND_CODECS = {
    **dict.fromkeys(("mp4", "m4v", "mov", "mkv", "ts", "m4a"), _AAC),
    **dict.fromkeys(("webm", "ogg", "opus"), _OPUS),
    "mp3": ("-c:a", "libmp3lame", "-b:a", "256k"),
    "wav": ("-c:a", "pcm_s16le"),
    "flac": ("-c:a", "flac"),
}
_FAST_START = frozenset({"mp4", "m4v", "mov", "m4a"})
_SOUND_ONLY = frozenset({"m4a", "mp3", "wav", "flac", "ogg", "opus"})
_REDUCTION = {Level.LOW: 6, Level.MEDIUM: 12, Level.HIGH: 24}
_COMPRESSOR = {Level.LOW: 2, Level.MEDIUM: 3, Level.HIGH: 4}
#: hqdn3d's spatial and temporal strength.
_DENOISER = {Level.LOW: "3:3:5:5", Level.MEDIUM: "6:5:9:8", Level.HIGH: "8:6:12:9"}

#: Says how loud the quietest moment is.
_FLOOR = "astats=measure_perchannel=none:measure_overall=RMS_trough"
#: Which part of the progress each pass is.
_MEASURING, _APPLYING = 0.25, 0.55


class Loudness(Model):
    """EBU R128 loudness normalisation in two passes: the first measures, the second applies one gain."""

    integrated_lufs: float = Field(
        -23,
        ge=-40,
        le=-5,
        description="Integrated loudness to reach, in LUFS: -23 is EBU R128 for broadcast, -24 is ATSC A/85, "
        "-16 is usual for podcasts, -14 for music and video sites.",
    )
    true_peak_dbtp: float = Field(
        -1,
        ge=-9,
        le=0,
        description="The true peak not to be passed, in dBTP. Where the gain alone would pass it, a limiter "
        "holds the peaks down; `data.normalization` then says `limited`.",
    )
    range_lu: float | None = Field(
        None,
        ge=1,
        le=50,
        description="The widest loudness range, in LU; sound with a wider one is compressed towards it. By "
        "default the range is kept.",
    )


class Noise(Model):
    """Reduction of steady background noise, such as hiss or hum."""

    level: Level | None = Field(None, description="low is 6 dB, medium 12 dB, high 24 dB. Default: medium.")
    reduction_db: float | None = Field(
        None, ge=0.01, le=97, description="The reduction itself, in dB, instead of a level."
    )
    floor_db: float | None = Field(
        None,
        ge=-80,
        le=-20,
        description="The level of the noise, in dB. By default it is measured where the sound is quietest, "
        "and taken to be -40 dB at most: louder noise needs this to be given.",
    )

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        if self.level is not None and self.reduction_db is not None:
            raise ValueError("level and reduction_db exclude each other")
        return self


class Parameters(Model):
    """Improves the sound of one file and, where asked, its picture.

    At least one of `loudness`, `noise`, `high_pass_hz`, `dynamics` and `video_noise` is required; the sound
    passes them in the order high pass, noise, dynamics, loudness. The output has one picture and one sound
    stream. The task's `data` holds `before` and `after` (loudness as measured on the input and on the
    finished output: `integrated_lufs`, `range_lu`, `true_peak_dbtp`; null for silence), `normalization`:
    `linear` (one gain for the whole file), `limited` (the same, with peaks held down), `dynamic` (a gain that
    moves with the sound) or `none`, and with `noise` the `noise_floor_db` that was taken.
    """

    input: FileName | None = Field(
        None, description="The workspace file to improve. Default: the job's most recent media file."
    )
    output: FileName | None = Field(
        None,
        description="The workspace file to write; its extension says the container: mp4, m4v, mov, mkv, ts, "
        "webm, m4a, mp3, wav, flac, ogg, opus. Default: the input's name with -enhanced before the extension "
        "(and mp4 or m4a where the input's extension is none of these).",
    )
    loudness: Loudness | None = Field(
        None, description="Normalise loudness; `{}` asks for EBU R128's own -23 LUFS."
    )
    noise: Noise | None = Field(None, description="Reduce noise; `{}` asks for the medium level.")
    high_pass_hz: int | None = Field(
        None, ge=20, le=500, description="Take away sound below this frequency, such as 80 for rumble."
    )
    dynamics: Level | None = Field(
        None, description="Even out loud and quiet parts with a compressor: 2:1, 3:1 or 4:1."
    )
    video_noise: Level | None = Field(
        None,
        description="Denoise the picture, which is then encoded again (near transparent H.264, VP9 in webm). "
        "By default the picture is copied without loss.",
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.sound and self.video_noise is None:
            raise ValueError(
                "nothing is asked for: give loudness, noise, high_pass_hz, dynamics or video_noise"
            )
        if self.output is not None and _extension(self.output) not in _SOUND_CODECS:
            raise ValueError(f"output: the extension must be one of {', '.join(sorted(_SOUND_CODECS))}")
        return self

    @property
    def sound(self) -> bool:
        """Whether the sound is to change."""
        return bool(self.loudness or self.noise or self.high_pass_hz or self.dynamics)


def run(run: Run, parameters: Parameters) -> Result:
    """Measure, apply, and measure again."""
    from mediajobs.errors import InvalidMedia
    from mediajobs.media import ffmpeg, loudness, source
    from mediajobs.media.probe import probe

    name = source.choose(run, parameters.input)
    found = probe(run, run.open(name))
    output = parameters.output or _default_output(name, found)
    extension = _extension(output)
    audio = found.audio
    video = None if extension in _SOUND_ONLY else found.video
    if parameters.sound and audio is None:
        raise InvalidMedia("the file has no sound")
    if parameters.video_noise and video is None:
        raise InvalidMedia("the file, or the output's container, has no picture")

    place = ffmpeg.place(run, name)
    data: dict[str, Any] = {"name": output}
    graphs: list[str] = []
    options: list[str] = []
    if video is not None and parameters.video_noise is not None:
        graphs.append(f"[0:{video.index}]hqdn3d={_DENOISER[parameters.video_noise]}[picture]")
        options += ["-map", "[picture]", *_picture_codec(extension)]
    elif video is not None:
        options += ["-map", f"0:{video.index}", "-c:v", "copy"]
    if audio is not None and parameters.sound:
        treatment = _treat(run, place, audio, parameters, found.duration)
        data |= treatment.data
        graphs.append(f"[0:{audio.index}]{','.join(treatment.filters) or 'anull'}[sound]")
        options += ["-map", "[sound]", *_SOUND_CODECS[extension]]
    elif audio is not None:
        options += ["-map", f"0:{audio.index}", "-c:a", "copy"]
    if extension in _FAST_START:
        options += ["-movflags", "+faststart"]

    result = run.directory / f"out.{extension}"
    ffmpeg.run_ffmpeg(
        run,
        ffmpeg.command(
            [place],
            [ffmpeg.Output(result.name, tuple(options))],
            filters=";".join(graphs) or None,
            may_be_empty=False,
        ),
        found.duration,
        start=_MEASURING,
        span=_APPLYING,
    )
    made = probe(run, result)
    if made.audio is not None and parameters.sound:
        start = _MEASURING + _APPLYING
        measured = loudness.measure(
            run, ffmpeg.link(run, result), made.audio.index, made.duration, start=start, span=1 - start
        )
        data["after"] = measured.json()
    file = run.save(result, output)
    usage = Usage(
        seconds_in=found.duration or 0,
        seconds_out=made.duration or 0,
        bytes_in=found.size,
        bytes_out=file.size,
    )
    return Result(files=[file], usage=usage, data=data)


@dataclass(frozen=True)
class _Treatment:
    """What the sound is to pass, and what was found on the way to know it."""

    filters: list[str]
    data: dict[str, Any]


def _treat(
    run: Run, place: "Input", audio: "AudioStream", parameters: Parameters, duration: float | None
) -> _Treatment:
    """Measure the sound, and measure it again behind the filters that come before its loudness is set."""
    from mediajobs.media import loudness

    half = _MEASURING / 2
    floor = _Floor()
    before = loudness.measure(
        run, place, audio.index, duration, behind=[_FLOOR], on_line=floor.read, start=0, span=half
    )
    data: dict[str, Any] = {"before": before.json(), "normalization": "none"}
    filters: list[str] = []
    if parameters.high_pass_hz:
        filters.append(f"highpass=f={parameters.high_pass_hz}")
    if noise := parameters.noise:
        reduction = noise.reduction_db or _REDUCTION[noise.level or Level.MEDIUM]
        data["noise_floor_db"] = floor.level if noise.floor_db is None else noise.floor_db
        filters.append(f"afftdn=nr={reduction}:nf={data['noise_floor_db']}")
    if parameters.dynamics:
        ratio = _COMPRESSOR[parameters.dynamics]
        filters.append(f"acompressor=threshold=-24dB:ratio={ratio}:attack=10:release=200:knee=4")
    if wanted := parameters.loudness:
        ready = before
        if filters:
            ready = loudness.measure(run, place, audio.index, duration, behind=filters, start=half, span=half)
        target = loudness.Target(wanted.integrated_lufs, wanted.true_peak_dbtp, wanted.range_lu)
        if correction := target.correction(ready, audio.sample_rate):
            filters.append(correction[0])
            data["normalization"] = correction[1]
        else:
            run.log("the sound is silence: its loudness is left as it is")
    return _Treatment(filters, data)


class _Floor:
    """Reads from ffmpeg's messages how loud the quietest moment is, where only the noise is heard."""

    _SAYS = re.compile(r"\[Parsed_astats_\d+\] RMS \w+ dB: (-?[\d.]+)")

    def __init__(self) -> None:
        #: What afftdn takes for its noise floor; sound without a pause has none to be found.
        self.level = -50.0

    def read(self, line: str) -> None:
        if found := self._SAYS.fullmatch(line):
            # The filter's figure is a peak's; measured, it lies so much over the RMS level.
            self.level = round(min(max(float(found[1]) + 5, -80.0), -40.0), 1)


def _picture_codec(extension: str) -> tuple[str, ...]:
    if extension == "webm":
        return ("-c:v", "libvpx-vp9", "-crf", "24", "-b:v", "0", "-row-mt", "1", "-pix_fmt", "yuv420p")
    return ("-c:v", "libx264", "-preset", "medium", "-crf", "17", "-pix_fmt", "yuv420p")


def _default_output(name: str, found: "Probe") -> str:
    path = PurePosixPath(name)
    extension = _extension(name)
    if extension not in _SOUND_CODECS:
        extension = "mp4" if found.video else "m4a"
    return str(path.with_name(f"{path.stem}-enhanced.{extension}"))


def _extension(name: str) -> str:
    return PurePosixPath(name).suffix.lower().lstrip(".")
