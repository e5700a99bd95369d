"""One output of a transcode as callers describe it; what cannot be by itself is refused here."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from mediajobs.media.amount import MAX_SIDE, AspectRatio, BitRate, FrameRate, Side
from mediajobs.media.codec import (
    DEFAULT_CONTAINERS,
    FORMATS,
    LOSSLESS,
    MAX_CHANNELS,
    MAX_CRF,
    PROFILES,
    SAMPLE_RATES,
    AudioCodec,
    Container,
    Speed,
    VideoCodec,
)
from mediajobs.media.preset import DESCRIPTION, PRESETS, Preset, apply
from mediajobs.tools.tool import Model
from mediajobs.tools.workspace import FileName

Position = Literal[
    "top-left", "top", "top-right", "left", "center", "right", "bottom-left", "bottom", "bottom-right"
]


#: Of a logo.
Pixels = Annotated[int, Field(ge=1, le=MAX_SIDE)]
Margin = Annotated[int, Field(ge=0, le=MAX_SIDE)]


class Logo(Model):
    """A picture laid over the video."""

    file: FileName = Field(description="A workspace file: PNG (may be transparent), JPEG, WebP, BMP or TIFF.")
    position: Position = "top-right"
    width_percent: float = Field(15, gt=0, le=100, description="The logo's width, of the picture's width.")
    margin_percent: float = Field(3, ge=0, le=50, description="Distance from the edges, of the height.")
    width: Pixels | None = Field(None, description="The logo's width in pixels, instead of width_percent.")
    height: Pixels | None = Field(None, description="Its height in pixels. Default: as its shape asks for.")
    margin_x: Margin | None = Field(
        None, description="Pixels from the left or right edge, instead of margin_percent."
    )
    margin_y: Margin | None = Field(None, description="Pixels from the upper or lower edge.")
    opacity: float = Field(1, gt=0, le=1)


class Video(Model):
    """The picture of a rendition."""

    codec: VideoCodec = Field("h264", description="`copy` keeps the source's picture as it is.")
    width: Side | None = Field(None, description="Pixels, or percent of the source's width as shown.")
    height: Side | None = Field(
        None,
        description="Pixels, or percent of the source's height as shown. One side alone: the other follows "
        "from the shape. Neither: the source's size. Sides are made even.",
    )
    aspect_ratio: AspectRatio | None = Field(
        None,
        description="The shape in which the output is shown. With width and height, pixels may be oblong.",
    )
    mode: Literal["fit", "pad", "crop", "stretch"] | None = Field(
        None,
        description="How a picture gets another shape: `fit` keeps its own, inside the size; `pad` "
        "adds black bars; `crop` cuts; `stretch` distorts. Default: `fit`, or `stretch` with aspect_ratio.",
    )
    enlarge: bool = Field(True, description="Whether a small picture may be enlarged to the size.")
    rotate: Literal[0, 90, 180, 270] = Field(
        0, description="Degrees clockwise, after the rotation that the source itself asks for."
    )
    frame_rate: FrameRate | None = Field(None, description="Frames a second. Default: the source's.")
    deinterlace: Literal["auto", "always", "never"] = Field(
        "auto", description="`auto`: where the source says that it is interlaced, or is forced to be."
    )
    bit_rate: BitRate | None = Field(
        None, description="Average bits a second, or percent of the source's. Excludes crf."
    )
    max_bit_rate: BitRate | None = Field(None, description="Most bits a second; AV1 takes it with crf only.")
    cap_bit_rate: bool = Field(
        False, description="Whether bit_rate is lowered to the source's, where that is less and is known."
    )
    crf: Annotated[float, Field(ge=0, le=63)] | None = Field(
        None, description="Constant quality: H.264 and HEVC 0 to 51, AV1 and VP9 0 to 63; less is better."
    )
    key_frame_seconds: Annotated[float, Field(ge=0.1, le=60)] | None = Field(
        None, description="Most seconds between two key frames. Default: the encoder's own choice."
    )
    speed: Speed = Field("fast", description="How much time the encoder takes for a better picture.")
    profile: Literal["baseline", "main", "high"] | None = Field(
        None, description="H.264: baseline, main, high. HEVC: main."
    )
    bit_depth: Literal[8, 10] = 8
    # No tuple: inside a model that looks at its input first, a list of JSON is no tuple any more.
    logos: list[Logo] = Field([], max_length=4)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        codec = self.codec
        if codec == "copy":
            if changed := self.model_fields_set - {"codec"} - _defaults(self):
                raise ValueError(
                    f"a copied picture cannot be changed, so {', '.join(sorted(changed))} must go"
                )
            return self
        if self.crf is not None and self.bit_rate is not None:
            raise ValueError("crf and bit_rate exclude each other")
        if self.crf is not None and self.crf > MAX_CRF[codec]:
            raise ValueError(f"crf of {codec} is at most {MAX_CRF[codec]}")
        if codec == "av1" and self.bit_rate is not None and self.max_bit_rate is not None:
            raise ValueError("av1 takes max_bit_rate with crf only")
        if isinstance(self.bit_rate, int) and isinstance(self.max_bit_rate, int):  # noqa: SIM102
            if self.max_bit_rate < self.bit_rate:
                raise ValueError("max_bit_rate is less than bit_rate")
        if self.profile is not None and self.profile not in PROFILES.get(codec, ()):
            raise ValueError(f"{codec} has no profile {self.profile} here")
        if self.profile is not None and self.bit_depth == 10:
            raise ValueError("profile and a bit_depth of 10 exclude each other")
        if self.aspect_ratio is not None and self.mode == "fit":
            raise ValueError("aspect_ratio changes the shape, so mode is pad, crop or stretch")
        return self


class Audio(Model):
    """The sound of a rendition."""

    codec: AudioCodec = Field("aac", description="`copy` keeps the source's sound as it is.")
    bit_rate: BitRate | None = Field(
        None,
        description="Bits a second, at most 512,000, or percent of the source's. Default: 64,000 a channel.",
    )
    sample_rate: Literal[8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000] | None = Field(
        None, description="Samples a second. Default: the source's, or the next that the codec has."
    )
    channels: Literal[1, 2, 6, 8] | None = Field(None, description="Default: as many as the source has.")
    max_channels: Literal[1, 2, 6, 8] | None = Field(None, description="Mixes down what has more channels.")
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = Field(
        None, description="The source's track of this language, such as `eng`. Default: its default track."
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        codec = self.codec
        if codec == "copy":
            if changed := self.model_fields_set - {"codec", "language"} - _defaults(self):
                raise ValueError(f"copied sound cannot be changed, so {', '.join(sorted(changed))} must go")
            return self
        if codec in LOSSLESS and self.bit_rate is not None:
            raise ValueError(f"{codec} is lossless and takes no bit_rate")
        if isinstance(self.bit_rate, int) and self.bit_rate > 512_000:
            raise ValueError("bit_rate of sound is at most 512000")
        if codec == "mp3" and isinstance(self.bit_rate, int) and self.bit_rate > 320_000:
            raise ValueError("bit_rate of mp3 is at most 320000")
        if self.sample_rate is not None and self.sample_rate not in SAMPLE_RATES.get(
            codec, {self.sample_rate}
        ):
            raise ValueError(f"{codec} has no sample_rate of {self.sample_rate}")
        if self.channels is not None and self.channels > MAX_CHANNELS[codec]:
            raise ValueError(f"{codec} has at most {MAX_CHANNELS[codec]} channels")
        if self.channels is not None and self.max_channels is not None and self.channels > self.max_channels:
            raise ValueError("channels is more than max_channels")
        return self


class Rendition(Model):
    """One output file. A preset gives values, and what stands beside it overrides them.

    Once read, a rendition holds all its values and no preset: a job runs with what was accepted.
    """

    preset: Preset | None = Field(None, description=DESCRIPTION)
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")] | None = Field(
        None, description="Ends the output's name. Default: the preset's name, or the rendition's number."
    )
    output: FileName | None = Field(
        None,
        description="The output's whole name, ending as its container. Default: <input>-<name>.<container>.",
    )
    container: Container | None = Field(
        None, description="Default: by the output's ending, else what suits the codec: mp4, webm, m4a, …"
    )
    video: Video | None = Field(None, description="Absent or null: no picture.")
    audio: Audio | None = Field(
        None,
        description="Absent or null: no sound, also beside a video; `{}` keeps it, as AAC. A preset for "
        "video has sound. A source without sound gives none either way.",
    )

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(name := value.get("preset"), str) and name in PRESETS:
            return apply(name, {key: own for key, own in value.items() if key != "preset"})
        return value

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.video is None and self.audio is None:
            raise ValueError("a rendition has video, audio or both; or name a preset")
        if self._container is None:
            raise ValueError("copied streams need a container, or an output with a known ending")
        ending = self.output.rpartition(".")[2].lower() if self.output and "." in self.output else None
        if self.output is not None and ending != self.format:
            raise ValueError(f"the output's ending must be .{self.format}")
        holds = FORMATS[self.format]
        if self.video and not holds.video:
            raise ValueError(f"{self.format} holds sound only; set video to null")
        if self.video and self.video.codec != "copy" and self.video.codec not in holds.video:
            raise ValueError(f"{self.format} cannot hold {self.video.codec}, only {_listed(holds.video)}")
        if self.audio and self.audio.codec != "copy" and self.audio.codec not in holds.audio:
            raise ValueError(f"{self.format} cannot hold {self.audio.codec}, only {_listed(holds.audio)}")
        return self

    @property
    def format(self) -> Container:
        """The container, which is also the file's ending."""
        found = self._container
        if found is None:
            raise ValueError("no container")
        return found

    @property
    def _container(self) -> Container | None:
        if self.container is not None:
            return self.container
        ending = self.output.rpartition(".")[2].lower() if self.output else ""
        if found := next((known for known in FORMATS if known == ending), None):
            return found
        main = self.video or self.audio
        return DEFAULT_CONTAINERS.get(main.codec) if main else None


def _defaults(model: Model) -> set[str]:
    """The fields that have their default value, whoever set it."""
    return {name for name, info in type(model).model_fields.items() if getattr(model, name) == info.default}


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
