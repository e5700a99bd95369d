"""The vendor's jobs, pipelines and URIs in our words."""

from typing import Any

import pytest

from mediajobs.dialects.xvid import pipeline
from mediajobs.dialects.xvid.place import Place, shown
from mediajobs.dialects.xvid.request import Pipeline, wanted
from mediajobs.errors import InvalidRequest
from mediajobs.media.preset import PRESETS
from mediajobs.spec import check, parse
from mediajobs.tools.credential import Seal
from tests.world import World

JOB_ID = "01234567-89ab-7def-8123-456789abcdef"
KEYS = {"access_key_id": "AKIA", "secret_access_key": "a/b+c"}


def body_of(job: dict[str, Any], pipeline: Pipeline | None = None, preset: str = "h264-360p") -> Any:
    """What the job asks of us, which our own check accepts."""
    full = {"input": {"input_name": "https://example.com/in.avi"}, **job}
    full.setdefault("outputs", [{}])
    full["outputs"] = [{"output_name": "out", "preset": {"id": "p"}, **each} for each in full["outputs"]]
    made = wanted(full, JOB_ID, pipeline, {"p": PRESETS[preset]}.get)
    seal: Seal = str
    check(parse(made.body), seal)
    return made


def tasks(job: dict[str, Any], pipeline: Pipeline | None = None, preset: str = "h264-360p") -> Any:
    return [(task["tool"], task["parameters"]) for task in body_of(job, pipeline, preset).body["tasks"]]


@pytest.mark.parametrize(
    ("uri", "url", "credentials"),
    [
        ("s3://AKIA:a/b+c@eu-west-1/bucket/dir/", "s3://bucket/dir/", KEYS),
        ("s3://AKIA:a%2Fb+c@s3.amazonaws.com/my_bucket/", "s3://my_bucket/", KEYS),
        ("s3://AKIA:a/b+c@s3-eu-west-1.amazonaws.com/b/x@y.mp4", "s3://b/x@y.mp4", KEYS),
        ("S3://AKIA:a/b+c@bucket/dir", "s3://bucket/dir", KEYS),
        ("s3://bucket/dir/a b.mp4", "s3://bucket/dir/a b.mp4", {}),
        (
            "sftp://login:p%40ss@host:22/path",
            "sftp://host:22/path",
            {"username": "login", "password": "p@ss"},
        ),
        ("https://host/x.mp4?sig=1", "https://host/x.mp4", {"query": "sig=1"}),
        ("http://s3-eu-west-1.amazonaws.com/b/a.avi", "http://s3-eu-west-1.amazonaws.com/b/a.avi", {}),
    ],
)
def test_a_uri_gives_up_its_secrets(uri: str, url: str, credentials: dict[str, str]) -> None:
    place = Place.of(uri)
    assert (place.url, place.credentials) == (url, credentials)
    assert Place.of(place.full_url) == place if not url.startswith("s3") else True
    assert shown({"a": [uri, 1]}) == {"a": [url, 1]}


def test_a_name_below_a_place_cannot_leave_it() -> None:
    folder = Place.of("https://u:p@host/in")
    assert folder.inside("/a b/c.mp4").location == {
        "url": "https://host/in/a%20b/c.mp4",
        "credentials": {"username": "u", "password": "p"},
    }
    with pytest.raises(ValueError):
        folder.inside("a/../../b")


