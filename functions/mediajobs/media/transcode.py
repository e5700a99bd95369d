"""Transcodes: probes the source, plans every rendition, runs ffmpeg once, and looks at what came out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mediajobs.errors import InvalidParameters
from mediajobs.media import ffmpeg
from mediajobs.media import filter as filters
from mediajobs.media.forced import Forced
from mediajobs.media.geometry import Size
from mediajobs.media.plan import Logos, Plan, plan
from mediajobs.media.probe import probe
from mediajobs.media.rendition import Rendition
from mediajobs.media.stream import Probe
from mediajobs.tools.tool import File, Run


@dataclass(frozen=True)
class Cut:
    """The part of a source that is taken, in seconds; the shortest of the limits holds."""

    start: float = 0
    end: float | None = None
    duration: float | None = None
    max_duration: float | None = None


@dataclass(frozen=True)
class Output:
    """One rendition as it came out."""

    file: File
    probe: Probe


@dataclass(frozen=True)
class Made:
    """What a transcode read and left; `seconds` is how much of the source it read."""

    source: Probe
    seconds: float
    outputs: Sequence[Output]


def transcode(
    run: Run, name: str, renditions: Sequence[Rendition], names: Sequence[str], *, forced: Forced, cut: Cut
) -> Made:
    """Make renditions of the workspace file `name`, saved under `names`.

    Raises InvalidMedia, InvalidParameters, SourceNotFound, FfmpegFailed, LimitExceeded.
    """
    read = ffmpeg.place(run, name)
    found = forced.apply(probe(run, run.open(name), options=forced.probe_options))
    start, seconds = _span(cut, found)
    inputs = [replace(read, options=(*forced.options, *_cut(start, seconds, found)))]
    logos = _logos(run, renditions, inputs)
    plans = [plan(number, rendition, found, logos) for number, rendition in enumerate(renditions)]

    graph, outputs = _arrange(found, plans)
    arguments = ffmpeg.command(inputs, outputs, filters=graph, may_be_empty=False)
    ffmpeg.run_ffmpeg(run, arguments, seconds, span=0.99)
    made = []
    for number, output in enumerate(outputs):
        path = run.directory / output.name
        seen = probe(run, path)
        if (seen.duration or 0) < seconds * 0.95 - 0.5:
            run.log(f"rendition {number} is shorter than expected: the input may be damaged")
        made.append(Output(run.save(path, names[number]), seen))
        path.unlink()
    run.progress(1)
    return Made(found, seconds, made)


def _span(cut: Cut, found: Probe) -> tuple[float, float]:
    """Where to begin, and how many seconds to take."""
    if found.duration is None:
        raise InvalidParameters("input: a still picture, or one without any times, cannot be transcoded")
    if cut.start >= found.duration:
        raise InvalidParameters(f"start_seconds: the input ends at {found.duration:.2f} seconds")
    ends = [found.duration]
    if cut.end is not None:
        ends.append(cut.end)
    ends += [cut.start + length for length in (cut.duration, cut.max_duration) if length is not None]
    return cut.start, min(ends) - cut.start


def _cut(start: float, seconds: float, found: Probe) -> list[str]:
    options = ["-ss", f"{start:.6f}"] if start else []
    # What is read to its end needs no limit, and its told duration may be a little short.
    return [*options, "-t", f"{seconds:.6f}"] if start + seconds < (found.duration or 0) else options


def _logos(run: Run, renditions: Sequence[Rendition], inputs: list[ffmpeg.Input]) -> Logos:
    """Lay each logo beside the other inputs."""
    found: dict[str, tuple[int, Size]] = {}
    for number, rendition in enumerate(renditions):
        for place, logo in enumerate(rendition.video.logos if rendition.video else ()):
            if logo.file in found:
                continue
            picture = probe(run, run.open(logo.file))
            if not picture.still or picture.video is None:
                raise InvalidParameters(
                    f"renditions/{number}/video/logos/{place}/file: {logo.file!r} is no still picture"
                )
            found[logo.file] = len(inputs), (picture.video.width, picture.video.height)
            inputs.append(ffmpeg.place(run, logo.file))
    return found


def _arrange(found: Probe, plans: Sequence[Plan]) -> tuple[str | None, list[ffmpeg.Output]]:
    """One filtergraph for all pictures that change, and the outputs that take them."""
    chains = [each.chain for each in plans if each.chain is not None]
    outputs, taken = [], 0
    for number, each in enumerate(plans):
        arguments = each.arguments(f"[v{taken}]")
        taken += each.chain is not None
        outputs.append(ffmpeg.Output(f"out{number}.{each.rendition.format}", arguments))
    if not chains or found.video is None:
        return None, outputs
    return filters.graph(found.video.index, chains), outputs
