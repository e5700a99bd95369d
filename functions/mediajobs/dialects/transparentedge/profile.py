"""Transcoding profiles: what a sub-job's output is to be, as the vendor's clients write it."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from mediajobs.dialects.transparentedge import words
from mediajobs.media.rendition import Rendition
from mediajobs.tools.tool import Model

#: With what stands before it, it is a job's tag.
MAX_NAME = 100


class Lenient(Model):
    """What the vendor's clients send: unknown fields are passed over."""

    model_config = ConfigDict(extra="ignore")


def _one_of(table: Mapping[str, Any] | tuple[str, ...]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in table:
            raise ValueError(f"{value!r} is not supported here; the values are {', '.join(table)}")
        return value

    return check


def _digits(value: Any) -> Any:
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value) else value


def _refused(value: Any) -> None:
    # Empty is what the vendor's dashboard stores for none.
    if value is not None and str(value).strip():
        raise ValueError("it is not supported here; leave it out, or set it to null")


#: A whole number, also as text.
Whole = Annotated[int, BeforeValidator(_digits)]
Unsupported = Annotated[Any, AfterValidator(_refused)]


class Overlay(Lenient):
    """A picture laid over the video; figures are pixels."""

    profile_type: Literal["overlay"]
    url: str = Field(max_length=2048, pattern=r"^(https?|ftps?|s3)://[^\s@?#]+$")
    #: Before or after the other filters, which is the same here: it excludes those that scale.
    position: Literal["before", "after"] = "after"
    scale_width: Whole = Field(128, ge=1, le=8192)
    scale_height: Whole = Field(128, ge=1, le=8192)
    opacity: float = Field(0.8, ge=0, le=1)
    horizontal: Literal["left", "center", "right"] = "right"
    vertical: Literal["top", "center", "bottom"] = "top"
    offset_x: Whole = Field(44, ge=0, le=8192)
    offset_y: Whole = Field(44, ge=0, le=8192)

    def logo(self, file: str) -> dict[str, Any]:
        """As a rendition takes it."""
        middle = self.vertical if self.horizontal == "center" else self.horizontal
        corner = f"{self.vertical}-{self.horizontal}"
        return {
            "file": file,
            "position": middle if "center" in (self.vertical, self.horizontal) else corner,
            "width": self.scale_width,
            "height": self.scale_height,
            "margin_x": self.offset_x,
            "margin_y": self.offset_y,
            "opacity": self.opacity,
        }


class Hls(Lenient):
    """That the output is cut into segments for players; it is a folder then."""

    profile_type: Literal["hls"]
    hls_time: Whole | None = Field(5, ge=1, le=20, description="Seconds.")
    hls_list_size: Literal[0] | None = 0
    master_pl_name: Literal["master.m3u8"] | None = "master.m3u8"
    pix_fmt: Literal["yuv420p", "yuv420p10le"] | None = "yuv420p"
    framerate: Whole | None = Field(None, ge=1, le=240)
    h264_preset: Annotated[str, AfterValidator(_one_of(words.H264_PRESETS))] | None = None
    h264_profile: Literal["baseline", "main", "high"] | None = None
    maxrate: Annotated[str, Field(pattern=r"^\d{1,9}(\.\d{1,3})?[kKM]?$")] | None = None
    hls_flags: Unsupported = None
    h264_level: Unsupported = None
    bufsize: Unsupported = None
    b_strategy: Unsupported = None
    refs: Unsupported = None
    coder: Unsupported = None
    sc_threshold: Unsupported = None

    @property
    def segment_seconds(self) -> int:
        """The length of a segment."""
        return self.hls_time or 5

    def picture(self) -> dict[str, Any]:
        """What it says of the picture."""
        said = {
            "frame_rate": self.framerate,
            "speed": self.h264_preset and words.H264_PRESETS[self.h264_preset],
            "profile": self.h264_profile,
            "max_bit_rate": self.maxrate and _bits(self.maxrate),
            "bit_depth": 10 if self.pix_fmt == "yuv420p10le" else None,
            "key_frame_seconds": self.segment_seconds,
        }
        return {name: value for name, value in said.items() if value is not None}