def test_a_job_is_load_transcode_pictures_store() -> None:
    whole = Pipeline(
        "p1",
        {
            "input_download_dir": Place.of("s3://AKIA:a/b+c@eu-west-1/in/"),
            "image_download_dir": Place.of("https://u:p@host/logos"),
            "output_upload_dir": Place.of("sftp://u:p@host/out"),
            "image_upload_dir": Place.of("ftp://host/pictures/"),
            "ping_urls.error": Place.of("https://u:p@host/bad?x=1"),
            "ping_urls.started": Place.of("https://host/start"),
        },
        cancel_timeout=60,
    )
    logos = [
        {"logo_image": "stroke.png", "logo_preset": "Logo15"},
        {"logo_image": "https://host/l.png", "logo_preset": "logo_30_top_left"},
    ]
    thumbnails = [{"thumbnail_names": "thumb_{resolution}", "thumbnail_preset": "thumbnails_small"}]
    video = {"height": "50%", "width": 320, "bitrate": "90%", "framerate": "25", "rotate": 90}
    made = body_of(
        {
            "input": {
                "input_name": "sub/in.avi",
                "start_time": 1.5,
                "force_container": "AVI",
                "force_aspect_ratio": "1.5",
                "force_framerate": "30000/1001",
                "force_interlaced": True,
            },
            "outputs": [
                {"output_name": "a_{input_name}", "logos": logos, "thumbnails": thumbnails},
                {"output_name": "b", "settings": {"video": video, "audio": {"bitrate": 96}}},
                {"output_name": "c", "settings": {"max_duration": 2}},
            ],
            "user_data": "mark",
        },
        whole,
    )
    kinds = [task["tool"] for task in made.body["tasks"]]
    assert kinds == ["storage:get", *["media:transcode"] * 2, *["media:thumbnails"] * 2, *["storage:put"] * 2]
    get, first, second, pictures, archive, put, put_pictures = [
        task["parameters"] for task in made.body["tasks"]
    ]
    assert get["sources"] == [
        {"name": "in.avi", "url": "s3://in/sub/in.avi", "credentials": KEYS},
        {
            "name": "logos/1-stroke.png",
            "url": "https://host/logos/stroke.png",
            "credentials": {"username": "u", "password": "p"},
        },
        {"name": "logos/2-l.png", "url": "https://host/l.png"},
    ]
    assert (first["start_seconds"], second["start_seconds"]) == (1.5, 1.5)
    assert first["forced"] == {
        "container": "avi",
        "aspect_ratio": "1.5:1",
        "frame_rate": "30000/1001",
        "interlacing": "top",
    }
    a, b = first["renditions"]
    assert (a["output"], b["output"]) == (f"{JOB_ID}/a_in.mp4", f"{JOB_ID}/b.mp4")
    assert a["video"]["logos"] == [
        {"file": "logos/1-stroke.png", "width_percent": 15, "position": "bottom-right"},
        {"file": "logos/2-l.png", "width_percent": 30, "position": "top-left"},
    ]
    assert {**PRESETS["h264-360p"]["video"], **b["video"]} == {
        **PRESETS["h264-360p"]["video"],
        "height": "50%",
        "width": 320,
        "rotate": 90,
        "bit_rate": "90%",
        "frame_rate": 25,
    }
    assert "crf" not in b["video"]
    assert b["audio"]["bit_rate"] == 96_000
    assert second["max_duration_seconds"] == 2
    assert (pictures["delivery"], archive["delivery"], pictures["input"]) == ("files", "zip", a["output"])
    assert (pictures["width"], pictures["height"]) == (160, 90)
    assert put["destinations"][0]["url"] == "sftp://host/out/"
    assert put["files"] == [f"{JOB_ID}/{name}.mp4" for name in ("a_in", "b", "c")]
    assert put_pictures["destinations"] == [{"url": "ftp://host/pictures/"}]
    assert put_pictures["files"] == [
        f"{JOB_ID}/thumb_160x90-*.jpg",
        f"{JOB_ID}/thumbnails_a_in_mp4.zip",
    ]
    assert made.body["deadline_seconds"] == 60
    assert made.body["notify"] == [
        {"url": "https://host/start", "on": ["Running"], "format": "xvid"},
        {"url": "https://u:p@host/bad?x=1", "on": ["Failed", "Cancelled"], "format": "xvid"},
    ]
    assert made.labels == ("pipeline:p1",)
    assert made.job["output_prefix"] == f"{JOB_ID}/"
    assert made.job["outputs"][0]["output_name"] == "a_in"


def test_what_is_kept_of_a_job_holds_no_secret() -> None:
    made = body_of(
        {
            "input": {"input_name": "s3://AKIA:a/b+c@eu-west-1/in/a.avi"},
            "outputs": [
                {"logos": [{"logo_image": "https://u:hidden@h/l.png?sig=1", "logo_preset": "Logo5"}]}
            ],
            "note": "https://u:hidden@h/?sig=1",
            "unique_custom_key": "https://cms.example.com/?asset=5",
        }
    )
    assert made.job["unique_custom_key"] == "https://cms.example.com/?asset=5"
    assert not any(word in str(made.job) for word in ("a/b+c", "AKIA", "hidden", "sig"))
    assert made.job["input"]["input_name"] == "s3://in/a.avi"


def test_the_input_keeps_out_of_the_way_of_an_output_of_its_name() -> None:
    job = {"input": {"input_name": "https://host/out.mp4"}, "output_prefix": ""}
    (_, get), (_, transcode), *_ = tasks(job)
    assert get["sources"][0]["name"] == transcode["input"] == "input/out.mp4"
    assert transcode["renditions"][0]["output"] == "out.mp4"


def test_pictures_of_two_outputs_have_names_of_their_own() -> None:
    thumbnails = {"thumbnails": [{"thumbnail_names": "t", "thumbnail_preset": "thumbnails_large"}]}
    made = tasks({"outputs": [thumbnails, {**thumbnails, "output_name": "b"}]})
    names = [parameters["name"] for tool, parameters in made if tool == "media:thumbnails"]
    assert len(set(names)) == len(names) == 4


def test_without_a_pipeline_the_files_stay_here() -> None:
    assert [tool for tool, _ in tasks({})] == ["storage:get", "media:transcode"]


