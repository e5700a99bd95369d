"""What ffmpeg is to do for a package: which streams it makes or takes over, and how it cuts them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from mediajobs.errors import InvalidMedia, InvalidParameters
from mediajobs.media import ffmpeg, ladder, manifest
from mediajobs.media.probe import probe
from mediajobs.media.stream import AudioStream, Probe, VideoStream
from mediajobs.tools.tool import Run

#: What fragmented MP4 and players take, and how MP4 tags it.
VIDEO_TAGS = {"h264": "avc1", "hevc": "hvc1", "av1": "av01", "vp9": "vp09"}
AUDIO_TAGS = {"aac": "mp4a", "mp3": "mp4a", "ac3": "ac-3", "eac3": "ec-3", "opus": "Opus", "flac": "fLaC"}

#: Sound streams of one source that are taken over, at most.
_MAX_SOUNDS = 8
_MAX_RATE = Fraction(60)
_USUAL_RATE = Fraction(25)


@dataclass(frozen=True)
class Plan:
    """One run of ffmpeg, without its output's format."""

    inputs: Sequence[ffmpeg.Input]
    filters: str | None
    options: Sequence[str]
    #: How many streams come out.
    tracks: int
    #: Seconds.
    duration: float
    #: Bytes that are read.
    size: int

    def output(self, segment_seconds: float, single_file: bool, directory: str) -> ffmpeg.Output:
        """The output with its segments, in a directory of the run's."""
        # ffmpeg wants equal aspect ratios in a set, to the last pixel: the manifest is put right afterwards.
        sets = " ".join(f"id={number},streams={number}" for number in range(self.tracks))
        names = (
            (
                *("-single_file", "1", "-global_sidx", "1"),
                *("-single_file_name", "track-$RepresentationID$.mp4"),
            )
            if single_file
            else (
                *("-init_seg_name", "init-$RepresentationID$.mp4"),
                *("-media_seg_name", "segment-$RepresentationID$-$Number%05d$.m4s"),
            )
        )
        options = (
            *self.options,
            # Chapters and titles have no place in segments.
            *("-map_metadata", "-1", "-map_chapters", "-1"),
            *("-f", "dash", "-dash_segment_type", "mp4", "-seg_duration", str(segment_seconds)),
            *("-adaptation_sets", sets, *names),
            *("-hls_playlist", "1", "-hls_master_name", "ffmpeg.m3u8"),
        )
        return ffmpeg.Output(f"{directory}/{manifest.MANIFEST}", options)


def encode(
    run: Run,
    name: str,
    wanted: Sequence[tuple[int, int | None]],
    *,
    segment_seconds: float,
    audio_bit_rate: int,
    preset: str,
) -> Plan:
    """Make the wanted renditions (height and bit rate each; none for the usual ones), and all of the sound.

    Raises InvalidParameters for a rendition that is larger than the source.
    """
    found = probe(run, run.open(name))
    duration = _duration(found)
    filters: str | None = None
    options: list[str] = []
    tracks = 0
    if video := found.video:
        rate = min(video.frame_rate or _USUAL_RATE, _MAX_RATE)
        rungs = _rungs(video, wanted, rate)
        filters, options = _encode_video(video, rungs, rate, segment_seconds, preset)
        tracks += len(rungs)
    elif wanted:
        raise InvalidParameters("renditions: the file has no picture")
    for number, audio in enumerate(_sounds(found)):
        options += ["-map", f"0:{audio.index}", f"-ac:a:{number}", str(min(audio.channels, 2))]
        options += _language(number, audio)
        tracks += 1
    if found.audio:
        options += ["-c:a", "aac", "-b:a", str(audio_bit_rate)]
    if not tracks:
        raise InvalidMedia("the file has neither picture nor sound")
    return Plan([ffmpeg.place(run, name)], filters, options, tracks, duration, found.size)


