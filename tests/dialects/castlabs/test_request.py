"""castLabs' job definitions in our words."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediajobs.dialects.castlabs.request import job, shown
from mediajobs.errors import InvalidRequest
from mediajobs.spec import check, parse
from mediajobs.tools.credential import Seal

ROLE = "arn:aws:iam::123456789012:role/media"
KEYS = {"access_key_id": "AKIAEXAMPLE", "secret_access_key": "ab/cd+ef"}


def resolve(name: str) -> str:
    """The organization has one secret."""
    if name != "acme-keys":
        raise ValueError(f"there is no secret {name}")
    return "AKIAEXAMPLE:ab/cd+ef"


def made(tool: str, parameters: Any = None, **job_fields: Any) -> dict[str, Any]:
    """The one task of a job in our words, which our own check accepts."""
    body = {"tasks": [{"tool": tool, "parameters": parameters}], **job_fields}
    wanted = job(body, lambda _: None, resolve)
    seal: Seal = str
    check(parse(wanted), seal)
    (task,) = wanted["tasks"]
    return dict(task)


def refused(tool: str, parameters: Any = None, **task_fields: Any) -> tuple[str, str]:
    body = {"tasks": [{"tool": "storage:get", "parameters": {"location": "s3://b/a.mp4"}}]}
    body["tasks"].append({"tool": tool, "parameters": parameters, **task_fields})
    with pytest.raises(InvalidRequest) as caught:
        job(body, lambda _: None, resolve)
    (bad,) = caught.value.fields
    return bad.pointer, bad.detail


@pytest.mark.parametrize(
    ("parameters", "sources"),
    [
        (
            {"location": "s3://bucket/in", "files": ["a.mp4", "sub/b.mp4"]},
            [
                {"url": "s3://bucket/in/a.mp4", "name": "a.mp4"},
                {"url": "s3://bucket/in/sub/b.mp4", "name": "sub/b.mp4"},
            ],
        ),
        (
            {"location": "s3://AKIAEXAMPLE:ab/cd+ef@bucket/", "files": ["a.mp4"]},
            [{"url": "s3://bucket/a.mp4", "name": "a.mp4", "credentials": KEYS}],
        ),
        (
            {"location": "s3://AKIAEXAMPLE:ab%2Fcd%2Bef@bucket/in/a.mp4", "base_dir": "src"},
            [{"url": "s3://bucket/in/a.mp4", "name": "src/a.mp4", "credentials": KEYS}],
        ),
        (
            {"location": "s3://{acme-keys}@bucket/in/", "files": ["a.mp4"]},
            [{"url": "s3://bucket/in/a.mp4", "name": "a.mp4", "credentials": KEYS}],
        ),
        (
            {"location": "https://example.com/a%20b.mp4?sig=1"},
            [{"url": "https://example.com/a%20b.mp4?sig=1", "name": "a b.mp4"}],
        ),
        (
            {"location": "https://example.com/in?sig=1", "files": ["a b.mp4"], "base_dir": "/job/src/"},
            [{"url": "https://example.com/in/a%20b.mp4?sig=1", "name": "src/a b.mp4"}],
        ),
        (
            {"location": "https://example.com/in/a.mp4", "files": ["a.mp4"]},
            [{"url": "https://example.com/in/a.mp4", "name": "a.mp4"}],
        ),
        (
            [{"location": "ftps://user:word@example.com"}, {"files": ["a.mp4"]}],
            [{"url": "ftps://user:word@example.com/a.mp4", "name": "a.mp4"}],
        ),
    ],
)
def test_files_are_loaded_from_a_base_or_by_a_whole_url(parameters: Any, sources: Any) -> None:
    assert made("storage:get", parameters) == {"tool": "storage:get", "parameters": {"sources": sources}}


def test_the_jobs_role_is_for_the_buckets_that_nothing_else_opens() -> None:
    def roles(location: str, **parameters: Any) -> Any:
        task = made("storage:get", {"location": location, **parameters}, role_arn=ROLE)
        return task["parameters"]["sources"][0].get("role_arn")

    assert roles("s3://bucket/a.mp4") == ROLE
    assert roles("s3://bucket/a.mp4", role_arn=f"{ROLE}-own") == f"{ROLE}-own"
    assert roles("s3://KEY:SECRET@bucket/a.mp4") is None
    assert roles("https://example.com/a.mp4") is None
    put = made("storage:put", {"location": "s3://bucket/out"}, role_arn=ROLE)
    assert put["parameters"]["destinations"] == [{"url": "s3://bucket/out/", "role_arn": ROLE}]


def test_files_are_stored_below_the_location_by_patterns_and_from_a_folder() -> None:
    parameters = {"location": "ftp://example.com/out", "files": ["*.mp4", "/job/x.vtt"], "base_dir": "out"}
    assert made("storage:put", {**parameters, "overwrite": True})["parameters"] == {
        "destinations": [{"url": "ftp://example.com/out/"}],
        "files": ["*.mp4", "x.vtt"],
        "folder": "out",
    }


def test_ffmpegs_paths_are_files_of_the_job_and_damaged_media_ends_it_by_default() -> None:
    arguments = ["-y", "-loglevel", "error", "-i", "tos_180s.mov", "-f", "mp4", "encode/tos.mp4"]
    task = made("ffmpeg:cmd", {"arguments": arguments, "outputdir": "encode"})
    assert task["parameters"] == {
        "inputs": ["tos_180s.mov"],
        "outputs": ["encode/tos.mp4"],
        "arguments": [
            *("-y", "-i", "{in:tos_180s.mov}", "-f", "mp4", "{out:encode/tos.mp4}"),
            "-xerror",
        ],
    }
    lenient = made("ffmpeg:cmd", {"arguments": arguments, "ignore_decoding_errors": True})
    assert "-xerror" not in lenient["parameters"]["arguments"]


def test_ffmpegs_arguments_may_be_the_parameters_themselves() -> None:
    task = made(
        "ffmpeg:cmd|p", ["-f", "lavfi", "-i", "sine=d=1", "-t", "-1", "/job/a.wav", "-f", "null", "-"]
    )
    assert task == {
        "tool": "ffmpeg:cmd",
        "parameters": {
            "inputs": [],
            "outputs": ["a.wav"],
            "arguments": [
                *("-f", "lavfi", "-i", "sine=d=1", "-t", "-1", "{out:a.wav}", "-f", "null", "-"),
                "-xerror",
            ],
        },
    }
    nothing = made("ffmpeg:cmd", ["-i", "a.mp4", "-f", "null", "/dev/null"])
    assert nothing["parameters"]["arguments"][-2:] == ["-", "-xerror"]


def test_measuring_loudness_and_making_a_transport_stream_are_tools_of_ours() -> None:
    measured = {"input_file": "a.mp4", "audio_selector": "0:a:0", "env_prefix": "my_"}
    assert made("ffmpeg:loudnorm_analyze", measured) == {
        "tool": "media:analyze",
        "parameters": {"input": "a.mp4", "loudness": True, "silence": None, "black": None},
    }
    task = made("bento:mp42ts", {"input": "av.mp4", "output": "ts/av.ts", "verbose": True})
    assert (task["tool"], task["parameters"]["inputs"], task["parameters"]["outputs"]) == (
        "ffmpeg:cmd",
        ["av.mp4"],
        ["ts/av.ts"],
    )


def test_a_tool_of_ours_takes_our_own_parameters() -> None:
    tasks = [
        ("media:probe", {"input": "a.mp4"}),
        ("storage:get", {"sources": [{"url": "https://example.com/a.mp4"}]}),
        ("storage:put", {"destinations": [{"url": "ftp://example.com/"}]}),
        ("ffmpeg:cmd", {"inputs": [], "arguments": ["-f", "lavfi", "-i", "sine", "-f", "null", "-"]}),
    ]
    for tool, parameters in tasks:
        assert made(tool, parameters) == {"tool": tool, "parameters": parameters}


@pytest.mark.parametrize(
    ("tool", "parameters", "pointer", "said"),
    [
        *((name, {}, "/tasks/1/tool", f"there is no tool {name!r}") for name in (
            "storage:tag_s3", "bento:mp4decrypt", "mp4box:cmd", "mp4box:cat", "mpd_edit:add_subtitles",
            "shaka:package_dash", "drmtoday:ingest-cenc-key", "utils:tar", "utils:rename", "utils:env",
            "utils:notify_email", "castlabs::test", "<tool1>",
        )),
        ("storage:get", {"location": "gs://bucket/a"}, "/tasks/1/parameters/location", "gs://"),
        ("storage:get", {"location": "ftp://u:a/b@h/a"}, "/tasks/1/parameters/location", "percent"),
        ("storage:get", {"location": "s3://{none}@b/a"}, "/tasks/1/parameters/location", "no secret none"),
        ("storage:get", {"files": ["a"]}, "/tasks/1/parameters/location", "needed"),
        ("storage:get", {"az_container": "c"}, "/tasks/1/parameters/az_container", "az_container"),
        (
            "storage:get",
            {"location": "s3://bucket/", "files": ["*.mp4"]},
            "/tasks/1/parameters/files",
            "whole names",
        ),
        (
            "storage:put",
            {"location": "s3://bucket/", "overwrite": False},
            "/tasks/1/parameters/overwrite",
            "replaced",
        ),
        (
            "storage:put",
            {"location": "s3://bucket/", "s3_endpoint_url": "https://example.com"},
            "/tasks/1/parameters/s3_endpoint_url",
            "s3_endpoint_url",
        ),
        ("ffmpeg:cmd", {"arguments": ["-af", "{my_af}"]}, "/tasks/1/parameters/arguments", "placeholders"),
        ("ffmpeg:cmd", {"arguments": 5}, "/tasks/1/parameters/arguments", "list of strings"),
        ("ffmpeg:loudnorm_analyze", {"output": ["a"]}, "/tasks/1/parameters/output", "media:enhance"),
        ("bento:mp42ts", {"segment": "x"}, "/tasks/1/parameters/segment", "segment"),
        ("media:probe", "x", "/tasks/1/parameters", "an object"),
    ],
)  # fmt: skip
def test_what_cannot_be_honoured_is_named(tool: str, parameters: Any, pointer: str, said: str) -> None:
    where, rule = refused(tool, parameters)
    assert where == pointer
    assert said in rule


def test_a_tools_version_cannot_be_chosen() -> None:
    assert refused("media:probe", {}, version="1.2")[0] == "/tasks/1/version"


def test_every_bad_task_is_named_at_once() -> None:
    with pytest.raises(InvalidRequest) as caught:
        job({"tasks": [{"tool": "a:b"}, {"tool": "media:probe"}, {"tool": "c:d"}]}, lambda _: None, resolve)
    assert [bad.pointer for bad in caught.value.fields] == ["/tasks/0/tool", "/tasks/2/tool"]


@pytest.mark.parametrize(
    ("notify", "urls"),
    [
        ("someone@example.com", ["mailto:someone@example.com"]),
        ("mailto:someone@example.com", ["mailto:someone@example.com"]),
        ("digest:https://u:p@example.com/x", ["digest:https://u:p@example.com/x"]),
        (["https://example.com/x@y"], ["https://example.com/x@y"]),
    ],
)
def test_who_is_to_be_told_may_be_a_bare_address(notify: Any, urls: list[str]) -> None:
    wanted = job({"tasks": [], "notify": notify}, lambda _: None, resolve)
    assert wanted["notify"] == [{"url": url, "format": "castlabs"} for url in urls]


def test_a_bundle_is_named_by_its_number_or_by_its_name() -> None:
    numbers = {3: "the-id"}
    for field in ("job_bundle_id", "purchase_order_id"):
        for number in (3, "3"):
            assert (
                job({"tasks": [], field: number, "job_bundle": "x"}, numbers.get, resolve)["bundle_id"]
                == "the-id"
            )
        with pytest.raises(InvalidRequest):
            job({"tasks": [], field: 4}, numbers.get, resolve)
    assert job({"tasks": [], "job_bundle": "Spring", "job_bundle_id": None}, numbers.get, resolve) == {
        "tasks": [],
        "bundle": "Spring",
    }


def test_what_is_kept_of_a_request_has_no_secrets() -> None:
    body = {
        "tasks": [
            {
                "parameters": {
                    "location": "s3://AKIA:se/cr?et@bucket/in",
                    "files": ["a@b.mp4"],
                    "az_acc_key": "s",
                }
            },
            {"parameters": {"location": "https://user:sec%20ret@example.com:8443/a@b?sig=secret#x"}},
            {"parameters": {"sources": [{"url": "https://h:8080/a@b", "credentials": {"username": "u"}}]}},
        ],
        "notify": "digest:https://u:secret@example.com/hook?token=secret",
    }
    assert shown(body) == {
        "tasks": [
            {"parameters": {"location": "s3://bucket/in", "files": ["a@b.mp4"], "az_acc_key": "***"}},
            {"parameters": {"location": "https://example.com:8443/a@b"}},
            {"parameters": {"sources": [{"url": "https://h:8080/a@b", "credentials": "***"}]}},
        ],
        "notify": "digest:https://example.com/hook",
    }
    assert shown("s3://{acme-keys}@bucket/in") == "s3://{acme-keys}@bucket/in"


WORDS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False)),
    st.text(max_size=12),
    st.sampled_from(
        ["s3://a:b@bucket/x", "https://[::1", "ftp://u:p@h/", "-i", "-f", "lavfi", "{x}", "²", "9" * 5000]
    ),
)
VALUES = st.recursive(
    WORDS, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3)
)
NAMES = (
    "location",
    "files",
    "base_dir",
    "role_arn",
    "arguments",
    "input",
    "input_file",
    "output",
    "overwrite",
)
TOOLS = ("storage:get", "storage:put", "ffmpeg:cmd", "ffmpeg:loudnorm_analyze", "bento:mp42ts", "media:probe")
TASKS = st.fixed_dictionaries(
    {
        "tool": st.sampled_from(TOOLS) | VALUES,
        "parameters": st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4) | VALUES,
    }
)
FIELDS = ("region", "tags", "notify", "role_arn", "job_bundle_id", "job_bundle", "purchase_order_id")


@settings(max_examples=300)
@given(st.lists(TASKS | VALUES, max_size=3) | VALUES, st.dictionaries(st.sampled_from(FIELDS), VALUES))
def test_whatever_is_sent_is_a_job_or_refused(tasks: Any, more: dict[str, Any]) -> None:
    body = {"tasks": tasks, **more}
    shown(body)
    with suppress(InvalidRequest):
        check(parse(job(body, lambda _: None, resolve)), str)
