"""What Dolby.io's clients ask for, as a body of our own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mediajobs.dialects.dolby.location import Unsupported, without_secrets
from mediajobs.dialects.dolby.request import order
from mediajobs.errors import InvalidRequest

TEMPORARY = "s3://media/temporary/acme/"
IN, OUT = "dlb://in/a.wav", "dlb://out/b.wav"


def _tasks(api: str, body: Any, **headers: str) -> list[dict[str, Any]]:
    return list(order(api, body, TEMPORARY, headers)["tasks"])


def _enhanced(audio: Any, **more: Any) -> dict[str, Any]:
    parameters: dict[str, Any] = _tasks("enhance", {"input": IN, "output": OUT, "audio": audio, **more})[1][
        "parameters"
    ]
    return {name: value for name, value in parameters.items() if name not in ("input", "output")}


def test_a_request_with_nothing_but_places_loads_works_and_stores() -> None:
    assert _tasks("enhance", {"input": IN, "output": OUT}) == [
        {
            "tool": "storage:get",
            "parameters": {"sources": [{"url": TEMPORARY + "in/a.wav", "name": "a.wav"}]},
        },
        {
            "tool": "media:enhance",
            "parameters": {
                "input": "a.wav",
                "output": "a-enhanced.wav",
                "loudness": {"integrated_lufs": -18},
                "noise": {"level": "medium"},
            },
        },
        {
            "tool": "storage:put",
            "parameters": {"files": ["a-enhanced.wav"], "destinations": [{"url": TEMPORARY + "out/b.wav"}]},
        },
    ]


@pytest.mark.parametrize(
    ("given", "location"),
    [
        ("https://example.com/a.wav?sig=1", {"url": "https://example.com/a.wav?sig=1"}),
        (
            {"url": "s3://bucket/a.wav", "auth": {"key": "AKIA", "secret": "s", "token": "t"}},
            {
                "url": "s3://bucket/a.wav",
                "credentials": {"access_key_id": "AKIA", "secret_access_key": "s", "session_token": "t"},
            },
        ),
        (
            {"url": "https://example.com/a.wav", "auth": {"username": "u", "password": "p"}},
            {"url": "https://example.com/a.wav", "credentials": {"username": "u", "password": "p"}},
        ),
        (
            "s3://kept/deep/a.wav",
            {
                "url": "s3://kept/deep/a.wav",
                "credentials": {"access_key_id": "AKIA", "secret_access_key": "s"},
            },
        ),
    ],
)
def test_places_and_their_credentials_are_those_of_our_tools(given: Any, location: Any) -> None:
    storage = [{"id": "mine", "bucket": {"url": "s3://kept", "auth": {"key": "AKIA", "secret": "s"}}}]
    body = {"inputs": [{"source": given}], "outputs": [{"destination": OUT}], "storage": storage}
    assert _tasks("transcode", body)[0]["parameters"] == {"sources": [{**location, "name": "a.wav"}]}


def test_what_is_switched_off_is_not_done() -> None:
    audio = {
        "loudness": {"enable": False},
        "noise": {"reduction": {"enable": True, "amount": "max"}},
        "filter": {"high_pass": {"enable": True}, "hum": {"enable": False}},
        "speech": {"isolation": {"enable": False}, "sibilance": {"reduction": {"enable": False}}},
    }
    assert _enhanced(audio) == {"noise": {"level": "high"}, "high_pass_hz": 80}
    assert _enhanced(None, content={"type": "music"}) == {"loudness": {"integrated_lufs": -18}}


@pytest.mark.parametrize(
    "audio",
    [
        {"speech": {"isolation": {"enable": True, "amount": 100}}},
        {"speech": {"sibilance": {"reduction": {"amount": "low"}}}},
        {"filter": {"dynamic_eq": {"enable": True}}},
        {"filter": {"hum": {"enable": True}}},
        {"music": {"detection": {"enable": True}}},
    ],
)
def test_what_is_not_had_here_is_named_as_unsupported(audio: Any) -> None:
    with pytest.raises(Unsupported) as refusal:
        _enhanced(audio)
    assert refusal.value.fields[0].pointer.startswith(f"/audio/{next(iter(audio))}")


@pytest.mark.parametrize(
    ("api", "body", "pointer"),
    [
        ("analyze/speech", {"input": IN, "output": OUT}, ""),
        ("analyze/music", {"input": IN, "output": OUT}, ""),
        ("analyze", {"input": IN, "loudness": {"profile": "service_x"}}, "/loudness/profile"),
        ("enhance", {"input": IN, "output": OUT, "region": {"start": 1}}, "/region"),
        ("enhance", {"input": "gs://bucket/a.wav", "output": OUT}, "/input"),
        (
            "enhance",
            {"input": {"url": "https://a.b/c", "auth": {"token": "t"}}, "output": OUT},
            "/input/auth",
        ),
        (
            "master",
            {"input": IN, "outputs": [{"destination": OUT, "master": {"dynamic_eq": {"preset": "a"}}}]},
            "/outputs/0/master/dynamic_eq",
        ),
        ("transcode", {"inputs": [{"source": IN}, {"source": IN}], "outputs": []}, "/inputs"),
        (
            "transcode",
            {"inputs": [{"source": IN}], "outputs": [{"destination": OUT, "kind": "gif"}]},
            "/outputs/0/kind",
        ),
        (
            "transcode",
            {
                "inputs": [{"source": IN}],
                "outputs": [{"destination": OUT, "kind": "webm", "video": {"codec": "vp8"}}],
            },
            "/outputs/0/video/codec",
        ),
        (
            "transcode",
            {
                "inputs": [{"source": IN, "segment": {"start": 1}}],
                "outputs": [{"destination": "dlb://o/", "kind": "hls"}],
            },
            "/inputs/0/segment",
        ),
    ],
)
def test_what_cannot_be_honoured_is_pointed_at(api: str, body: Any, pointer: str) -> None:
    with pytest.raises(Unsupported) as refusal:
        _tasks(api, body)
    assert refusal.value.fields[0].pointer == pointer


@pytest.mark.parametrize(
    ("api", "body", "pointer"),
    [
        ("enhance", [], ""),
        ("enhance", {"output": OUT}, "/input"),
        ("enhance", {"input": IN}, "/output"),
        ("enhance", {"input": IN, "output": OUT, "audio": 7}, "/audio"),
        ("transcode", {"inputs": [{"source": IN}]}, "/outputs"),
        ("transcode", {"inputs": [{"source": IN}], "outputs": [7]}, "/outputs/0"),
        ("transcode", {"inputs": [{"source": IN}], "outputs": [{"kind": "mp4"}]}, "/outputs/0/destination"),
        ("master", {"inputs": [7], "outputs": [{"destination": OUT}]}, "/inputs/0"),
        ("diagnose", {"input": IN, "on_complete": {}}, "/on_complete/url"),
    ],
)
def test_a_bad_field_is_pointed_at(api: str, body: Any, pointer: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        _tasks(api, body)
    assert not isinstance(refusal.value, Unsupported)
    assert refusal.value.fields[0].pointer == pointer


def test_a_callback_gets_the_headers_that_it_names_but_no_credentials() -> None:
    body = {
        "input": IN,
        "on_complete": {
            "url": "https://example.com/done?job=1",
            "headers": ["X-Job-Id", "X-Mine", "Authorization", "x-absent"],
        },
    }
    headers = {"x-job-id": "True", "x-mine": "1", "authorization": "Bearer key"}
    assert order("diagnose", body, TEMPORARY, headers)["notify"] == [
        {"url": "https://example.com/done?job=1", "format": "dolby", "headers": {"x-mine": "1"}}
    ]


def test_a_package_stands_beside_the_manifest_that_is_named() -> None:
    output = {"destination": "s3://bucket/films/one.m3u8", "kind": "hls", "video": [{"height": 480}]}
    _, package, put = _tasks("transcode", {"inputs": [{"source": IN}], "outputs": [output]})
    assert package["parameters"] == {
        "input": "a.wav",
        "name": "one",
        "formats": ["hls"],
        "renditions": [{"height": 480}],
    }
    assert put["parameters"] == {"files": ["one/*"], "destinations": [{"url": "s3://bucket/films/"}]}


#: A request of each API with all that it knows.
WHOLE: dict[str, Any] = {
    "enhance": {
        "input": "dlb://a.wav",
        "output": "dlb://b.wav",
        "content": {"type": "music"},
        "audio": {
            "loudness": {"enable": True, "target_level": -16, "peak_limit": -1},
            "dynamics": {"range_control": {"enable": True, "amount": "max"}},
            "noise": {"reduction": {"enable": True, "amount": "low"}},
            "filter": {"high_pass": {"enable": True, "frequency": 90}, "hum": {"enable": False}},
            "speech": {"isolation": {"enable": False, "amount": 3}},
        },
        "on_complete": {"url": "https://example.com/done", "headers": ["x-mine"]},
    },
    "transcode": {
        "storage": [{"bucket": {"url": "s3://bucket", "auth": {"key": "k", "secret": "s"}}}],
        "inputs": [
            {
                "source": {"url": "https://example.com/a.mp4", "auth": {"username": "u", "password": "p"}},
                "segment": {"start": 1, "duration": 2},
            }
        ],
        "outputs": [
            {
                "destination": "s3://bucket/o.mp4",
                "kind": "mp4",
                "video": [{"codec": "h264", "height": 36, "bitrate_kb": 100}],
                "audio": {"codec": "aac_lc", "bitrate_kb": 64, "sample_rate": 48000},
            },
            {"destination": "dlb://o.jpg", "kind": "jpg", "image": {"width": 64, "offset_sec": 1}},
        ],
    },
    "transcode ": {
        "inputs": [{"source": "dlb://a.mp4"}],
        "outputs": [
            {
                "destination": "dlb://hls/",
                "kind": "hls",
                "video": [{"height": 360, "codec": "h264", "bitrate_kb": 100}],
                "audio": [{"bitrate_kb": 64}],
            }
        ],
    },
    "analyze": {
        "input": "dlb://a.wav",
        "output": "dlb://o.json",
        "content": {"silence": {"threshold": -50, "duration": 1}},
        "loudness": {"profile": None},
    },
    "master": {
        "inputs": [{"source": "dlb://a.wav", "segment": {"start": 1}}],
        "outputs": [
            {
                "destination": "dlb://b.wav",
                "master": {"loudness": {"target_level": -10}, "dynamic_eq": {"enable": False}},
            }
        ],
    },
}
ODD: list[Any] = [
    *(None, 0, -1, 1.5, True, False, "", "x", "dlb://", "https://u:p@h/x?y", "http://["),
    *([], {}, [[]], [None], {"a": {}}, ["x"], {"url": 5}, {"enable": "yes"}, 10**30),
]


def _with_odd(value: Any) -> Iterator[Any]:
    """The request with one of its parts after the other replaced."""
    yield from ODD
    if isinstance(value, dict | list):
        for key in range(len(value)) if isinstance(value, list) else list(value):
            for part in _with_odd(value[key]):
                made = value.copy()
                made[key] = part
                yield made


@pytest.mark.parametrize("api", WHOLE)
def test_whatever_stands_in_a_request_it_is_understood_or_refused(api: str) -> None:
    order(api.strip(), WHOLE[api], TEMPORARY, {})
    understood = 0
    for body in _with_odd(WHOLE[api]):
        try:
            json.dumps(order(api.strip(), body, TEMPORARY, {}))
            json.dumps(without_secrets(body))
            understood += 1
        except InvalidRequest:
            continue
    assert understood > 10
