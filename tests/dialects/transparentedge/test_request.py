"""From an order, as the vendor's documents show it, to a job; and what is kept of it."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from mediajobs.dialects.transparentedge.profile import Profile, merged
from mediajobs.dialects.transparentedge.request import Wanted, job_of, order_of
from mediajobs.dialects.transparentedge.uri import Uri, without_secrets
from mediajobs.errors import FieldError, InvalidRequest, MalformedRequest
from mediajobs.request import Request
from mediajobs.spec import check, parse

#: The profile of the vendor's PHP client's example.
PROFILE = {
    "name": "Pruebas HD",
    "video_format": "mp4",
    "video_codec": "libx264",
    "video_width": None,
    "video_height": None,
    "video_bitrate": 5000,
    "video_aspect": "16:9",
    "audio_bitrate": 128,
    "audio_codec": "libfdk_aac",
    "company": 1,
}
HD = Profile.model_validate(PROFILE)
HLS = Profile.model_validate(
    {
        "name": "Test HLS",
        "video_format": "mpegts",
        "video_codec": "h264",
        "restrict_bitrate": True,
        "custom_profiles": [
            {"profile_type": "hls", "hls_time": 4, "framerate": 25, "h264_profile": "main", "maxrate": "2M"},
            {"profile_type": "overlay", "url": "https://example.com/logo.png", "position": "after"},
        ],
    }
)
#: The vendor's own example, with a callback.
ORDER: dict[str, Any] = {
    "priority": 5,
    "origin": "ftp://usuario:password@ftp.com/published/video.mp4",
    "destinations": ["ftp://usuario:password@ftp.tudireccionftp.com", "s3://bucket-name"],
    "jobs": [
        {
            "label": "iphone",
            "filename": "watermark.mp4",
            "profile_id": 666,
            "thumbnails": [
                {
                    "filename": "nombre.jpg",
                    "label": "label",
                    "width": "720",
                    "height": "480",
                    "time": 0.3,
                }
            ],
        }
    ],
    "notifications": [
        {"email": "micorreo@misitio.com", "call": "https://api.cliente.com/notify/transcoding"}
    ],
}


def wanted(**changes: Any) -> Wanted:
    return job_of({**ORDER, **changes}, {666: HD, 7: HLS}.get)


def refused(**changes: Any) -> dict[str, str]:
    """What is wrong, by pointers into the order, also where only the tools know."""
    try:
        made = wanted(**changes)
    except InvalidRequest as error:
        return {bad.pointer: bad.detail for bad in error.fields}
    with pytest.raises(InvalidRequest) as caught:
        check(parse(made.body), lambda _: "0")
    return {bad.pointer: bad.detail for bad in made.blamed(caught.value).fields}


def test_the_vendors_example_loads_transcodes_pictures_and_stores() -> None:
    made = wanted()
    assert made.body == {
        "tasks": [
            {
                "tool": "storage:get",
                "parameters": {
                    "sources": [
                        {"url": "ftp://usuario:password@ftp.com/published/video.mp4", "name": "video.mp4"}
                    ]
                },
            },
            {
                "tool": "media:transcode",
                "parameters": {
                    "input": "video.mp4",
                    "renditions": [
                        {
                            "output": "watermark.mp4",
                            "container": "mp4",
                            "video": {
                                "codec": "h264",
                                "bit_rate": 5_000_000,
                                "cap_bit_rate": False,
                                "aspect_ratio": "16:9",
                                "mode": "pad",
                            },
                            "audio": {"codec": "aac", "bit_rate": 128_000},
                        }
                    ],
                },
            },
            {
                "tool": "media:thumbnails",
                "parameters": {
                    "input": "watermark.mp4",
                    "times": ["30.00%"],
                    "name": "nombre",
                    "format": "jpg",
                    "mode": "pad",
                    "width": 720,
                    "height": 480,
                },
            },
            {
                "tool": "storage:put",
                "parameters": {
                    "files": ["watermark.mp4", "nombre.jpg"],
                    "destinations": [
                        {"url": "ftp://usuario:password@ftp.tudireccionftp.com/"},
                        {"url": "s3://bucket-name/"},
                    ],
                },
            },
        ],
        "tags": ["profile:Pruebas HD"],
        "notify": [
            {"url": "mailto:micorreo@misitio.com", "format": "transparentedge"},
            {"url": "https://api.cliente.com/notify/transcoding", "format": "transparentedge"},
        ],
    }
    assert len(check(parse(made.body), lambda _: "0")) == 4


def test_several_sub_jobs_are_made_in_one_reading_and_a_segmented_one_is_a_folder() -> None:
    jobs = [
        {"label": "a", "filename": "video.mp4", "profile_id": 666},
        {"label": "b", "filename": "dir/stream.m3u8", "profile_id": "7"},
    ]
    made = wanted(jobs=jobs, thumbnails=[{"filename": "poster.png", "width": 320, "time": 1}])
    get, transcode, package, picture, put = made.body["tasks"]
    assert [each["name"] for each in get["parameters"]["sources"]] == ["origin-video.mp4", "overlay-7.png"]
    plain, cut = transcode["parameters"]["renditions"]
    assert (plain["output"], cut["output"]) == ("video.mp4", "segmented-1.mp4")
    assert cut["video"] == {
        "codec": "h264",
        "bit_rate": 1_000_000,
        "cap_bit_rate": True,
        "frame_rate": 25,
        "profile": "main",
        "max_bit_rate": 2_000_000,
        "key_frame_seconds": 4,
        "logos": [
            {
                "file": "overlay-7.png",
                "position": "top-right",
                "width": 128,
                "height": 128,
                "margin_x": 44,
                "margin_y": 44,
                "opacity": 0.8,
            }
        ],
    }
    assert package["parameters"] == {
        "inputs": ["segmented-1.mp4"],
        "name": "dir/stream",
        "formats": ["hls"],
        "segment_seconds": 4,
    }
    assert picture["parameters"]["input"] == "origin-video.mp4"
    assert (picture["parameters"]["times"], picture["parameters"]["mode"]) == (["100.00%"], "fit")
    assert put["parameters"]["files"] == ["video.mp4", "dir/stream/*", "poster.png"]
    check(parse(made.body), lambda _: "0")


def test_more_sub_jobs_than_a_task_takes_are_several_tasks() -> None:
    made = wanted(jobs=[{"filename": f"{n}.mp4", "profile_id": 666} for n in range(12)])
    assert [task["tool"] for task in made.body["tasks"]].count("media:transcode") == 2
    assert made.body["tasks"][-1]["parameters"]["files"][-1] == "11.mp4"


@pytest.mark.parametrize(("theirs", "ours"), [(None, None), (5, None), (6, 60), ("7", 70), (10, 100)])
def test_a_priority_is_taken_to_our_scale(theirs: Any, ours: int | None) -> None:
    assert wanted(priority=theirs).body.get("priority") == ours


@pytest.mark.parametrize(
    ("change", "pointer", "rule"),
    [
        ({"priority": 11}, "/priority", "less than or equal to 10"),
        ({"priority": 4}, "/priority", "greater than or equal to 5"),
        ({"origin": "video.mp4"}, "/origin", "a URI"),
        ({"origin": "ftp://example.com/folder/"}, "/origin", "does not end in /"),
        ({"origin": "ftp://u:pass/word@example.com/a.mp4"}, "/origin", "as %2F"),
        ({"origin": "https://u:pa#ss@example.com/a.mp4"}, "/origin", "as %2F"),
        ({"thumbnails": [{"filename": f"{n}.jpg"} for n in range(50)]}, "/jobs", "at most 50"),
        ({"destinations": []}, "/destinations", "at least 1"),
        ({"destinations": ["gopher://x"]}, "/destinations/0", "a URI"),
        ({"destinations": ["ftp://a/"] * 11}, "/destinations", "at most 10"),
        ({"jobs": []}, "/jobs", "at least 1"),
        (
            {"jobs": [{"filename": "a.mp4", "profile_id": 3}]},
            "/jobs/0/profile_id",
            "no transcoding profile 3",
        ),
        ({"jobs": [{"filename": "a.avi", "profile_id": 666}]}, "/jobs/0", "ending must be .mp4"),
        ({"jobs": [{"filename": "../a.mp4", "profile_id": 666}]}, "/jobs/0/filename", "neither . nor .."),
        ({"thumbnails": [{"filename": "a.jpg", "time": 2}]}, "/thumbnails/0/time", "less than or equal to 1"),
        ({"thumbnails": [{"filename": "a.gif"}]}, "/thumbnails/0/filename", "pattern"),
        (
            {"post_process": [{"drm": {"key": "ab" * 16, "key_id": "cd" * 16}}]},
            "/post_process",
            "unsupported: there is no DRM here",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_where_it_stands_in_the_order(
    change: dict[str, Any], pointer: str, rule: str
) -> None:
    found = refused(**change)
    assert pointer in found, found
    assert rule in found[pointer]


def test_unknown_fields_are_passed_over() -> None:
    assert wanted(colour="blue", post_process=[]).body["tasks"] == wanted().body["tasks"]


def test_nothing_secret_is_kept_of_an_order_but_the_users_are() -> None:
    made = wanted(
        origin="https://u:geheim@example.com/a.mp4?sig=geheim",
        destinations=["s3://AKIA:ge/heim+x@bucket/dir", "ftp://u:geheim@a@example.com"],
        notifications=[{"call": "https://u:geheim@example.com/x?token=geheim"}],
        more={"password": "geheim", "list": ["ftp://u:geheim@x/"]},
    )
    assert "heim" not in json.dumps(made.kept)
    kept = made.kept["order"]
    assert kept["origin"] == "https://u@example.com/a.mp4"
    assert kept["destinations"] == ["s3://AKIA@bucket/dir", "ftp://u@example.com"]
    assert made.kept["profiles"] == {"666": "Pruebas HD"}
    assert kept["jobs"] == ORDER["jobs"]


def test_the_keys_in_an_s3_uri_are_credentials_as_they_are() -> None:
    uri = Uri.of("s3://AKIAIOSFODNN7EXAMPLE:wJalr/K7MDENG+bPxRfi%3D@bucketDeS3/ruta/al directorio")
    assert uri.folder().location() == {
        "url": "s3://bucketDeS3/ruta/al directorio/",
        "credentials": {
            "access_key_id": "AKIAIOSFODNN7EXAMPLE",
            "secret_access_key": "wJalr/K7MDENG+bPxRfi=",
        },
    }
    assert Uri.of("s3://bucket/a:b@c").location() == {"url": "s3://bucket/a:b@c"}
    assert Uri.of("https://h/dir?sig=1").folder().location() == {"url": "https://h/dir/?sig=1"}
    assert without_secrets("S3://a:b@c/d") == "s3://a@c/d"


# How an order is sent.


def sent(body: bytes = b"", query: dict[str, str] | None = None, content_type: str = "") -> Request:
    headers = {"content-type": content_type}
    return Request("1", "POST", "/v1/media/1/transcode", {}, query or {}, headers, body)


FORM = "application/x-www-form-urlencoded"
MULTIPART = b'--b\r\nContent-Disposition: form-data; name="order"\r\n\r\n' + json.dumps(ORDER).encode()


@pytest.mark.parametrize(
    "request_",
    [
        sent(urlencode({"order": json.dumps(ORDER)}).encode(), content_type=FORM),
        sent(b"order=" + json.dumps(ORDER, indent=8).encode(), content_type=FORM),
        sent(MULTIPART + b"\r\n--b--\r\n", content_type="multipart/form-data; boundary=b"),
        sent(query={"data": json.dumps(ORDER)}),
        sent(json.dumps(ORDER).encode(), content_type="application/json"),
        sent(json.dumps(ORDER).encode(), content_type=FORM),
        sent(b"\n" + json.dumps(ORDER).encode()),
        sent(json.dumps({"order": ORDER}).encode()),
        sent(json.dumps({"order": json.dumps(ORDER)}).encode()),
    ],
)
def test_an_order_is_read_however_it_is_sent(request_: Request) -> None:
    assert order_of(request_) == ORDER


def test_what_is_no_order_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        order_of(sent(b"a=b", content_type=FORM))
    with pytest.raises(MalformedRequest):
        order_of(sent(b"order={", content_type=FORM))
    with pytest.raises(InvalidRequest):
        job_of(order_of(sent(query={"data": "[]"})), lambda _: None)


# Profiles.


def profile(**changes: Any) -> Profile:
    return Profile.model_validate({"name": "p", "video_format": "mp4", "video_codec": "h264", **changes})


def test_a_profile_has_the_defaults_of_the_vendors_clients() -> None:
    assert profile().model_dump() == {
        "name": "p",
        "video_format": "mp4",
        "video_codec": "h264",
        "video_width": None,
        "video_height": None,
        "video_bitrate": 1000,
        "video_aspect": None,
        "audio_bitrate": 96,
        "audio_codec": "libfdk_aac",
        "restrict_bitrate": False,
        "segmentation": None,
        "custom_profiles": [],
    }


@pytest.mark.parametrize(
    "change",
    [
        {"audio_codec": None},
        {"audio_codec": "mp2"},
        {"video_codec": "mpeg2video"},
        {"video_format": "rawvideo"},
        {"video_format": "mpegts", "video_codec": "av1"},
        {"video_aspect": "1:1"},
        {"segmentation": "10"},
        {"name": ""},
        {"custom_profiles": [{"profile_type": "hls", "refs": 4}]},
        {"custom_profiles": [{"profile_type": "hls", "hls_list_size": 3}]},
        {"custom_profiles": [{"profile_type": "hls"}, {"profile_type": "hls"}]},
        {"custom_profiles": [{"profile_type": "other"}]},
        {"custom_profiles": [{"profile_type": "overlay", "url": "https://u:p@example.com/a.png"}]},
        {
            "video_width": 640,
            "custom_profiles": [{"profile_type": "overlay", "url": "https://example.com/a.png"}],
        },
    ],
)
def test_a_profile_that_cannot_be_honoured_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        profile(**change)


def test_whitespace_is_no_segmentation() -> None:
    assert profile(segmentation=" ").segmentation is None


def test_a_copied_stream_takes_nothing_else_of_the_profile() -> None:
    made = profile(video_codec="copy", audio_codec="copy", video_aspect="16:9").rendition("a.mp4", "")
    assert (made["video"], made["audio"]) == ({"codec": "copy"}, {"codec": "copy"})


def test_null_clears_a_field_and_a_missing_one_stays() -> None:
    stored = {"name": "p", "video_width": 640, "video_aspect": "16:9", "custom_profiles": [1, 2]}
    assert merged(stored, {"video_width": None}) == {**stored, "video_width": None}
    assert merged(stored, {"custom_profiles": [2]})["custom_profiles"] == [2]


def test_places_do_not_mix_tasks_whose_numbers_begin_alike() -> None:
    made = replace(wanted(), places={"/tasks/1": "/a", "/tasks/10": "/b"})
    error = InvalidRequest("", fields=[FieldError("/tasks/10/parameters", ""), FieldError("/tasks/1", "")])
    assert [bad.pointer for bad in made.blamed(error).fields] == ["/b", "/a"]
