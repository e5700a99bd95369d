"""Dolby.io's endpoints: what the vendor's page shows, and real work behind it."""

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from mediajobs import aws
from mediajobs.api_key import ApiKey
from mediajobs.dialects.dolby import endpoints
from mediajobs.store import job as jobs
from mediajobs.store.pack import unpack
from tests.clip import clip
from tests.moto_account import REGION
from tests.world import World

#: A job as the page shows it.
ROW = {
    "job_id": "ad4bcd54-3d27-401f-b1c2-39b509779443",
    "api_version": "v1.1.1",
    "path": "/media/enhance",
    "status": "Success",
    "progress": 100,
    "duration": 10.472,
    "time_submitted": "2021-08-10T05:16:31.494Z",
    "time_started": "2021-08-10T05:16:32.000Z",
    "time_completed": "2021-08-10T05:17:00.074Z",
    "expiry": "2021-09-10T05:17:00.000Z",
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_ENHANCE = {"input": "dlb://in/tone.wav", "output": "dlb://out/louder.mp3"}


def _ask(world: World, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return world.vendor("dolby", method, path, body, headers=headers)


def _upload(world: World, name: str, key: str) -> None:
    """What a PUT to the link of /media/input leaves."""
    url = urlsplit(_ask(world, "POST", "/media/input", {"url": f"dlb://{key}"}).body["url"])
    bucket, path = url.netloc.partition(".")[0], url.path.lstrip("/")
    aws.media_client(REGION).put_object(Bucket=bucket, Key=path, Body=clip(name).read_bytes())


def _download(world: World, key: str) -> bytes:
    """What the redirect of /media/output leads to."""
    answer = _ask(world, "GET", f"/media/output?url={quote(f'dlb://{key}', safe='')}")
    assert answer.status == 302
    url = urlsplit(answer.headers["location"])
    found = aws.media_client(REGION).get_object(Bucket=url.netloc.partition(".")[0], Key=url.path.lstrip("/"))
    return bytes(found["Body"].read())


def _done(world: World, api: str, body: Any) -> dict[str, Any]:
    """The vendor's answer for a job that was submitted and has ended."""
    answer = _ask(world, "POST", f"/media/{api}", body)
    assert answer.status == 200, answer.body
    world.settle_down()
    return dict(_ask(world, "GET", f"/media/{api}?job_id={answer.body['job_id']}").body)


def test_a_job_in_the_list_looks_like_the_one_on_the_page(acme: World) -> None:
    _upload(acme, "tone.wav", "in/tone.wav")
    job_id = _ask(acme, "POST", "/media/enhance", _ENHANCE).body["job_id"]
    acme.settle_down()
    answer = _ask(acme, "GET", "/media/jobs")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.body) == ["count", "jobs"]
    assert answer.body["count"] == 1
    (row,) = answer.body["jobs"]
    assert list(row) == list(ROW)
    assert {name: type(value) for name, value in row.items()} == {
        name: type(value) for name, value in ROW.items()
    }
    assert row["job_id"] == job_id
    assert {name: row[name] for name in ("api_version", "path", "status", "progress")} == {
        name: ROW[name] for name in ("api_version", "path", "status", "progress")
    }
    # Of the media, not of the work.
    assert row["duration"] == pytest.approx(2, abs=0.1)
    for name in ("time_submitted", "time_started", "time_completed", "expiry"):
        assert _TIME.fullmatch(row[name])
    assert row["expiry"].endswith(".000Z")


def test_a_pending_job_has_no_times_but_its_submission(acme: World) -> None:
    _ask(acme, "POST", "/media/enhance", _ENHANCE)
    (row,) = _ask(acme, "GET", "/media/jobs").body["jobs"]
    assert (row["status"], row["progress"]) == ("Pending", 0)
    empty = [name for name, value in row.items() if value is None]
    assert empty == ["duration", "time_started", "time_completed", "expiry"]


def test_jobs_are_filtered_by_status_and_by_time_with_both_ends(acme: World) -> None:
    job_id = _ask(acme, "POST", "/media/enhance", _ENHANCE).body["job_id"]
    (row,) = _ask(acme, "GET", "/media/jobs").body["jobs"]
    at = row["time_submitted"]

    def found(query: str) -> list[str]:
        return [each["job_id"] for each in _ask(acme, "GET", f"/media/jobs?{query}").body["jobs"]]

    assert found("status=Pending") == [job_id]
    assert found("status=Running") == []
    assert found(f"submitted_after={at}&submitted_before={at}") == [job_id]
    assert found("submitted_after=2999-01-01") == []
    assert found(f"submitted_before={quote(at.replace('Z', '+00:00'))}") == [job_id]
    # An unescaped + is a space.
    assert found(f"submitted_before={at.replace('Z', '+00:00')}") == [job_id]


@pytest.mark.parametrize(
    "query",
    ["status=Done", "submitted_after=yesterday", "submitted_after=2021-08-10&submitted_before=2021-08-09"],
)
def test_a_filter_that_breaks_a_rule_is_refused_in_the_vendors_shape(acme: World, query: str) -> None:
    answer = _ask(acme, "GET", f"/media/jobs?{query}")
    assert answer.status == 400
    assert list(answer.body) == ["type", "title", "status", "detail"]
    assert answer.body["status"] == 400
    assert "submitted" in answer.body["detail"] or "status" in answer.body["detail"]


def test_pages_lead_on_until_there_is_no_token(acme: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert endpoints.PAGE == 100
    monkeypatch.setattr(endpoints, "PAGE", 3)
    made = {acme.submit("test:nothing") for _ in range(4)}
    first = _ask(acme, "POST", "/media/jobs?status=Pending", b"").body
    assert (first["count"], len(first["jobs"])) == (3, 3)
    # With the filter as before, or with the token alone.
    for query in ("status=Pending&", ""):
        last = _ask(acme, "GET", f"/media/jobs?{query}next_token={quote(first['next_token'])}").body
        assert last["count"] == 1
        assert "next_token" not in last
        assert {row["job_id"] for row in first["jobs"] + last["jobs"]} == made


def test_a_job_is_cancelled_with_an_empty_object_or_an_empty_body_and_only_once(acme: World) -> None:
    bodies: list[dict[str, Any] | bytes] = [{}, b""]
    for body in bodies:
        job_id = _ask(acme, "POST", "/media/enhance", _ENHANCE).body["job_id"]
        answer = _ask(acme, "POST", f"/media/jobs/cancel?job_id={job_id}", body)
        assert (answer.status, answer.body) == (200, {})
        answer = _ask(acme, "GET", f"/media/enhance?job_id={job_id}")
        assert answer.body == {
            "path": "/media/enhance",
            "status": "Cancelled",
            "progress": 0,
            "api_version": "v1.1.1",
        }
        again = _ask(acme, "POST", f"/media/jobs/cancel?job_id={job_id}", body)
        assert (again.status, again.body["status"]) == (409, 409)


@pytest.mark.parametrize("query", ["", "?job_id=1", "?job_id=ad4bcd54-3d27-401f-b1c2-39b509779443"])
def test_a_job_that_is_not_there_cannot_be_cancelled(acme: World, query: str) -> None:
    answer = _ask(acme, "POST", f"/media/jobs/cancel{query}", {})
    assert answer.status == (404 if query else 400)
    assert list(answer.body) == ["type", "title", "status", "detail"]


def test_a_file_is_enhanced_from_dlb_to_dlb(acme: World) -> None:
    _upload(acme, "quiet.mp4", "in/quiet.mp4")
    answer = _done(
        acme,
        "enhance",
        {
            "input": "dlb://in/quiet.mp4",
            "output": "dlb://out/loud.mp4",
            "content": {"type": "podcast"},
            "audio": {
                "loudness": {"enable": True, "dialog_intelligence": True, "target_level": -16},
                "dynamics": {"range_control": {"enable": True, "amount": "medium"}},
                "noise": {"reduction": {"enable": False}},
                "speech": {"isolation": {"enable": False}},
            },
        },
    )
    assert answer == {
        "path": "/media/enhance",
        "status": "Success",
        "progress": 100,
        "api_version": "v1.1.1",
        "result": {},
    }
    assert _download(acme, "out/loud.mp4")[4:8] == b"ftyp"


def test_a_file_whose_name_says_nothing_is_enhanced(acme: World) -> None:
    _upload(acme, "tone.mp3", "in/enhance")
    assert (
        _done(acme, "enhance", {"input": "dlb://in/enhance", "output": "dlb://out/enhance"})["result"] == {}
    )
    assert _download(acme, "out/enhance")[4:8] == b"ftyp"


def test_a_file_is_transcoded_into_files_pictures_and_streams(acme: World) -> None:
    _upload(acme, "clip.mp4", "in/clip.mp4")
    answer = _done(
        acme,
        "transcode",
        {
            "inputs": [{"source": "dlb://in/clip.mp4"}],
            "outputs": [
                {
                    "id": "MP4-H.264",
                    "destination": "dlb://out/clip.mp4",
                    "kind": "mp4",
                    "video": {"codec": "h264", "height": 36, "bitrate_kb": 200},
                    "audio": [{"codec": "aac_lc", "bitrate_kb": 64}],
                },
                {"destination": "dlb://out/clip.mp3", "kind": "mp3", "audio": [{}]},
                {"destination": "dlb://out/clip.jpg", "kind": "jpg", "image": {"width": 64, "offset_sec": 1}},
                {
                    "destination": "dlb://out/hls/",
                    "kind": "hls",
                    "video": [{"height": 64, "bitrate_kb": 100}],
                },
            ],
        },
    )
    assert answer["status"] == "Success", answer
    assert _download(acme, "out/clip.mp4")[4:8] == b"ftyp"
    assert _download(acme, "out/clip.mp3")[:3] in (b"ID3", b"\xff\xfb\x50")
    assert _download(acme, "out/clip.jpg")[:2] == b"\xff\xd8"
    assert _download(acme, "out/hls/stream/master.m3u8").startswith(b"#EXTM3U")


def test_a_part_of_a_file_is_transcoded(acme: World) -> None:
    _upload(acme, "clip.mp4", "in/clip.mp4")
    body = {
        "inputs": [{"source": {"url": "dlb://in/clip.mp4"}, "segment": {"start": 0.5, "duration": 1}}],
        "outputs": [{"destination": "dlb://out/part.wav", "kind": "wav"}],
    }
    assert _done(acme, "transcode", body)["status"] == "Success"
    assert len(_download(acme, "out/part.wav")) == pytest.approx(44100 * 2, rel=0.1)


def test_an_analysis_tells_what_is_measured_here_and_can_be_kept(acme: World) -> None:
    _upload(acme, "events.mp4", "in/events.mp4")
    body = {"input": "dlb://in/events.mp4", "output": "dlb://out/events.json"}
    answer = _done(acme, "analyze", body)
    audio = answer["result"]["processed_region"]["audio"]
    assert audio["loudness"]["measured"] == pytest.approx(-18, abs=1)
    assert audio["silence"] == {
        "percentage": pytest.approx(41.7, abs=2),
        "at_beginning": 0,
        "at_end": 0,
        "num_sections": 1,
    }
    kept = json.loads(_download(acme, "out/events.json"))
    assert kept["loudness"]["integrated_lufs"] == audio["loudness"]["measured"]


def test_a_diagnosis_tells_the_media_info_in_the_vendors_words(acme: World) -> None:
    _upload(acme, "clip.mp4", "in/clip.mp4")
    result = _done(acme, "diagnose", {"input": "dlb://in/clip.mp4"})["result"]
    assert result["media_info"]["video"]["codec"] == "h264"
    assert result["media_info"]["video"]["height"] == 72
    assert result["media_info"]["audio"]["channels"] == 1
    assert result["media_info"]["container"]["duration"] == pytest.approx(2, abs=0.1)
    assert result["audio"]["loudness"].keys() == {"measured", "range", "true_peak"}


def test_a_master_of_a_part_reaches_its_loudness(acme: World) -> None:
    _upload(acme, "tone.wav", "in/tone.wav")
    body = {
        "inputs": [{"source": "dlb://in/tone.wav", "segment": {"start": 0, "duration": 1.5}}],
        "outputs": [
            {
                "destination": "dlb://out/master.wav",
                "master": {"loudness": {"enable": True, "target_level": -20}},
            }
        ],
    }
    answer = _done(acme, "master/preview", body)
    assert answer["path"] == "/media/master/preview"
    assert answer["result"]["final_level"] == pytest.approx(-20, abs=1)
    assert answer["result"].keys() == {"initial_level", "final_level"}
    assert _download(acme, "out/master.wav")[:4] == b"RIFF"


def test_a_failed_job_says_why_in_both_spellings(acme: World) -> None:
    answer = _done(acme, "enhance", _ENHANCE)
    assert answer["status"] == "Failed"
    assert answer["error"] == {
        "type": "urn:mediajobs:error:SourceNotFound",
        "title": "SourceNotFound",
        "detail": answer["error"]["details"],
        "details": answer["error"]["detail"],
    }
    assert "result" not in answer


def test_a_job_of_another_api_is_read_with_what_can_be_derived(acme: World) -> None:
    job_id = acme.submit("test:nothing")
    acme.settle_down()
    (row,) = _ask(acme, "GET", "/media/jobs").body["jobs"]
    assert (row["job_id"], row["path"], row["duration"]) == (job_id, None, None)
    answer = _ask(acme, "GET", f"/media/transcode?job_id={job_id}").body
    assert answer == {
        "path": None,
        "status": "Success",
        "progress": 100,
        "api_version": "v1.1.1",
        "result": {},
    }


def test_json_is_read_whatever_the_content_type(acme: World) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded"):
        answer = acme.vendor(
            "dolby", "POST", "/media/enhance", _ENHANCE, headers={"content-type": content_type}
        )
        assert answer.status == 200


def test_an_api_key_can_come_by_either_header_and_no_other_way(acme: World) -> None:
    by_header = {"authorization": "", "x-api-key": acme.key}
    assert acme.vendor("dolby", "GET", "/media/jobs", headers=by_header).status == 200
    for wrong in (
        {"authorization": ""},
        {"authorization": "Bearer nothing"},
        {"authorization": f"api-key {acme.key}"},
    ):
        answer = acme.vendor("dolby", "GET", "/media/jobs", headers=wrong)
        assert answer.status == 401
        assert answer.body["status"] == 401
        assert answer.body.keys() == {"type", "title", "status", "detail"}


def test_a_token_is_had_for_a_key_and_works(acme: World) -> None:
    key = ApiKey.parse(acme.key)
    assert key is not None
    basic = base64.b64encode(f"{key.id}:{acme.key}".encode()).decode()
    form = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
    answer = acme.vendor("dolby", "POST", "/v1/auth/token", b"grant_type=client_credentials", headers=form)
    assert answer.status == 200
    assert answer.body.keys() == {"token_type", "access_token", "refresh_token", "expires_in"}
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 1800)
    token = {"authorization": f"Bearer {answer.body['access_token']}"}
    assert acme.vendor("dolby", "GET", "/media/jobs", headers=token).status == 200
    refresh = f"grant_type=refresh_token&refresh_token={answer.body['refresh_token']}".encode()
    assert (
        acme.vendor("dolby", "POST", "/v1/auth/token", refresh, headers={"authorization": ""}).status == 200
    )


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (b"grant_type=client_credentials&expires_in=86400", 401),
        (b"grant_type=client_credentials&expires_in=86401", 400),
        (b"grant_type=client_credentials&expires_in=soon", 400),
        (b"grant_type=password", 400),
    ],
)
def test_a_token_is_refused_in_the_vendors_shape(acme: World, form: bytes, status: int) -> None:
    basic = base64.b64encode(b"who:knows").decode()
    answer = acme.vendor("dolby", "POST", "/v1/auth/token", form, headers={"authorization": f"Basic {basic}"})
    assert (answer.status, answer.body["status"]) == (status, status)


