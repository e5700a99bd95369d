"""What a transcode will do, settled against what its source is before anything is run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mediajobs.errors import InvalidParameters
from mediajobs.media import encoder
from mediajobs.media import filter as filters
from mediajobs.media.amount import frame_rate
from mediajobs.media.codec import FORMATS
from mediajobs.media.geometry import Impossible, Picture, Size, frame
from mediajobs.media.rendition import Audio, Rendition, Video
from mediajobs.media.stream import AudioStream, Probe, VideoStream

#: A logo's place among ffmpeg's inputs, and its size in pixels, by its workspace name.
Logos = Mapping[str, tuple[int, Size]]


@dataclass(frozen=True)
class Plan:
    """One output: where its streams come from, how the picture is changed, how all is encoded."""

    rendition: Rendition
    #: None where there is no picture, or a copied one.
    chain: filters.Chain | None
    copied_video: int | None
    audio: int | None
    options: tuple[str, ...]

    def arguments(self, label: str) -> tuple[str, ...]:
        """ffmpeg's output options; `label` names the picture that `chain` makes."""
        maps: list[str] = []
        if self.chain is not None:
            maps += ["-map", label]
        elif self.copied_video is not None:
            maps += ["-map", f"0:{self.copied_video}"]
        if self.audio is not None:
            maps += ["-map", f"0:{self.audio}"]
        return (*maps, *self.options)


def plan(number: int, rendition: Rendition, source: Probe, logos: Logos) -> Plan:
    """Settle rendition `number`. Raises InvalidParameters that names the field and the rule."""
    try:
        return _plan(rendition, source, logos)
    except Impossible as error:
        raise InvalidParameters(f"renditions/{number}/{error.field}: {error.rule}") from None


def _plan(rendition: Rendition, source: Probe, logos: Logos) -> Plan:
    options: list[str] = []
    chain = copied = track = None
    if video := rendition.video:
        picture = source.video
        if picture is None:
            raise Impossible("video", "the input has no picture; set video to null for sound alone")
        if video.codec == "copy":
            copied, rate = picture.index, picture.frame_rate
        else:
            chain, rate = _chain(video, picture, logos)
        options += encoder.video_options(rendition, video, picture, _bit_rate(source, picture), rate)
    if audio := rendition.audio:
        sound = _track(audio, source)
        if sound is not None:
            track = sound.index
            options += encoder.audio_options(rendition, audio, sound)
        elif not rendition.video:
            raise Impossible("audio", "the input has no sound")
    target = FORMATS[rendition.format]
    return Plan(rendition, chain, copied, track, (*options, *target.options, "-f", target.muxer))


def _chain(video: Video, picture: VideoStream, logos: Logos) -> tuple[filters.Chain, Fraction | None]:
    stored = Picture(picture.width, picture.height, picture.sample_aspect_ratio)
    # ffmpeg itself turns the picture as the file asks, before the first filter.
    shown = stored.turned(picture.rotation).turned(video.rotate)
    try:
        framed = frame(shown, video)
    except Impossible as error:
        raise Impossible(f"video/{error.field}", error.rule) from None
    rate = frame_rate(video.frame_rate) if video.frame_rate is not None else None
    field_order = None
    if video.deinterlace == "always" or (video.deinterlace == "auto" and picture.interlaced):
        field_order = picture.field_order if picture.interlaced else "auto"
    chain = filters.chain(
        framed,
        (shown.width, shown.height),
        field_order=field_order,
        rotate=video.rotate,
        rate=rate,
        marks=[filters.mark(logo, *logos[logo.file], framed) for logo in video.logos],
        pixel_format="yuv420p10le" if video.bit_depth == 10 else "yuv420p",
    )
    return chain, rate or picture.frame_rate


def _track(audio: Audio, source: Probe) -> AudioStream | None:
    if audio.language is None:
        return source.audio
    for track in source.audios:
        if track.language == audio.language:
            return track
    known = ", ".join(sorted({track.language for track in source.audios if track.language})) or "none"
    raise Impossible("audio/language", f"the input has no sound in {audio.language!r}; it has: {known}")


def _bit_rate(source: Probe, picture: VideoStream) -> int | None:
    """The picture's own, or what the sound leaves of the whole file's."""
    if picture.bit_rate:
        return picture.bit_rate
    sound: Sequence[int] = [track.bit_rate or 128_000 for track in source.audios]
    rest = (source.bit_rate or 0) - sum(sound)
    return rest if rest > 0 else None
