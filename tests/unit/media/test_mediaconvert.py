"""What MediaConvert is told of a transcode: every parameter counts, or is refused by its name."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import pytest
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from botocore.session import get_session
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from mediajobs.media.codec import Container, VideoCodec
from mediajobs.media.forced import Forced
from mediajobs.media.preset import PRESETS
from mediajobs.media.rendition import Audio, Logo, Rendition, Video
from mediajobs.tools.media.transcode import Parameters, conversion
from mediajobs.tools.refusal import Refusal

VIDEO = {"codec": "h264", "width": 640, "height": 360, "mode": "pad", "bit_rate": 1_000_000}
AUDIO = {"codec": "aac", "channels": 2}
LOGO = {"file": "logo.png", "width": 64, "height": 32, "margin_x": 8, "margin_y": 8}


@cache
def _request() -> Shape:
    return get_session().get_service_model("mediaconvert").shape_for("CreateJobRequest")


def _convert(parameters: dict[str, Any]) -> tuple[dict[str, Any], list[str], list[Refusal]]:
    model = Parameters.model_validate_json(json.dumps(parameters), strict=True)
    made, names, refused = conversion(
        model,
        model.input or "in.mov",
        place=lambda name: f"s3://workspace/jobs/{name}",
        target=lambda name: f"s3://workspace/jobs/run/{name}",
    )
    return made, names, list(refused)


def _body(made: dict[str, Any]) -> dict[str, Any]:
    return {"Role": "arn:aws:iam::123456789012:role/convert", "Settings": made}


def _faults(body: Any) -> list[str]:
    """What the service's model says against a body, and what its validator leaves out of it."""
    report = ParamValidator().validate(body, _request())
    return [*([report.generate_report()] if report.has_errors() else []), *_beyond(body, _request(), "")]


def _beyond(value: Any, shape: Shape, where: str) -> Iterator[str]:
    """Words that no enumeration has, texts that fit no pattern, and numbers that are too large."""
    if isinstance(shape, StructureShape):
        for name, part in value.items():
            yield from _beyond(part, shape.members[name], f"{where}/{name}")
    elif isinstance(shape, ListShape):
        for number, part in enumerate(value):
            yield from _beyond(part, shape.member, f"{where}/{number}")
    elif isinstance(shape, MapShape):
        for name, part in value.items():
            yield from _beyond(part, shape.value, f"{where}/{name}")
    elif isinstance(shape, StringShape):
        if shape.enum and value not in shape.enum:
            yield f"{where}: {value} is not one of {shape.enum}"
        if (pattern := _pattern(shape)) and not re.search(pattern, value):
            yield f"{where}: {value} is not of {pattern}"
        if len(value) > shape.metadata.get("max", 10**9):
            yield f"{where}: {value} is too long"
    elif not isinstance(value, bool) and value > shape.metadata.get("max", 10**18):
        yield f"{where}: {value} is more than {shape.metadata['max']}"


@cache
def _raw_shapes() -> dict[str, Any]:
    model = get_session().get_component("data_loader").load_service_model("mediaconvert", "service-2")
    return dict(model["shapes"])


def _pattern(shape: Shape) -> str | None:
    found: str | None = _raw_shapes()[shape.name].get("pattern")
    return found


def _with(**parts: Any) -> dict[str, Any]:
    rendition = {"output": "out.mp4", "video": VIDEO, "audio": AUDIO, **parts}
    return {"renditions": [rendition]}


def _video(**values: Any) -> dict[str, Any]:
    return _with(video={**VIDEO, **values})


def _audio(**values: Any) -> dict[str, Any]:
    return _with(audio={**AUDIO, **values})


def _logo(**values: Any) -> dict[str, Any]:
    return _video(logos=[{**LOGO, **values}])


def _whole(**values: Any) -> dict[str, Any]:
    return {**_with(), **values}


def _rendition(**values: Any) -> dict[str, Any]:
    return {"renditions": [{"video": VIDEO, "audio": AUDIO, **values}]}