def test_links_are_of_ones_own_part_of_the_storage_and_sign_no_content_type(acme: World) -> None:
    put = _ask(acme, "POST", "/media/input", {"url": "dlb://usr/home/media/in/foo.mp3"}).body["url"]
    get = _ask(acme, "POST", "/media/output", {"url": "dlb://usr/home/media/in/foo.mp3"}).body["url"]
    for link in (put, get):
        parts = urlsplit(link)
        assert parts.scheme == "https"
        assert parts.path == f"/temporary/{acme.organization}/usr/home/media/in/foo.mp3"
        assert parse_qs(parts.query)["X-Amz-SignedHeaders"] == ["host"]


@pytest.mark.parametrize(
    "url", ["dlb://", "dlb://../x", "dlb://a//b", "dlb://folder/", "s3://bucket/key", None, 7]
)
def test_a_key_that_could_lead_elsewhere_gets_no_link(acme: World, url: Any) -> None:
    answer = _ask(acme, "POST", "/media/input", {"url": url})
    assert (answer.status, answer.body["status"]) == (400, 400)


def test_a_webhook_is_one_for_a_key_and_can_be_changed_and_deleted(acme: World) -> None:
    body = {"callback": {"url": "https://example.com/hook?secret=1", "headers": {"x-token": "word"}}}
    webhook_id = _ask(acme, "POST", "/media/webhooks", body).body["webhook_id"]
    assert _ask(acme, "POST", "/media/webhooks", body).status == 409
    assert _ask(acme, "GET", f"/media/webhooks?id={webhook_id}").body == {
        "webhook_id": webhook_id,
        "callback": {"url": "https://example.com/hook", "headers": {"x-token": ""}},
    }
    other = {"callback": {"url": "https://example.com/other"}}
    assert _ask(acme, "PUT", f"/media/webhooks?id={webhook_id}", other).body == {"webhook_id": webhook_id}
    assert _ask(acme, "GET", f"/media/webhooks?id={webhook_id}").body["callback"] == {
        "url": "https://example.com/other",
        "headers": {},
    }
    stranger = {"authorization": f"Bearer {acme.key_of('ADMIN')}"}
    assert acme.vendor("dolby", "GET", f"/media/webhooks?id={webhook_id}", headers=stranger).status == 404
    assert _ask(acme, "DELETE", f"/media/webhooks?id={webhook_id}").body == {"webhook_id": webhook_id}
    assert _ask(acme, "GET", f"/media/webhooks?id={webhook_id}").status == 404


def test_no_secret_of_a_request_is_kept_with_what_was_said(acme: World) -> None:
    body = {
        "input": "https://user:hush@example.com/in.wav?sig=hush",
        "output": {"url": "s3://bucket/out.wav", "auth": {"key": "AKIA", "secret": "hush"}},
        "on_complete": {"url": "https://example.com/done?token=hush", "headers": ["x-echo"]},
    }
    job_id = _ask(acme, "POST", "/media/enhance", body, **{"x-echo": "hush"}).body["job_id"]
    detail = jobs.detail(acme.organization, job_id)
    assert detail is not None
    assert "hush" not in json.dumps(unpack(detail.spec["said"]))
    assert "hush" not in json.dumps(acme.job(job_id))
