"""media:package: a ladder of renditions, cut into segments for HLS and DASH players."""

from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, model_validator

from mediajobs.tools.tool import Model, Result, Run, Usage, Worker
from mediajobs.tools.workspace import FileName

if TYPE_CHECKING:
    from mediajobs.media.manifest import Track

WORKER = Worker.MEDIA

#: Files of a package, at most: they are stored one by one, and named in the task's result.
MAX_FILES = 1000


class Format(StrEnum):
    """What players read."""

    HLS = "hls"
    DASH = "dash"


class Speed(StrEnum):
    """Less time, or a better picture at the same bit rate."""

    FASTEST = "fastest"
    FAST = "fast"
    MEDIUM = "medium"
    SLOW = "slow"


PRESETS = {
    Speed.FASTEST: "ultrafast",
    Speed.FAST: "veryfast",
    Speed.MEDIUM: "medium",
    Speed.SLOW: "slow",
}


class Rendition(Model):
    """One size of the picture."""

    height: Annotated[int, Field(multiple_of=2, ge=64, le=4320)] = Field(
        description="The shorter side of the picture in pixels, even: 720 makes 1280x720, or 720x1280 of an "
        "upright picture. The other side follows from the source's shape."
    )
    bit_rate: int | None = Field(
        None,
        ge=50_000,
        le=100_000_000,
        description="Bits a second. By default what suits the size: 5 Mbit/s at 1080, 2.7 at 720, 0.5 at 240 "
        "(at 30 frames a second).",
    )