#: For each field of each model: the parameters without it, and with a value that must make a difference.
CASES: dict[type[BaseModel], dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    Parameters: {
        "input": (_whole(), _whole(input="other.mov")),
        "forced": (_whole(), _whole(forced={"frame_rate": 25.0})),
        "start_seconds": (_whole(), _whole(start_seconds=3.0)),
        "end_seconds": (_whole(), _whole(end_seconds=3.0)),
        "duration_seconds": (_whole(), _whole(duration_seconds=3.0)),
        "max_duration_seconds": (_whole(), _whole(max_duration_seconds=3.0)),
        "renditions": (_whole(), _video(width=320)),
        "engine": (_whole(), _whole(engine="ffmpeg")),
    },
    Forced: {
        "container": (_whole(), _whole(forced={"container": "mov"})),
        "frame_rate": (_whole(), _whole(forced={"frame_rate": 25.0})),
        "aspect_ratio": (_whole(), _whole(forced={"aspect_ratio": "4:3"})),
        "interlacing": (_whole(), _whole(forced={"interlacing": "top"})),
    },
    Rendition: {
        "preset": (_rendition(), {"renditions": [{"preset": "h264-720p"}]}),
        "name": (_rendition(), _rendition(name="small")),
        "output": (_rendition(), _rendition(output="other.mp4")),
        "container": (_rendition(), _rendition(container="mov")),
        "video": (_rendition(), _rendition(video={**VIDEO, "width": 320})),
        "audio": (_rendition(), {"renditions": [{"video": VIDEO}]}),
    },
    Video: {
        "codec": (_video(), _video(codec="hevc")),
        "width": (_video(), _video(width=320)),
        "height": (_video(), _video(height=320)),
        "aspect_ratio": (_video(), _video(aspect_ratio="4:3")),
        "mode": (_video(), _video(mode="crop")),
        "enlarge": (_video(mode="fit"), _video(mode="fit", enlarge=False)),
        "rotate": (_video(), _video(rotate=90)),
        "frame_rate": (_video(), _video(frame_rate=29.97)),
        "deinterlace": (_video(), _video(deinterlace="always")),
        "bit_rate": (_video(), _video(bit_rate=2_000_000)),
        "max_bit_rate": (_video(), _video(max_bit_rate=2_000_000)),
        "cap_bit_rate": (_video(), _video(cap_bit_rate=True)),
        "crf": (
            _video(bit_rate=None, max_bit_rate=2_000_000),
            _video(bit_rate=None, max_bit_rate=2_000_000, crf=30.0),
        ),
        "key_frame_seconds": (_video(), _video(key_frame_seconds=2.0)),
        "speed": (_video(), _video(speed="slow")),
        "profile": (_video(), _video(profile="main")),
        "bit_depth": (_video(), _video(bit_depth=10)),
        "logos": (_video(), _logo()),
    },
    Audio: {
        "codec": (_audio(), _audio(codec="ac3", bit_rate=128_000)),
        "bit_rate": (_audio(), _audio(bit_rate=96_000)),
        "sample_rate": (_audio(), _audio(sample_rate=44100)),
        "channels": (_audio(), _audio(channels=1)),
        "max_channels": (_audio(channels=None, max_channels=2), _audio(channels=None, max_channels=1)),
        "language": (_audio(), _audio(language="eng")),
    },
    Logo: {
        "file": (_logo(), _logo(file="other.png")),
        "position": (_logo(), _logo(position="bottom-left")),
        "width_percent": (_logo(width=None), _logo(width=None, width_percent=50.0)),
        "margin_percent": (_logo(margin_x=None), _logo(margin_x=None, margin_percent=20.0)),
        "width": (_logo(), _logo(width=32)),
        "height": (_logo(), _logo(height=16, position="bottom")),
        "margin_x": (_logo(), _logo(margin_x=99)),
        "margin_y": (_logo(), _logo(margin_y=99)),
        "opacity": (_logo(), _logo(opacity=0.5)),
    },
}


def test_every_field_of_the_tool_has_a_case_here() -> None:
    for model, cases in CASES.items():
        assert set(cases) == set(model.model_fields), model.__name__


@pytest.mark.parametrize(
    ("model", "field"), [(model, field) for model, cases in CASES.items() for field in cases]
)
def test_every_field_changes_what_mediaconvert_is_told_or_is_refused_by_its_name(
    model: type[BaseModel], field: str
) -> None:
    without, given_ = CASES[model][field]
    plain, _, refused = _convert(without)
    assert refused == []
    assert _faults(_body(plain)) == []
    made, _, refused = _convert(given_)
    if refused:
        assert all(field in each.path.split("/") for each in refused)
    else:
        assert made != plain
        assert _faults(_body(made)) == []


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_maps_or_is_refused(name: str) -> None:
    made, _, refused = _convert({"renditions": [{"preset": name}]})
    codec = name.partition("-")[0]
    assert bool(refused) == (codec in ("vp9", "copy"))
    assert refused or _faults(_body(made)) == []