@pytest.mark.parametrize(
    ("job", "pointer"),
    [
        ({"playlists": []}, "/job/playlists"),
        ({"input": {}}, "/job/input/input_name"),
        ({"input": {"input_name": "relative.avi"}}, "/job/input/input_name"),
        ({"outputs": []}, "/job/outputs"),
        ({"outputs": [{"preset": {"id": "unknown"}}]}, "/job/outputs/0/preset/id"),
        ({"outputs": [{"output_name": None}]}, "/job/outputs/0/output_name"),
        ({"outputs": [{"output_name": "{what}"}]}, "/job/outputs/0/output_name"),
        ({"output_prefix": "/abs"}, "/job/output_prefix"),
        (
            {"outputs": [{"thumbnails": [{"thumbnail_preset": "huge"}]}]},
            "/job/outputs/0/thumbnails/0/thumbnail_preset",
        ),
        (
            {"outputs": [{"logos": [{"logo_image": "https://h/a.png", "logo_preset": "mine"}]}]},
            "/job/outputs/0/logos/0/logo_preset",
        ),
        ({"outputs": [{"settings": {"video": 5}}]}, "/job/outputs/0/settings/video"),
        ({"outputs": [{"output_name": ""}]}, "/job/outputs/0/output_name"),
        (
            {"outputs": [{"thumbnails": [{"thumbnail_preset": []}]}]},
            "/job/outputs/0/thumbnails/0/thumbnail_preset",
        ),
        ({"unique_custom_key": {"a": 1}}, "/job/unique_custom_key"),
        ({"outputs": {}}, "/job/outputs"),
    ],
)
def test_what_cannot_be_done_is_named(job: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        body_of(job)
    assert [field.pointer for field in caught.value.fields] == [pointer]


@pytest.mark.parametrize(
    "value", ["inf", "nan", "much", True, -1, 1e305, 10**400, "1e305", "9" * 400, "9" * 5000]
)
def test_odd_numbers_are_refused_and_break_nothing(value: Any) -> None:
    for settings in ({"video": {"bitrate": value}}, {"video": {"width": value}}, {"max_duration": value}):
        with pytest.raises(InvalidRequest):
            body_of({"outputs": [{"settings": settings}]})


def test_sound_alone_has_no_pictures() -> None:
    thumbnails = [{"thumbnail_names": "t", "thumbnail_preset": "thumbnails_small"}]
    with pytest.raises(InvalidRequest):
        body_of({"outputs": [{"thumbnails": thumbnails}]}, preset="audio-mp3-192k")


def test_a_pipeline_keeps_its_secrets_sealed_and_opens_them_again(acme: World) -> None:
    given = {
        "name": "P",
        "cancel_timeout": "60",
        "input_download_dir": "s3://AKIA:a/b+c@eu-west-1/in/",
        "ping_urls": {"error": "https://u:hidden@host/e", "finished": None},
        "upload_options": {"s3_reduced_redundancy": False},
    }
    kept = pipeline.made(acme.organization, given, None)
    assert not any(word in str(kept) for word in ("a/b+c", "AKIA", "hidden"))
    # As it is shown it may come back, and other fields stay.
    again = pipeline.made(acme.organization, {"input_download_dir": "s3://in/", "description": "d"}, kept)
    assert again == {**kept, "description": "d"}
    moved = pipeline.made(acme.organization, {"input_download_dir": "s3://elsewhere/"}, kept)
    assert "input_download_dir" not in moved["sealed"]
    reset = pipeline.made(acme.organization, {"ping_urls": None, "cancel_timeout": None}, kept)
    assert (set(reset["places"]), reset["cancel_timeout"]) == ({"input_download_dir"}, None)

    from mediajobs.store import document

    made = document.create(acme.organization, pipeline.KIND, kept, at=1)
    opened = pipeline.opened(made)
    assert opened.places["input_download_dir"].credentials == KEYS
    assert opened.places["ping_urls.error"].full_url == "https://u:hidden@host/e"
    assert opened.cancel_timeout == 60


@pytest.mark.parametrize(
    "given",
    [
        {"name": ""},
        {"download_options": {"auto_convert_input": "on"}},
        {"download_options": {"https_certificate_check": False}},
        {"upload_options": {"s3_allow_read": "everyone"}},
        {"upload_options": {"s3_reduced_redundancy": True}},
        {"store_options": {"mode": "permanent"}},
        {"default_object_timeout": 3600},
        {"enable_backtrace_pings": True},
        {"input_download_dir": "nowhere"},
        {"output_upload_dir": "file:///etc"},
        {"ping_urls": {"error": "s3://b/x"}},
        {"cancel_timeout": -1},
        {"cancel_timeout": "9" * 5000},
    ],
)
def test_a_pipeline_that_cannot_be_honoured_is_refused(acme: World, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        pipeline.made(acme.organization, {"name": "P", **given}, None)