class Parameters(Model):
    """Makes an HLS and a DASH package over the same fragmented MP4 (CMAF) segments.

    Either `input` is encoded into `renditions` (H.264 and AAC, closed groups of pictures of one segment's
    length, so that players can change at every segment), or `inputs`, made by earlier tasks, are packaged as
    they are. Sound is in segments of its own. The files are `<name>/master.m3u8` and `<name>/manifest.mpd`, a
    playlist for each track, and the segments. The task's `data` names the two (`hls`, `dash`) and tells of
    each track its codecs, size, language, and the bit rates of its segments as they came out.
    """

    input: FileName | None = Field(
        None, description="The workspace file to encode. Default: the job's most recent media file."
    )
    inputs: list[FileName] = Field(
        [],
        max_length=16,
        description="Instead of `input`: workspace files to package without encoding, a rendition each "
        "(H.264, HEVC, AV1 or VP9), with key frames at the same times. Files that hold only sound become the "
        "sound tracks; else it is the sound of the first file that has some.",
    )
    name: Annotated[FileName, Field(max_length=128)] | None = Field(
        None,
        description="The folder of the workspace that the package is written to. Default: the input's "
        "name without its extension.",
    )
    formats: list[Format] = Field(
        [Format.HLS, Format.DASH], min_length=1, max_length=2, description="What to make manifests for."
    )
    segment_seconds: float = Field(
        6,
        ge=1,
        le=20,
        description="The length of a segment, rounded up to whole frames. Files of `inputs` are cut at their "
        "first key frame after it.",
    )
    single_file: bool = Field(
        False,
        description="Keep all segments of a track in one file, of which players ask for ranges. A package "
        f"of separate files has at most {MAX_FILES}.",
    )
    renditions: Annotated[list[Rendition], Field(min_length=1, max_length=10)] | None = Field(
        None,
        description="What to make of `input`; none may be larger than it. Default: those of 1080, 720, 480, "
        "360 and 240 that are not, and the source's own height where it lies well between.",
    )
    audio_bit_rate: int = Field(
        128_000, ge=32_000, le=512_000, description="Bits a second of each sound track (AAC, stereo at most)."
    )
    speed: Speed = Field(
        Speed.FAST, description="How long the encoder may take: slower makes a better picture."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.inputs and (self.input is not None or self.renditions is not None):
            raise ValueError("inputs are packaged as they are: they exclude input and renditions")
        if len(set(self.inputs)) < len(self.inputs):
            raise ValueError("inputs: a file is named twice")
        if len(set(self.formats)) < len(self.formats):
            raise ValueError("formats: a format is named twice")
        heights = [rendition.height for rendition in self.renditions or []]
        if len(set(heights)) < len(heights):
            raise ValueError("renditions: a height is given twice")
        return self


def run(run: Run, parameters: Parameters) -> Result:
    """Encode or copy into segments, write the manifests, and store it all."""
    from mediajobs.errors import InvalidMedia, LimitExceeded
    from mediajobs.media import ffmpeg, manifest, packaging, source

    if parameters.inputs:
        first = parameters.inputs[0]
        plan = packaging.copy(run, parameters.inputs)
    else:
        first = source.choose(run, parameters.input)
        wanted = [(rendition.height, rendition.bit_rate) for rendition in parameters.renditions or ()]
        plan = packaging.encode(
            run,
            first,
            wanted,
            segment_seconds=parameters.segment_seconds,
            audio_bit_rate=parameters.audio_bit_rate,
            preset=PRESETS[parameters.speed],
        )
    count = plan.tracks * (plan.duration / parameters.segment_seconds + 2) + 2
    if count > MAX_FILES and not parameters.single_file:
        raise LimitExceeded(
            f"the package would have {count:.0f} files, over the limit of {MAX_FILES}: "
            "ask for single_file or longer segments"
        )
    directory = run.directory / "package"
    directory.mkdir()
    output = plan.output(parameters.segment_seconds, parameters.single_file, directory.name)
    ffmpeg.run_ffmpeg(
        run,
        ffmpeg.command(plan.inputs, [output], filters=plan.filters, may_be_empty=False),
        plan.duration,
        span=0.9,
    )

    tracks = manifest.read(directory)
    if not manifest.aligned(tracks):
        raise InvalidMedia(
            "the renditions have key frames at different times, so that players could not change between "
            "them: transcode them with the same distance of key frames"
        )
    name = parameters.name or str(PurePosixPath(first).with_suffix(""))
    media = sorted({uri for track in tracks for uri in _files(track)})
    data: dict[str, Any] = {"name": name, "duration_seconds": plan.duration}
    # Manifests last: whoever sees one finds all that it names.
    if Format.HLS in parameters.formats:
        for track in tracks:
            (directory / track.playlist).write_text(manifest.media_playlist(track))
            media.append(track.playlist)
        (directory / manifest.MASTER).write_text(manifest.master_playlist(tracks))
        media.append(manifest.MASTER)
        data["hls"] = f"{name}/{manifest.MASTER}"
    if Format.DASH in parameters.formats:
        manifest.correct_manifest(directory, tracks)
        media.append(manifest.MANIFEST)
        data["dash"] = f"{name}/{manifest.MANIFEST}"
    files = []
    for number, local in enumerate(media, 1):
        files.append(run.save(directory / local, f"{name}/{local}"))
        run.progress(0.9 + 0.1 * number / len(media))
    data["tracks"] = [_describe(track) for track in tracks]
    pictures = sum(track.kind == "video" for track in tracks)
    usage = Usage(
        seconds_in=plan.duration,
        seconds_out=plan.duration * max(pictures, 1),
        bytes_in=plan.size,
        bytes_out=sum(file.size for file in files),
    )
    return Result(files=files, usage=usage, data=data)


def _files(track: "Track") -> list[str]:
    return [track.initialization, *(segment.uri for segment in track.segments)]


def _describe(track: "Track") -> dict[str, Any]:
    description = {
        "type": track.kind,
        "codecs": track.codecs,
        "language": track.language,
        "segments": len(track.segments),
        "duration_seconds": round(track.duration, 3),
        "peak_bit_rate": track.peak_bit_rate,
        "average_bit_rate": track.average_bit_rate,
    }
    if track.kind == "audio":
        return {**description, "channels": track.channels}
    rate = track.frame_rate
    return {
        **description,
        "width": track.width,
        "height": track.height,
        "frame_rate": rate and round(float(rate), 3),
    }