class Profile(Lenient):
    """A profile; bit rates are in kbit/s."""

    name: str = Field(min_length=1, max_length=MAX_NAME)
    video_format: Annotated[str, AfterValidator(_one_of(words.VIDEO_FORMATS))]
    video_codec: Annotated[str, AfterValidator(_one_of(words.VIDEO_CODECS))]
    video_width: Whole | None = Field(None, ge=16, le=8192)
    video_height: Whole | None = Field(None, ge=16, le=8192)
    video_bitrate: Whole = Field(1000, ge=8, le=200_000)
    video_aspect: Annotated[str, AfterValidator(_one_of(words.ASPECTS))] | None = None
    audio_bitrate: Whole = Field(96, ge=8, le=512)
    audio_codec: Annotated[str, AfterValidator(_one_of(words.AUDIO_CODECS))] = "libfdk_aac"
    restrict_bitrate: bool = False
    segmentation: Unsupported = None
    custom_profiles: list[Annotated[Overlay | Hls, Field(discriminator="profile_type")]] = Field(
        [], max_length=2
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        kinds = [each.profile_type for each in self.custom_profiles]
        if len(set(kinds)) < len(kinds):
            raise ValueError("custom_profiles: one of each type at the most")
        if self.overlay and (self.video_width or self.video_height):
            raise ValueError("an overlay excludes video_width and video_height")
        # What cannot be made is refused when the profile is, and not with each order.
        try:
            Rendition.model_validate(self.rendition(f"output.{self.ending}", "overlay"))
        except ValidationError as error:
            rules = [each["msg"].removeprefix("Value error, ") for each in error.errors(include_url=False)]
            raise ValueError("; ".join(rules)) from None
        return self

    @property
    def overlay(self) -> Overlay | None:
        """The picture to lay over the video."""
        return next((each for each in self.custom_profiles if isinstance(each, Overlay)), None)

    @property
    def hls(self) -> Hls | None:
        """How the output is cut, if it is."""
        return next((each for each in self.custom_profiles if isinstance(each, Hls)), None)

    @property
    def ending(self) -> str:
        """Of the file that is encoded, which is its container too."""
        return "mp4" if self.hls else words.VIDEO_FORMATS[self.video_format]

    def rendition(self, output: str, overlay_file: str) -> dict[str, Any]:
        """As media:transcode takes it, to make a file of that name."""
        video, audio = self._video(overlay_file), self._audio()
        return {"output": output, "container": self.ending, "video": video, "audio": audio}

    def _video(self, overlay_file: str) -> dict[str, Any]:
        codec = words.VIDEO_CODECS[self.video_codec]
        if codec == "copy":
            return {"codec": codec}
        said: dict[str, Any] = {
            "codec": codec,
            "bit_rate": self.video_bitrate * 1000,
            "cap_bit_rate": self.restrict_bitrate,
            "width": self.video_width,
            "height": self.video_height,
            "aspect_ratio": self.video_aspect,
            # The size that is asked for, with bars and not distorted.
            "mode": "pad" if self.video_aspect or (self.video_width and self.video_height) else None,
            "logos": [self.overlay.logo(overlay_file)] if self.overlay and self.overlay.opacity else None,
        }
        given = {name: value for name, value in said.items() if value is not None}
        return given | (self.hls.picture() if self.hls else {})

    def _audio(self) -> dict[str, Any]:
        codec = words.AUDIO_CODECS[self.audio_codec]
        return (
            {"codec": codec} if codec == "copy" else {"codec": codec, "bit_rate": self.audio_bitrate * 1000}
        )


def merged(stored: Mapping[str, Any], sent: Any) -> Any:
    """A profile with what a client has sent: null clears a field, one that is not sent stays. Custom profiles
    take the place of the former ones."""
    return {**stored, **sent} if isinstance(sent, dict) else sent


def _bits(text: str) -> int:
    factor = {"k": 1000, "K": 1000, "M": 1_000_000}.get(text[-1])
    return round(float(text[:-1]) * factor) if factor else round(float(text))
