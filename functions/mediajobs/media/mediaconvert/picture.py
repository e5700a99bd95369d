"""The picture of a rendition in MediaConvert's terms."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from mediajobs.media.amount import aspect_ratio, frame_rate, is_percent
from mediajobs.media.codec import DEFAULT_CRF
from mediajobs.media.mediaconvert.logo import Box, insert
from mediajobs.media.rendition import Video
from mediajobs.tools.refusal import UNSEEN, Refusals

#: Its name of a codec, and where the codec's settings stand.
_CODECS: Mapping[str, tuple[str, str]] = {
    "h264": ("H_264", "H264Settings"),
    "hevc": ("H_265", "H265Settings"),
    "av1": ("AV1", "Av1Settings"),
    "vp9": ("VP9", "Vp9Settings"),
}
#: The largest picture that a codec takes, lying; all but AV1 take it standing, too.
_LARGEST: Mapping[str, tuple[int, int]] = {
    "h264": (4096, 2160),
    "hevc": (8192, 4320),
    "av1": (4096, 2160),
    "vp9": (4096, 2160),
}
_SMALLEST = 32
#: Constant quality is a level from 1 to 10 there. A codec's crf that is taken for level 10, and how much more
#: of it is a level less.
_LEVELS: Mapping[str, tuple[float, float]] = {"h264": (14, 4), "hevc": (17, 4), "av1": (20, 6)}
_SPEEDS: Mapping[str, Mapping[str, str]] = {
    "x26x": {
        "fastest": "SINGLE_PASS",
        "fast": "SINGLE_PASS",
        "medium": "SINGLE_PASS_HQ",
        "slow": "MULTI_PASS_HQ",
    },
    "vp9": {
        "fastest": "MULTI_PASS",
        "fast": "MULTI_PASS",
        "medium": "MULTI_PASS",
        "slow": "MULTI_PASS_HQ",
    },
}
_PROFILES = {"baseline": "BASELINE", "main": "MAIN", "high": "HIGH"}
_SCALING = {"fit": "FIT", "pad": "DEFAULT", "crop": "FILL", "stretch": "STRETCH_TO_OUTPUT"}


def picture(video: Video, place: Callable[[str], str], refused: Refusals) -> dict[str, Any]:
    """A VideoDescription; `place` gives the URL of a workspace file."""
    if video.codec == "copy":
        refused.add("codec", "MediaConvert encodes what it makes: name a codec")
        return {}
    if video.rotate:
        refused.add("rotate", "MediaConvert turns a picture as its file asks, and no further")
    if video.deinterlace == "never":
        refused.add("deinterlace", "MediaConvert makes progressive pictures")
    box = _box(video, refused)
    name, settings = _CODECS[video.codec]
    own = {
        **_rate(video),
        **_quality(video, refused),
        **_group(video, refused),
        **_depth(video, refused),
        **_speed(video, refused),
        **_shape(video, box, refused),
    }
    made: dict[str, Any] = {
        **({} if box.width is None else {"Width": box.width}),
        **({} if box.height is None else {"Height": box.height}),
        **_scaling(video, box, refused),
        "CodecSettings": {"Codec": name, settings: own},
        "VideoPreprocessors": {
            "Deinterlacer": {
                "Mode": "DEINTERLACE",
                "Control": "FORCE_ALL_FRAMES" if video.deinterlace == "always" else "NORMAL",
            }
        },
    }
    if video.logos:
        images = [
            insert(logo, video, box, place, refused.of(f"logos/{number}")) | {"Layer": number}
            for number, logo in enumerate(video.logos)
        ]
        made["VideoPreprocessors"]["ImageInserter"] = {"InsertableImages": images}
    return made


def _box(video: Video, refused: Refusals) -> Box:
    """The sides that are asked for."""
    sides: dict[str, int | None] = {}
    for name in ("width", "height"):
        side = getattr(video, name)
        if is_percent(side):
            refused.add(name, f"{UNSEEN} size: give pixels")
            side = None
        sides[name] = None if side is None else _even(side)
    width, height = sides["width"], sides["height"]
    pixel = None
    if video.aspect_ratio is not None:
        shape = aspect_ratio(video.aspect_ratio)
        if width is None and height is None:
            refused.add("aspect_ratio", f"{UNSEEN} size: give width or height beside it, in pixels")
        elif height is None and width is not None:
            height = _even(width / shape)
        elif width is None and height is not None:
            width = _even(height * shape)
        elif width is not None and height is not None:
            pixel = (shape * height / width).limit_denominator(1000)
    if pixel is None and width is not None and height is not None:
        pixel = Fraction(1)
    _refuse_extremes(video, width, height, refused)
    return Box(width, height, pixel)


def _refuse_extremes(video: Video, width: int | None, height: int | None, refused: Refusals) -> None:
    long, short = _LARGEST[video.codec]
    field = "width" if video.width is not None else "height"
    if min(width or _SMALLEST, height or _SMALLEST) < _SMALLEST:
        refused.add(field, f"MediaConvert makes no side of less than {_SMALLEST} pixels")
    known = (width or 0, height or 0)
    lying = known if video.codec == "av1" else (max(known), min(known))
    if lying[0] > long or lying[1] > short:
        refused.add(field, f"in {video.codec}, MediaConvert makes at most {long}x{short} pixels")


def _scaling(video: Video, box: Box, refused: Refusals) -> dict[str, str]:
    """How a picture gets into the box; with one side alone, or none, it keeps its shape."""
    if box.size is None:
        if not video.enlarge and (box.width or box.height):
            refused.add("enlarge", "false needs both width and height in MediaConvert")
        return {}
    mode = video.mode or ("stretch" if video.aspect_ratio else "fit")
    if video.enlarge:
        return {"ScalingBehavior": _SCALING[mode]}
    if mode != "fit":
        refused.add("enlarge", f"MediaConvert cannot leave small pictures as they are in the mode {mode}")
    return {"ScalingBehavior": "FIT_NO_UPSCALE"}


def _shape(video: Video, box: Box, refused: Refusals) -> dict[str, Any]:
    if box.pixel is None:
        return {}
    if video.codec == "av1":
        if box.pixel != 1:
            refused.add("aspect_ratio", "pixels of av1 are square in MediaConvert: let width and height fit")
        return {}
    return {
        "ParControl": "SPECIFIED",
        "ParNumerator": box.pixel.numerator,
        "ParDenominator": box.pixel.denominator,
    }


def _rate(video: Video) -> dict[str, Any]:
    if video.frame_rate is None:
        return {"FramerateControl": "INITIALIZE_FROM_SOURCE"}
    rate = frame_rate(video.frame_rate)
    return {
        "FramerateControl": "SPECIFIED",
        "FramerateNumerator": rate.numerator,
        "FramerateDenominator": rate.denominator,
    }


def _quality(video: Video, refused: Refusals) -> dict[str, Any]:
    """An average bit rate, or a level of quality under a ceiling."""
    for name in ("bit_rate", "max_bit_rate"):
        if is_percent(getattr(video, name)):
            refused.add(name, f"{UNSEEN} bit rate: give bits a second")
    if video.cap_bit_rate:
        refused.add("cap_bit_rate", f"{UNSEEN} bit rate")
    average = video.bit_rate if isinstance(video.bit_rate, int) else None
    most = video.max_bit_rate if isinstance(video.max_bit_rate, int) else None
    if video.bit_rate is not None:
        if video.codec == "av1":
            refused.add(
                "bit_rate", "av1 has constant quality only in MediaConvert: give crf and max_bit_rate"
            )
        if average is None:
            return {}
        ceiling = max(most, average) if most else average * 3 // 2
        return {"RateControlMode": "VBR", "Bitrate": average, "MaxBitrate": ceiling}
    if video.codec == "vp9":
        refused.add("crf" if video.crf is not None else "bit_rate", "vp9 needs a bit_rate in MediaConvert")
        return {}
    if video.max_bit_rate is None:
        refused.add("max_bit_rate", "MediaConvert needs it for constant quality; or give bit_rate")
    if most is None:
        return {}
    crf = DEFAULT_CRF[video.codec] if video.crf is None else video.crf
    best, step = _LEVELS[video.codec]
    level = min(10.0, max(1.0, 10 - (crf - best) / step))
    fine = round(level % 1, 2)
    return {
        "RateControlMode": "QVBR",
        "MaxBitrate": most,
        "QvbrSettings": {
            "QvbrQualityLevel": int(level),
            **({"QvbrQualityLevelFineTune": fine} if fine else {}),
        },
    }


def _group(video: Video, refused: Refusals) -> dict[str, Any]:
    """The distance of key frames."""
    seconds = video.key_frame_seconds
    if seconds is None:
        return {}
    if video.codec in ("h264", "hevc"):
        return {"GopSize": seconds, "GopSizeUnits": "SECONDS"}
    if video.frame_rate is None:
        refused.add(
            "key_frame_seconds", f"MediaConvert counts frames in {video.codec}: give frame_rate beside it"
        )
        return {}
    return {"GopSize": float(max(1, int(frame_rate(video.frame_rate) * Fraction(seconds))))}


def _depth(video: Video, refused: Refusals) -> dict[str, str]:
    is_deep = video.bit_depth == 10
    match video.codec:
        case "h264":
            return {"CodecProfile": "HIGH_10BIT" if is_deep else _PROFILES[video.profile or "high"]}
        case "hevc":
            return {"CodecProfile": "MAIN10_MAIN" if is_deep else "MAIN_MAIN"}
        case "av1":
            return {"BitDepth": "BIT_10" if is_deep else "BIT_8"}
    if is_deep:
        refused.add("bit_depth", "vp9 has 8 bits in MediaConvert")
    return {}


def _speed(video: Video, refused: Refusals) -> dict[str, str]:
    if video.codec == "av1":
        if video.speed != "fast":
            refused.add("speed", "av1 has one speed in MediaConvert, which stands for the default")
        return {}
    return {"QualityTuningLevel": _SPEEDS["vp9" if video.codec == "vp9" else "x26x"][video.speed]}


def _even(value: float | Fraction) -> int:
    """The nearest even number: colour stands in squares of two by two pixels."""
    return max(2, round(value / 2) * 2)
