"""The endpoints on the whole service in one process, held against the vendor's page and its clients."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from mediajobs import aws, callback, payload
from mediajobs.consumption import Consumption
from mediajobs.dialects.transparentedge import endpoints
from mediajobs.event import Event
from mediajobs.job import Status
from mediajobs.settings import settings
from mediajobs.store import decision, run
from mediajobs.store import job as jobs
from mediajobs.store.pack import pack
from mediajobs.timestamp import MINUTE, now
from tests.dialects.transparentedge.test_request import ORDER, PROFILE
from tests.moto_account import REGION
from tests.world import World

PAGE = (Path(__file__).parent / "page.txt").read_text()
BASE = "/v1/media/1"
FUNCTIONS = Path(__file__).parents[3] / "functions"
Call = Callable[..., SimpleNamespace]


@pytest.fixture
def call(acme: World) -> Call:
    """A request of the vendor's client."""

    def send(method: str, path: str, body: Any = None, **headers: str) -> SimpleNamespace:
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return acme.vendor("transparentedge", method, path, body, headers=more)

    return send


@pytest.fixture
def order(call: Call) -> Callable[..., str]:
    """Submits an order of the first profile; its id, as the PHP client finds it."""
    assert call("POST", f"{BASE}/transcoding_profiles/", PROFILE).status == 201

    def submit(**changes: Any) -> str:
        jobs_ = [{**each, "profile_id": 1} for each in ORDER["jobs"]]
        sent = {
            **ORDER,
            "jobs": jobs_,
            "notifications": [{"call": "https://u:geheim@a.example/b"}],
            **changes,
        }
        form = urlencode({"order": json.dumps(sent)}).encode()
        answer = call("POST", f"{BASE}/transcode/", form, content_type="application/x-www-form-urlencoded")
        assert answer.status == 201, answer.body
        found = re.search(r"#([^\s]+)", json.dumps(answer.body))
        assert found is not None
        return found[1]

    return submit