@pytest.mark.parametrize("codec", get_args(VideoCodec))
@pytest.mark.parametrize("container", get_args(Container))
def test_a_container_holds_a_codec_or_is_refused(container: str, codec: str) -> None:
    try:
        _, _, refused = _convert(
            {"renditions": [{"container": container, "video": {"codec": codec, "bit_rate": None}}]}
        )
    except ValidationError:
        return
    assert refused
    assert {each.path.rpartition("/")[2] for each in refused} <= {
        *("codec", "container", "bit_rate", "max_bit_rate"),
    }


def test_a_full_body_is_what_mediaconvert_wants_word_by_word() -> None:
    made, names, refused = _convert(
        {
            "input": "in.mov",
            "start_seconds": 61.0,
            "duration_seconds": 3600.0,
            "renditions": [
                {
                    "output": "hd/film.mp4",
                    "video": {
                        "codec": "h264",
                        "width": 1280,
                        "height": 720,
                        "crf": 23.0,
                        "max_bit_rate": 4_000_000,
                        "frame_rate": 29.97,
                        "key_frame_seconds": 2.0,
                    },
                    "audio": {"codec": "aac", "channels": 2, "language": "eng"},
                }
            ],
        }
    )
    assert refused == []
    assert names == ["hd/film.mp4"]
    (read,) = made["Inputs"]
    assert read["InputClippings"] == [{"StartTimecode": "00:01:01:00", "EndTimecode": "01:01:01:00"}]
    assert read["AudioSelectors"] == {
        "Audio Selector 1": {"SelectorType": "LANGUAGE_CODE", "CustomLanguageCode": "eng"}
    }
    (group,) = made["OutputGroups"]
    (output,) = group["Outputs"]
    assert group["OutputGroupSettings"]["FileGroupSettings"]["Destination"].endswith("/run/hd/film")
    assert (output["Extension"], output["ContainerSettings"]) == ("mp4", {"Container": "MP4"})
    assert output["VideoDescription"]["CodecSettings"]["H264Settings"] == {
        "FramerateControl": "SPECIFIED",
        "FramerateNumerator": 30000,
        "FramerateDenominator": 1001,
        "RateControlMode": "QVBR",
        "MaxBitrate": 4_000_000,
        "QvbrSettings": {"QvbrQualityLevel": 7, "QvbrQualityLevelFineTune": 0.75},
        "GopSize": 2.0,
        "GopSizeUnits": "SECONDS",
        "CodecProfile": "HIGH",
        "QualityTuningLevel": "SINGLE_PASS",
        "ParControl": "SPECIFIED",
        "ParNumerator": 1,
        "ParDenominator": 1,
    }


def test_two_renditions_are_two_groups_so_that_each_file_has_its_own_name() -> None:
    rendition = {"video": VIDEO}
    made, names, _ = _convert({"renditions": [{**rendition, "name": "a"}, {**rendition, "name": "b"}]})
    ends = [
        group["OutputGroupSettings"]["FileGroupSettings"]["Destination"]
        + "."
        + group["Outputs"][0]["Extension"]
        for group in made["OutputGroups"]
    ]
    assert [end.rpartition("/")[2] for end in ends] == names == ["in-a.mp4", "in-b.mp4"]


@pytest.mark.parametrize(
    ("logo", "place"),
    [
        ({"position": "top-left"}, (8, 8)),
        ({"position": "bottom-right"}, (640 - 64 - 8, 360 - 32 - 8)),
        ({"position": "center"}, (288, 164)),
        ({"position": "top-right", "margin_x": None, "margin_percent": 10.0}, (640 - 64 - 36, 8)),
    ],
)
def test_a_logo_stands_where_ffmpeg_would_put_it(logo: dict[str, Any], place: tuple[int, int]) -> None:
    made, _, refused = _convert(_logo(**logo))
    assert refused == []
    (output,) = made["OutputGroups"][0]["Outputs"]
    (image,) = output["VideoDescription"]["VideoPreprocessors"]["ImageInserter"]["InsertableImages"]
    assert (image["ImageX"], image["ImageY"]) == place
    assert (image["Width"], image["Height"], image["Opacity"]) == (64, 32, 100)


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        (_whole(start_seconds=0.5), "start_seconds"),
        (_whole(input="100$dt$.mov"), "input"),
        (_with(output="a b.mp4"), "renditions/0/output"),
        (_video(width="50%"), "renditions/0/video/width"),
        (_video(bit_rate="50%"), "renditions/0/video/bit_rate"),
        (_video(deinterlace="never"), "renditions/0/video/deinterlace"),
        (_video(enlarge=False), "renditions/0/video/enlarge"),
        (_video(width=8192), "renditions/0/video/width"),
        (_video(codec="av1", bit_rate=None, max_bit_rate=10**6, speed="slow"), "renditions/0/video/speed"),
        (_audio(language="en"), "renditions/0/audio/language"),
        (_audio(channels=8), "renditions/0/audio/channels"),
        (_audio(bit_rate=130_000), "renditions/0/audio/bit_rate"),
        (_audio(codec="opus", sample_rate=8000), "renditions/0/audio/sample_rate"),
        (_logo(file="logo.webp"), "renditions/0/video/logos/0/file"),
        (_logo(position="right", width=None, height=None), "renditions/0/video/logos/0/position"),
    ],
)
def test_what_mediaconvert_cannot_do_is_named_with_the_rule(parameters: dict[str, Any], path: str) -> None:
    refused = _convert(parameters)[2]
    assert path in {each.path for each in refused}
    assert all(len(each.rule) > 15 for each in refused)