def copy(run: Run, names: Sequence[str]) -> Plan:
    """Take the picture of each file, and the sound of those without one, else of the first with some."""
    known = [probe(run, run.open(name)) for name in names]
    options: list[str] = ["-c", "copy"]
    pictures = sounds = 0
    for number, (name, found) in enumerate(zip(names, known, strict=True)):
        if (video := found.video) is None:
            continue
        if video.codec not in VIDEO_TAGS:
            raise InvalidMedia(f"{name!r}: {video.codec} cannot be packaged; transcode it first")
        options += ["-map", f"{number}:{video.index}", f"-tag:v:{pictures}", VIDEO_TAGS[video.codec]]
        pictures += 1
    sound_files = [number for number, found in enumerate(known) if not found.video and found.audio]
    sound_files = sound_files or [number for number, found in enumerate(known) if found.audio][:1]
    for number in sound_files:
        for audio in _sounds(known[number]):
            if audio.codec not in AUDIO_TAGS:
                raise InvalidMedia(f"{names[number]!r}: {audio.codec} cannot be packaged; transcode it first")
            options += ["-map", f"{number}:{audio.index}", f"-tag:a:{sounds}", AUDIO_TAGS[audio.codec]]
            options += _language(sounds, audio)
            sounds += 1
    if not pictures + sounds:
        raise InvalidMedia("the files have neither picture nor sound")
    return Plan(
        [ffmpeg.place(run, name) for name in names],
        None,
        options,
        pictures + sounds,
        max(_duration(found) for found in known),
        sum(found.size for found in known),
    )


def _rungs(video: VideoStream, wanted: Sequence[tuple[int, int | None]], rate: Fraction) -> list[ladder.Rung]:
    largest = ladder.source_height(video)
    for height, _ in wanted:
        if height > largest:
            raise InvalidParameters(f"renditions: {height} is larger than the source, which has {largest}")
    heights = wanted or [(height, None) for height in ladder.usual_heights(video)]
    return [ladder.rung(video, height, bits, rate) for height, bits in sorted(heights, reverse=True)]


def _encode_video(
    video: VideoStream, rungs: Sequence[ladder.Rung], rate: Fraction, segment_seconds: float, preset: str
) -> tuple[str, list[str]]:
    # A group of pictures that ends before the segment's time would double the segment.
    group = max(1, math.ceil(Fraction(segment_seconds).limit_denominator(1000) * rate))
    chain = ["bwdif=mode=send_frame"] if video.interlaced else []
    chain += [f"fps={rate}", f"split={len(rungs)}"]
    heads = "".join(f"[s{number}]" for number in range(len(rungs)))
    graphs = [f"[0:{video.index}]{','.join(chain)}{heads}"]
    options: list[str] = []
    for number, rung in enumerate(rungs):
        graphs.append(f"[s{number}]scale={rung.width}:{rung.height},setsar=1,format=yuv420p[v{number}]")
        options += ["-map", f"[v{number}]", f"-b:v:{number}", str(rung.bit_rate)]
        options += [f"-maxrate:v:{number}", str(rung.bit_rate * 11 // 10)]
        options += [f"-bufsize:v:{number}", str(rung.bit_rate * 3 // 2)]
    options += ["-c:v", "libx264", "-preset", preset, "-profile:v", "high", "-flags", "+cgop"]
    options += ["-g", str(group), "-keyint_min", str(group), "-sc_threshold", "0"]
    return ";".join(graphs), options


def _sounds(found: Probe) -> list[AudioStream]:
    """The sound streams that are taken over, the one that players start with first."""
    return sorted(found.audios, key=lambda audio: audio is not found.audio)[:_MAX_SOUNDS]


def _language(number: int, audio: AudioStream) -> list[str]:
    return [f"-metadata:s:a:{number}", f"language={audio.language}"] if audio.language else []


def _duration(found: Probe) -> float:
    if not found.duration:
        raise InvalidMedia("a still picture cannot be packaged")
    return found.duration
