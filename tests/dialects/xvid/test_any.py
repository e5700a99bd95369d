"""Whatever stands where in what is sent, it is understood or refused, never a failure of ours."""

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediajobs.dialects.xvid import words
from mediajobs.dialects.xvid.page import DEFAULT_LIMIT
from tests.world import World, world

PRESET = words.fixed_id("preset", "h264-360p")
OUTPUT = {
    "output_name": "o",
    "preset": {"id": PRESET},
    "thumbnails": [{"thumbnail_names": "t_{resolution}", "thumbnail_preset": "thumbnails_small"}],
    "logos": [{"logo_image": "https://u:p@example.com/l.png", "logo_preset": "Logo15"}],
    "settings": {
        "max_duration": 5,
        "video": {"rotate": 90, "height": "50%", "width": 320, "framerate": 25, "bitrate": "90%"},
        "audio": {"bitrate": 96, "samplingrate": 44100, "channels": 2},
    },
}
JOB = {
    "pipeline_id": "000000000000000000000001",
    "pipeline": {"id": "000000000000000000000001"},
    "input": {
        "input_name": "https://example.com/a.avi",
        "start_time": 1.5,
        "force_container": "avi",
        "force_aspect_ratio": "16:9",
        "force_framerate": "25",
        "force_interlaced": True,
    },
    "user_data": "mark",
    "unique_custom_key": "k",
    "title": "t",
    "autograph": {"watermark_strength": "light"},
    "output_prefix": "{job_id}/",
    "playlists": None,
    "outputs": [OUTPUT],
}
PIPELINE = {
    "name": "P",
    "description": "d",
    "cancel_timeout": 60,
    "default_object_timeout": 0,
    "enable_backtrace_pings": False,
    "input_download_dir": "s3://key:secret@eu-west-1/bucket/",
    "image_download_dir": "https://u:p@example.com/",
    "download_options": {"auto_convert_input": "off", "https_certificate_check": True},
    "output_upload_dir": "sftp://u:p@example.com:22/out",
    "upload_options": {"s3_allow_read": None},
    "ping_urls": {"error": "https://u:p@example.com/?a=b", "finished": None},
}
CODEC = {"codec": {"id": words.fixed_id("codec", "h264")}, "profile": "High"}
PRESETS = {
    "name": "p",
    "description": "d",
    "target_format": {
        "extension": "mp4",
        "container": "mp4",
        "vcodec": {**CODEC, "caps": {"max_width": 640, "max_bitrate": 900, "max_key_distance": 2}},
        "acodec": {"codec": {"id": words.fixed_id("codec", "aac")}, "caps": {"max_channels": 2}},
    },
}
SENT = {
    "jobs": {"job": JOB},
    "jobs/templates": {"template": {"name": "t", "description": None, "job_settings": {"outputs": [OUTPUT]}}},
    "pipelines": {"pipeline": PIPELINE},
    "presets": {"preset": PRESETS},
}

_VALUES: list[Any] = [None, True, 0, -1, 10**30, 1.5, "", "x", "\x00", "..", "a/../b", "{", "%", "inf", "nan"]
_VALUES += ["9" * 5000, "\ud7ff", "50%", "s3://", "s3://a:b@", "https://", "https://[", "https://h:x/", "://"]
_VALUES += [[], [None], [[]], {}, {"id": None}, {"id": []}, {"a": {"b": []}}, ["x"], {"": 1}, "sftp://u:p@h"]
ODD = st.sampled_from(_VALUES)


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in JSON."""
    yield path
    if isinstance(value, dict):
        for name, part in value.items():
            yield from spots(part, (*path, name))
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from spots(part, (*path, number))


def put(value: Any, path: tuple[Any, ...], part: Any) -> Any:
    """JSON with something else at a place."""
    if not path:
        return part
    changed = copy.copy(value)
    changed[path[0]] = put(value[path[0]], path[1:], part)
    return changed


@pytest.fixture(scope="module")
def acme() -> Iterator[World]:
    with world() as made:
        answer = made.vendor("xvid", "POST", "/v1/pipelines", {"pipeline": {"name": "P"}})
        assert answer.status == 200
        yield made


def checked(acme: World, method: str, path: str, body: Any = None) -> None:
    answer = acme.vendor("xvid", method, path, body)
    assert answer.status < 500, (method, path, body, answer.body)
    if answer.headers["content-type"].startswith("application/json"):
        shown = json.loads(answer.body)
        assert answer.status == 200 or list(shown["error"]) == ["error_code", "error_message"]


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_body_is_understood_or_refused(acme: World, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(SENT)))
    body: Any = SENT[kind]
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(list(spots(body))))
        body = put(body, path, data.draw(ODD))
    shape = data.draw(st.sampled_from(["", "?format=xml&show_null=true", "?expand_all=true&bin_data=true"]))
    checked(acme, "POST", f"/v1/{kind}{shape}", body)
    if kind in ("pipelines", "jobs/templates"):
        checked(acme, "PUT", f"/v1/{kind}/000000000000000000000001{shape}", body)
    checked(acme, "GET", f"/v1/{kind}{shape}")


PARAMETERS = (
    *("start", "limit", "sort", "direction", "format", "human", "show_null", "expand", "bin_data"),
    *("status", "user_data", "inprogress", "autograph", "pipeline.id", "input.file.name", "from_date"),
    *("to_date", "type", "job.id", "file_id", "object_key", "pipeline_id", "expiry_time", "expand_all"),
)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(["jobs", "files", "files/downloads", "presets", "pipelines", "codecs"]),
    query=st.dictionaries(
        st.sampled_from(PARAMETERS),
        st.sampled_from(["", "true", "1", "-1", "0", "9" * 30, "id", "file", "SUCCESS", "²", "\x00", "a,b"])
        | st.text(max_size=8),
        max_size=3,
    ),
)
def test_any_query_is_understood_or_refused(acme: World, kind: str, query: dict[str, str]) -> None:
    text = urlencode({name: value.encode("utf-8", "replace") for name, value in query.items()})
    checked(acme, "GET", f"/v1/{kind}?{text}")


def test_a_page_has_a_thousand_entries_if_nothing_else_is_said(acme: World) -> None:
    assert (DEFAULT_LIMIT, json.loads(acme.vendor("xvid", "GET", "/v1/jobs").body)["limit"]) == (1000, 1000)