def shape(value: Any) -> Any:
    """The keys and types of JSON."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def shown(number: int) -> Any:
    """An example of the page; the comma after the last entry of the list is none of JSON."""
    examples = re.findall(r"^[\[{]\n.*?^[\]}]$", PAGE, re.S | re.M)
    return json.loads(re.sub(r",(\s*\])", r"\1", examples[number]))


def start(acme: World, order_id: str) -> None:
    """Let a job run, without a worker."""
    while jobs.find(acme.organization, order_id).status is Status.PENDING:  # type: ignore[union-attr]
        acme.deliver()


def finish(acme: World, order_id: str, **made: Any) -> None:
    """Let the present task succeed."""
    job = jobs.find(acme.organization, order_id)
    assert job is not None
    at = now()
    held = run.claim(
        job.organization, job.id, 1, job.cursor, run="r", at=at, until=at + MINUTE, log="", memory_mb=1
    )
    result = {"files": [], "usage": {"seconds_in": 0}, "data": {}, **made}
    used = Consumption(ms_out=90_000)
    decision.finish_task(held, {"result": pack(result)}, at=at, used=used)


# Lists.


def test_a_list_is_the_array_that_the_page_shows_newest_first(call: Call, order: Callable[..., str]) -> None:
    ids = [order(), order(), order()]
    answer = call("GET", f"{BASE}/transcode/")
    assert answer.status == 200
    assert shape(answer.body) == shape(shown(0))
    assert [row["id"] for row in answer.body] == ids[::-1]
    assert {row["status"] for row in answer.body} == {"QUEUED"}
    pattern = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00"
    assert all(re.fullmatch(pattern, row["created_on"]) for row in (*answer.body, *shown(0)))
    assert call("GET", f"{BASE}/transcode").body == answer.body


def test_a_list_goes_by_limit_and_offset_with_or_without_an_envelope(
    call: Call, order: Callable[..., str]
) -> None:
    newest, middle, oldest = [order() for _ in range(3)][::-1]

    def listed(query: str) -> Any:
        return call("GET", f"{BASE}/transcode/?{query}").body

    assert [row["id"] for row in listed("limit=2")] == [newest, middle]
    assert [row["id"] for row in listed("limit=2&offset=2")] == [oldest]
    assert listed("limit=2&offset=3") == []
    assert listed("offset=1") == {"message": "offset: it needs a limit"}
    assert listed("limit=x") == {"message": "limit: a whole number"}
    first = listed("output=std&limit=1")
    assert (first["count"], first["previous"]) == (3, None)
    assert [row["id"] for row in first["results"]] == [newest]
    host, _, path = first["next"].partition(BASE)
    assert host == "https://api.example.com"
    second = call("GET", BASE + path).body
    assert [row["id"] for row in second["results"]] == [middle]
    assert second["previous"].endswith("limit=1&offset=0")
    everything = listed("output=std")
    assert (everything["count"], everything["next"], len(everything["results"])) == (3, None, 3)


def test_a_list_is_cut_where_an_answer_ends_and_says_where_it_goes_on(
    call: Call, order: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [order() for _ in range(3)][::-1]
    monkeypatch.setattr(payload, "MAX_BYTES", 300)
    answer = call("GET", f"{BASE}/transcode/")
    rest = answer.headers["link"].removeprefix("<https://api.example.com").partition(">")[0]
    assert [row["id"] for row in answer.body] == ids[: len(answer.body)] != ids
    assert [row["id"] for row in call("GET", rest).body] == ids[len(answer.body) :][: len(answer.body)]


def test_more_jobs_than_a_page_of_ours_are_one_list(
    call: Call, order: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [order() for _ in range(5)][::-1]
    monkeypatch.setattr("mediajobs.store.listing.BUDGET", 1)
    query = urlencode({"filters": json.dumps({"profile_name": "Pruebas HD"})})
    assert [row["id"] for row in call("GET", f"{BASE}/transcode/?{query}").body] == ids


def test_a_list_filters(acme: World, call: Call, order: Callable[..., str]) -> None:
    call("POST", f"{BASE}/transcoding_profiles/", {**PROFILE, "name": "other"})
    first, second = order(), order(origin="ftp://a.example/Holiday.mp4")
    third = order(jobs=[{"filename": "a.mp4", "profile_id": 2}])
    acme.call("POST", f"/jobs/{first}/cancel")
    start(acme, second)

    def found(filters: Any = None, **query: str) -> Any:
        given = query if filters is None else {"filters": json.dumps(filters), **query}
        answer = call("GET", f"{BASE}/transcode/?{urlencode(given)}")
        return [row["id"] for row in answer.body] if answer.status == 200 else answer.body

    assert found({"status": "ERROR"}) == [first]
    assert found({"status": "DOWNLOADING"}) == [third, second]
    assert found({"status": "TRANSCODING"}) == found({"status": "FINISHED"}) == []
    assert found({"status": "PENDING"}) == found({"status": "QUEUED"}) == []
    assert found({"order_id": second}) == [second]
    assert found({"order_id": str(uuid4())}) == found({"order_id": "1631092552-1237"}) == []
    assert found({"profile_name": "other"}) == [third]
    assert found(search="HOLIDAY") == found({}, search=second) == [second]
    assert found({"timestamp": {"from": "20200101 00:00:00", "to": "2020-01-01 00:00:00"}}) == []
    assert found({"timestamp": {"from": 1577836800, "to": str(now() // 1000)}}) == [third, second, first]
    assert found({"status": "BUSY"})["message"].startswith("filters: status is one of")
    times: list[Any] = ["yesterday", 10**15, True, [], float("nan")]
    for time in times:
        answer = found({"timestamp": {"from": time}})
        assert answer == [third, second, first] or answer["message"].startswith("filters: a time is")
    assert found([]) == {"message": "filters: a JSON object"}


# One order.


def test_an_order_is_shown_as_the_page_shows_it_through_all_its_statuses(
    acme: World, call: Call, order: Callable[..., str]
) -> None:
    order_id = order()

    def read() -> Any:
        answer = call("GET", f"{BASE}/transcode/{order_id}")
        listed = call("GET", f"{BASE}/transcode?limit=1").body[0]
        assert listed["status"] == answer.body["status"]
        assert listed["created_on"] == answer.body["timestamp"]
        return answer.body

    seen = read()
    assert (seen["status"], seen["duration"], seen["size"]) == ("QUEUED", None, None)
    assert list(seen) == list(shown(1))
    start(acme, order_id)
    assert read()["status"] == "DOWNLOADING"
    finish(acme, order_id, files=[{"name": "video.mp4", "size": 12118497}])
    assert (read()["status"], read()["size"]) == ("TRANSCODING", 12118497)
    finish(acme, order_id, usage={"seconds_in": 95.143}, data={"outputs": [{"name": "watermark.mp4"}]})
    assert (read()["status"], read()["duration"]) == ("TRANSCODING", 95.143)
    finish(acme, order_id)
    assert read()["status"] == "UPLOADING"
    finish(acme, order_id)
    seen = read()
    assert seen == {
        "order_id": order_id,
        "transcodingupload_set": [
            {
                "upload_url": "ftp://ftp.tudireccionftp.com",
                "upload_protocol": "FTP",
                "upload_user": "usuario",
            },
            {"upload_url": "s3://bucket-name", "upload_protocol": "S3", "upload_user": None},
        ],
        "transcodingdownload": {
            "download_url": "ftp://ftp.com/published/video.mp4",
            "download_protocol": "FTP",
            "download_user": "usuario",
        },
        "transcodingnotification_set": [{"callback_url": "https://a.example/b", "email": None}],
        "transcodingjob_set": [
            {
                "profile": {"id": 1, "name": "Pruebas HD"},
                "filename": "watermark.mp4",
                "label": "iphone",
                "progress": 100.0,
            }
        ],
        "duration": 95.143,
        "size": 12118497,
        "filename": "watermark.mp4",
        "label": "iphone",
        "status": "FINISHED",
        "timestamp": seen["timestamp"],
        "comment": f"Order {order_id} finished",
    }
    example = shown(1)
    for each in (seen, example):
        each["transcodingnotification_set"] = []
    assert shape(seen) == shape(example)
    assert isinstance(seen["transcodingjob_set"][0]["progress"], float)


def test_no_secret_of_an_order_stands_in_the_table_or_an_answer(
    acme: World, call: Call, order: Callable[..., str]
) -> None:
    order_id = order(
        origin="ftp://u:geheim@a.example/b.mp4",
        destinations=["s3://AKIA:gehe%69m@bucket/dir"],
        webhook_token="geheim",
    )
    stored = aws.client("dynamodb", REGION).scan(TableName=settings().table_name)["Items"]
    detail = jobs.detail(acme.organization, order_id)
    from mediajobs.said import said_of
    from mediajobs.store.pack import unpack

    assert detail is not None
    told = [acme.job(order_id), call("GET", f"{BASE}/transcode/{order_id}").body, said_of(detail)]
    assert "geheim" not in str([stored, unpack(detail.spec["tasks"]), told])
    assert len(jobs.credentials(acme.organization, order_id)) == 3


def test_a_job_of_our_own_api_is_shown_with_what_can_be_told_of_it(acme: World, call: Call) -> None:
    tasks = [
        {"tool": "storage:get", "parameters": {"sources": [{"url": "https://u:p@a.example/b.mp4?sig=1"}]}},
        {"tool": "media:transcode", "parameters": {"renditions": [{"preset": "h264-720p"}]}},
    ]
    body = {"tasks": tasks, "notify": ["https://a.example/hook", "https://b.example/"]}
    made = acme.call("POST", "/jobs", body).body["id"]
    seen = call("GET", f"{BASE}/transcode/{made}/").body
    assert list(seen) == list(shown(1))
    assert seen["transcodingdownload"] == {
        "download_url": "https://a.example/b.mp4",
        "download_protocol": "HTTPS",
        "download_user": None,
    }
    assert seen["transcodingupload_set"] == []
    assert [each["callback_url"] for each in seen["transcodingnotification_set"]] == [
        "https://a.example/hook",
        "https://b.example/",
    ]
    (sub_job,) = seen["transcodingjob_set"]
    assert sub_job == {
        "profile": {"id": None, "name": "h264-720p"},
        "filename": None,
        "label": None,
        "progress": 0.0,
    }
    bare = acme.submit("test:nothing")
    seen = call("GET", f"{BASE}/transcode/{bare}").body
    assert seen["transcodingdownload"]["download_url"] is None
    assert (seen["filename"], seen["transcodingjob_set"], seen["duration"]) == (None, [], None)


def test_an_order_that_failed_or_was_cancelled_is_an_error_with_the_reason(
    acme: World, call: Call, order: Callable[..., str]
) -> None:
    cancelled = order()
    acme.call("POST", f"/jobs/{cancelled}/cancel")
    seen = call("GET", f"{BASE}/transcode/{cancelled}").body
    assert (seen["status"], seen["comment"]) == ("ERROR", f"Order {cancelled} cancelled")
    failed = order(origin="ftp://127.0.0.1/a.mp4")
    acme.settle_down()
    seen = call("GET", f"{BASE}/transcode/{failed}").body
    assert seen["status"] == "ERROR"
    assert seen["comment"].startswith(f"Order {failed} failed: ")


def test_only_a_failed_order_is_requeued_at_either_path(
    acme: World, call: Call, order: Callable[..., str]
) -> None:
    order_id = order()
    refused = call("POST", f"{BASE}/transcode_requeue/{order_id}/")
    assert (refused.status, list(refused.body)) == (400, ["message"])
    for path in (f"{BASE}/transcode_requeue/{order_id}/", f"/media/1/transcode_requeue/{order_id}"):
        acme.call("POST", f"/jobs/{order_id}/cancel")
        answer = call("POST", path)
        assert (answer.status, answer.body) == (200, {"message": f"Order #{order_id} requeued"})
        assert call("GET", f"{BASE}/transcode/{order_id}").body["status"] == "QUEUED"


def test_a_callback_is_sent_the_order_with_the_status_that_is_told(
    acme: World, call: Call, order: Callable[..., str]
) -> None:
    order_id = order()
    acme.call("POST", f"/jobs/{order_id}/cancel")
    detail = jobs.detail(acme.organization, order_id)
    assert detail is not None
    (told,) = (
        each for each in jobs.events(acme.organization, order_id, 0) if each.status is Status.CANCELLED
    )
    assert isinstance(told, Event)
    call("POST", f"{BASE}/transcode_requeue/{order_id}")
    later = jobs.detail(acme.organization, order_id)
    assert later is not None
    for each in (detail, later):
        made = callback.format_of("transparentedge")(each, told)
        assert made.headers["content-type"] == "application/json"
        sent = json.loads(made.body)
        assert (sent["order_id"], sent["status"]) == (order_id, "ERROR")
        assert list(sent) == list(shown(1))


# Whose it is, and what is wrong.


def test_a_foreign_company_or_order_is_answered_like_an_unknown_one(
    acme: World, call: Call, order: Callable[..., str]
) -> None:
    order_id = order()
    other = acme.call("POST", "/organizations", {"name": "Other", "admin_user": "o"}).body
    key = other["api_key"]
    theirs = {"authorization": f"Bearer {key}"}
    number = acme.call("GET", f"/organizations/{other['id']}", key=key).body["number"]
    for path in ("transcode", f"transcode/{order_id}", "transcoding_profiles", "allowed_values"):
        foreign = call("GET", f"{BASE}/{path}", **theirs)
        unknown = call("GET", f"/v1/media/999/{path}", **theirs)
        assert (
            (foreign.status, foreign.body)
            == (unknown.status, unknown.body)
            == (404, {"detail": "Not found."})
        )
    assert call("GET", f"/v1/media/{number}/transcode", **theirs).body == []
    for missing in (f"transcode/{order_id}", "transcode/1631092552-1237", "transcoding_profile/1"):
        answer = call("GET", f"/v1/media/{number}/{missing}", **theirs)
        assert (answer.status, answer.body) == (404, {"detail": "Not found."})


def test_every_error_has_exactly_one_key(acme: World, call: Call) -> None:
    viewer = acme.key_of("VIEW")
    answers = {
        401: call("GET", f"{BASE}/transcode", authorization="Bearer wrong"),
        403: call("POST", f"{BASE}/transcode", ORDER, authorization=f"Bearer {viewer}"),
        404: call("GET", f"{BASE}/transcode/none"),
        400: call("POST", f"{BASE}/transcode", b"order={"),
    }
    for status, answer in answers.items():
        assert answer.status == status
        assert list(answer.body) == ["message" if status == 400 else "detail"]
        assert all(isinstance(text, str) for text in answer.body.values())
    nobody = call("GET", f"{BASE}/transcode", authorization="")
    assert (nobody.status, nobody.headers["www-authenticate"]) == (401, 'Bearer realm="api"')
    unknown = call("POST", f"{BASE}/transcode", ORDER)
    assert unknown.body == {"message": "jobs[0].profile_id: there is no transcoding profile 666"}
    drm = call("POST", f"{BASE}/transcode", {**ORDER, "post_process": [{"drm": {}}]})
    assert drm.body == {"message": "post_process: unsupported: there is no DRM here"}


# Profiles, words, minutes, tokens.


def test_profiles_are_made_listed_read_changed_and_deleted(call: Call) -> None:
    hls = {"profile_type": "hls", "hls_time": 5, "hls_flags": None}
    made = call("POST", f"{BASE}/transcoding_profiles/", {**PROFILE, "custom_profiles": [hls]})
    assert made.status == 201
    assert "custom_profiles" not in made.body
    assert made.body == {"id": 1, "restrict_bitrate": False, "segmentation": None, **PROFILE}
    assert call("GET", f"{BASE}/transcoding_profiles/").body == [made.body]
    whole = call("GET", f"{BASE}/transcoding_profile/1/").body
    assert {name: whole[name] for name in made.body} == made.body
    assert [each["profile_type"] for each in whole["custom_profiles"]] == ["hls"]

    changed = call("PUT", f"{BASE}/transcoding_profile/1/", {"video_aspect": None, "video_bitrate": 900})
    assert changed.status == 200
    assert changed.body == {**whole, "video_aspect": None, "video_bitrate": 900}
    bare = call("PUT", f"{BASE}/transcoding_profile/1/", {"custom_profiles": []}).body
    assert bare == {**changed.body, "custom_profiles": []}
    refused = call("PUT", f"{BASE}/transcoding_profile/1/", {"audio_codec": None})
    assert (refused.status, list(refused.body)) == (400, ["message"])
    assert refused.body["message"].startswith("audio_codec: ")

    gone = call("DELETE", f"{BASE}/transcoding_profile/1/")
    assert (gone.status, gone.body) == (204, None)
    for method in ("GET", "PUT", "DELETE"):
        assert call(method, f"{BASE}/transcoding_profile/1", {} if method == "PUT" else None).status == 404
    assert call("GET", f"{BASE}/transcoding_profiles").body == []
    assert call("POST", f"{BASE}/transcoding_profiles", PROFILE).body["id"] == 2


def test_a_changed_or_deleted_profile_changes_nothing_in_an_order(
    call: Call, order: Callable[..., str]
) -> None:
    order_id = order()
    call("PUT", f"{BASE}/transcoding_profile/1", {"name": "new"})
    call("DELETE", f"{BASE}/transcoding_profile/1")
    seen = call("GET", f"{BASE}/transcode/{order_id}").body
    assert seen["transcodingjob_set"][0]["profile"] == {"id": 1, "name": "Pruebas HD"}


def test_every_allowed_value_is_allowed(call: Call) -> None:
    values = call("GET", f"{BASE}/allowed_values/").body
    assert values["aspect_ratio"] == values["video_aspect"] == ["16:9", "9:16", "4:3"]
    assert {"mp4", "mpegts"} <= set(values["video_formats"])
    assert {"libx264", "h264", "copy"} <= set(values["video_codecs"])
    assert {"libfdk_aac", "mp3", "ac3", "copy"} <= set(values["audio_codecs"])
    names = {"video_formats": "video_format", "video_codecs": "video_codec", "audio_codecs": "audio_codec"}
    for plural, name in names.items():
        for value in values[plural]:
            fitting = {"webm": {"video_codec": "vp9", "audio_codec": "opus"}}.get(value, {})
            sent = {**PROFILE, **(fitting if plural == "video_formats" else {}), name: value}
            answer = call("POST", f"{BASE}/transcoding_profiles", sent)
            assert answer.status == 201, (value, answer.body)


def test_consumed_minutes_are_those_of_the_months(acme: World, call: Call, order: Callable[..., str]) -> None:
    path = f"{BASE}/transcoding/consumed_minutes/"
    assert call("GET", path).body == {"minutes": [], "minutes_plan": 0}
    order_id = order()
    start(acme, order_id)
    for _ in range(4):
        finish(acme, order_id)
    (month,) = call("GET", path).body["minutes"]
    assert month["duration"] == 6.0
    assert {name: type(value) for name, value in month.items()} == {
        "duration": float,
        "year": int,
        "month": int,
    }
    before = urlencode({"filters": json.dumps({"timestamp": {"to": "20201231 00:00:00"}})})
    assert call("GET", f"{path}?{before}").body["minutes"] == []
    this = json.dumps({"timestamp": {"from": now() // 1000, "to": now() // 1000 + 60}})
    assert call("GET", f"{path}?{urlencode({'filters': this})}").body["minutes"] == [month]


def test_a_token_is_given_for_a_form_or_for_basic_and_renewed(acme: World, call: Call) -> None:
    key_id = acme.key.split("_")[1]
    path = "/v1/oauth2/access_token/"
    form = f"client_id={key_id}&client_secret={acme.key}&grant_type=client_credentials".encode()
    made = call("POST", path, form, authorization="")
    assert made.status == 200
    assert {name: made.body[name] for name in ("expires_in", "token_type", "scope")} == {
        "expires_in": 36000,
        "token_type": "Bearer",
        "scope": "read write",
    }
    import base64

    basic = "Basic " + base64.b64encode(f"{key_id}:{acme.key}".encode()).decode()
    other = call("POST", path, b"grant_type=client_credentials", authorization=basic)
    renewed = call("POST", path, {"grant_type": "refresh_token", "refresh_token": made.body["refresh_token"]})
    for answer in (made, other, renewed):
        token = answer.body["access_token"]
        assert call("GET", f"{BASE}/transcode", authorization=f"Bearer {token}").status == 200
    wrong = call("POST", path, form.replace(b"client_id=", b"client_id=x"), authorization="")
    assert (wrong.status, wrong.body) == (401, {"error": "invalid_client"})
    odd = call("POST", path, b"grant_type=password", authorization="")
    assert (odd.status, odd.body) == (400, {"error": "unsupported_grant_type"})


def test_the_schema_names_every_command_of_the_vendors_command_line(call: Call) -> None:
    found = call("GET", "/schema").body
    assert found["servers"] == [{"url": "https://api.example.com"}]
    commands = {each["operationId"] for path in found["paths"].values() for each in path.values()}
    assert commands == {
        "v1_media_allowed_values_list",
        "v1_media_transcode_list",
        "v1_media_transcode_retrieve",
        "v1_media_transcode_create",
        "v1_media_transcode_requeue_create",
        "v1_media_transcoding_consumed_minutes_list",
        "v1_media_transcoding_profiles_list",
        "v1_media_transcoding_profiles_create",
        "v1_media_transcoding_profile_retrieve",
        "v1_media_transcoding_profile_update",
        "v1_media_transcoding_profile_destroy",
    }
    assert call("GET", "/schema", authorization="").status == 401


def test_the_endpoints_are_all_there() -> None:
    from mediajobs.routes import DIALECTS

    assert all(hasattr(endpoints, route.endpoint) for route in DIALECTS["transparentedge"])


def test_what_only_reads_loads_no_pydantic() -> None:
    code = "import sys, mediajobs.dialects.transparentedge.endpoints; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=FUNCTIONS).returncode == 0
