"""The encoder options of one rendition, given what its source is."""

from collections.abc import Mapping
from fractions import Fraction

from mediajobs.media.amount import BitRate, amount, is_percent
from mediajobs.media.codec import DEFAULT_CRF, FORMATS, LOSSLESS, MAX_CHANNELS, SAMPLE_RATES, Speed, family
from mediajobs.media.geometry import Impossible
from mediajobs.media.rendition import Audio, Rendition, Video
from mediajobs.media.stream import AudioStream, VideoStream

_ENCODERS = {
    "h264": "libx264",
    "hevc": "libx265",
    "av1": "libsvtav1",
    "vp9": "libvpx-vp9",
    "aac": "aac",
    "opus": "libopus",
    "mp3": "libmp3lame",
    "ac3": "ac3",
    "flac": "flac",
    "pcm": "pcm_s16le",
}
_X26X: Mapping[Speed, tuple[str, ...]] = {
    "fastest": ("-preset", "ultrafast"),
    "fast": ("-preset", "veryfast"),
    "medium": ("-preset", "medium"),
    "slow": ("-preset", "slow"),
}
_SPEEDS: Mapping[str, Mapping[Speed, tuple[str, ...]]] = {
    "h264": _X26X,
    "hevc": _X26X,
    "av1": {
        "fastest": ("-preset", "12"),
        "fast": ("-preset", "10"),
        "medium": ("-preset", "8"),
        "slow": ("-preset", "5"),
    },
    "vp9": {
        "fastest": ("-deadline", "realtime", "-cpu-used", "8"),
        "fast": ("-deadline", "good", "-cpu-used", "5"),
        "medium": ("-deadline", "good", "-cpu-used", "3"),
        "slow": ("-deadline", "good", "-cpu-used", "1"),
    },
}
#: Bits a second of lossy sound where nothing is said, for each channel, and the most.
_PER_CHANNEL, _MOST = 64_000, {"mp3": 320_000, "ac3": 640_000}
_DEFAULT_MOST = 512_000
_OPUS_PER_CHANNEL = 256_000


def video_options(
    rendition: Rendition,
    video: Video,
    source: VideoStream,
    source_bit_rate: int | None,
    rate: Fraction | None,
) -> list[str]:
    """Options for the picture; `rate` is the output's frame rate where known. Raises Impossible."""
    if video.codec == "copy":
        if source.codec not in FORMATS[rendition.format].video:
            raise Impossible(
                "video/codec", f"{rendition.format} cannot hold the source's {source.codec} as it is"
            )
        return ["-c:v", "copy", *_tag(rendition, source.codec)]
    options = ["-c:v", _ENCODERS[video.codec], *_SPEEDS[video.codec][video.speed]]
    options += _quality(video, source_bit_rate)
    if video.profile:
        options += ["-profile:v", video.profile]
    if video.codec == "hevc":
        options += ["-x265-params", "log-level=warning"]
    if video.codec == "vp9":
        options += ["-row-mt", "1"]
    if video.key_frame_seconds is not None:
        if video.codec != "av1":
            options += ["-force_key_frames", f"expr:gte(t,n_forced*{video.key_frame_seconds:.3f})"]
        if rate is not None:
            options += ["-g", str(max(1, int(rate * Fraction(video.key_frame_seconds))))]
    return [*options, *_tag(rendition, video.codec)]


def _quality(video: Video, source_bit_rate: int | None) -> list[str]:
    most = _bits("video/max_bit_rate", video.max_bit_rate, source_bit_rate)
    if video.bit_rate is not None:
        average = _bits("video/bit_rate", video.bit_rate, source_bit_rate)
        if video.cap_bit_rate and average and source_bit_rate:
            average = min(average, source_bit_rate)
        options = ["-b:v", str(average)]
        if video.codec != "av1":
            ceiling = max(most or 0, average or 0) if most else (average or 0) * 3 // 2
            options += ["-maxrate", str(ceiling), "-bufsize", str(ceiling * 2)]
        return options
    crf = DEFAULT_CRF[video.codec] if video.crf is None else video.crf
    options = ["-crf", f"{crf:g}"]
    if video.codec == "vp9":
        # Without a bit rate of its own, VP9 takes its default for a ceiling.
        return [*options, "-b:v", str(most or 0)]
    return [*options, "-maxrate", str(most), "-bufsize", str(most * 2)] if most else options


def _tag(rendition: Rendition, codec: str) -> list[str]:
    # Apple's players know HEVC only under this name.
    return ["-tag:v", "hvc1"] if codec == "hevc" and rendition.format in ("mp4", "mov") else []


def audio_options(rendition: Rendition, audio: Audio, source: AudioStream) -> list[str]:
    """Options for the sound. Raises Impossible."""
    if audio.codec == "copy":
        if family(source.codec) not in FORMATS[rendition.format].audio:
            raise Impossible(
                "audio/codec", f"{rendition.format} cannot hold the source's {source.codec} as it is"
            )
        return ["-c:a", "copy"]
    channels = audio.channels or min(source.channels or 2, audio.max_channels or 8, MAX_CHANNELS[audio.codec])
    options = ["-c:a", _ENCODERS[audio.codec], "-ac", str(channels)]
    if audio.codec not in LOSSLESS:
        most = _MOST.get(audio.codec, _DEFAULT_MOST)
        wanted = _bits("audio/bit_rate", audio.bit_rate, source.bit_rate)
        if audio.codec == "opus" and (wanted or 0) > _OPUS_PER_CHANNEL * channels:
            raise Impossible(
                "audio/bit_rate", f"opus takes at most {_OPUS_PER_CHANNEL} bits a second a channel"
            )
        options += ["-b:a", str(min(wanted or _PER_CHANNEL * channels, most))]
    rate = audio.sample_rate or _sample_rate(audio.codec, source.sample_rate)
    return [*options, "-ar", str(rate)]


def _sample_rate(codec: str, source: int) -> int:
    """The source's, or the next higher that the codec has, or its highest."""
    known = SAMPLE_RATES.get(codec)
    if known is None:
        return min(source, 96000)
    return min((rate for rate in known if rate >= source), default=max(known))


def _bits(field: str, value: BitRate | None, source: int | None) -> int | None:
    if value is None:
        return None
    if is_percent(value) and source is None:
        raise Impossible(field, "a percentage needs a source that tells its bit rate; give bits a second")
    return max(8_000, round(amount(value, source or 0)))