def test_the_better_the_crf_the_higher_the_level_of_quality() -> None:
    for codec, most in (("h264", 51), ("hevc", 51), ("av1", 63)):
        levels = []
        for crf in range(most + 1):
            made, _, _ = _convert(_video(codec=codec, bit_rate=None, max_bit_rate=10**6, crf=float(crf)))
            own = made["OutputGroups"][0]["Outputs"][0]["VideoDescription"]["CodecSettings"]
            quality = next(each for each in own.values() if isinstance(each, dict))["QvbrSettings"]
            levels.append(quality["QvbrQualityLevel"] + quality.get("QvbrQualityLevelFineTune", 0))
        assert levels == sorted(levels, reverse=True)
        assert (levels[0], levels[-1] < 4) == (10, True)


def _strategy(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Values of a model's fields, mostly those that it takes: from its JSON Schema and a few of interest."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    return _object(schema, definitions)


def _object(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    fields = {name: _value(part, definitions) for name, part in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=fields)


def _value(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _value(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return st.one_of([_value(part, definitions) for part in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    match schema["type"]:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "number":
            least = schema.get("minimum", schema.get("exclusiveMinimum"))
            most = schema.get("maximum", 10**6)
            return st.one_of(
                st.integers(int(least or 0) + 1, int(most)).map(float),
                st.floats(least, most, exclude_min=True),
            )
        case "array":
            items = _value(schema["items"], definitions)
            return st.lists(items, min_size=schema.get("minItems", 0), max_size=2)
        case "object":
            return _object(schema, definitions)
    if "pattern" in schema:
        return st.one_of(
            st.sampled_from(["50%", "0%", "16:9", "2.39:1", "30000/1001", "eng", "en", "small", "s3"]),
            st.from_regex(schema["pattern"], fullmatch=True),
        )
    return st.sampled_from(
        ["in.mov", "a/b.mp4", "logo.png", "out.webm", "$dt$.ts", "x y.mov", "x.MP4", "ü.mkv"]
    )


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(_strategy(Parameters))
def test_whatever_the_tool_takes_is_a_body_that_the_model_takes_or_is_refused(
    parameters: dict[str, Any],
) -> None:
    try:
        made, _, refused = _convert(parameters)
    except ValidationError:
        return
    if not refused:
        assert _faults(_body(made)) == []


#: What MediaConvert takes, to be sure that the test above does not only see refusals.
_TAKEN = st.fixed_dictionaries(
    {
        "video": st.fixed_dictionaries(
            {
                "codec": st.sampled_from(["h264", "hevc"]),
                "bit_rate": st.integers(8_000, 200_000_000),
                "width": st.integers(32, 2160),
                "height": st.integers(32, 2160),
                "mode": st.sampled_from(["fit", "pad", "crop", "stretch"]),
                "speed": st.sampled_from(["fastest", "fast", "medium", "slow"]),
                "bit_depth": st.sampled_from([8, 10]),
            },
            optional={
                "key_frame_seconds": st.floats(0.1, 60),
                "frame_rate": st.floats(1, 240),
                "deinterlace": st.sampled_from(["auto", "always"]),
            },
        ),
        "audio": st.fixed_dictionaries(
            {"codec": st.just("aac"), "channels": st.sampled_from([1, 2, 6])},
            optional={"sample_rate": st.sampled_from([8000, 44100, 48000]), "language": st.just("deu")},
        ),
    },
    optional={"container": st.sampled_from(["mp4", "mov", "ts"])},
)


@settings(max_examples=150)
@given(_TAKEN)
def test_common_renditions_are_all_taken(rendition: dict[str, Any]) -> None:
    made, _, refused = _convert({"renditions": [rendition]})
    assert refused == []
    assert _faults(_body(made)) == []
