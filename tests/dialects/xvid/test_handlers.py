"""Xvid's endpoints, answer by answer, on the whole service in one process, with real media."""

import base64
import json
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from xml.etree import ElementTree

import pytest

from mediajobs import aws, payload
from mediajobs.dialects.xvid import library, words
from mediajobs.store import job as jobs
from mediajobs.tools.tool import Result
from mediajobs.worker import work
from tests.clip import clip
from tests.dialects.xvid.test_page import PAGE, samples
from tests.moto_account import REGION
from tests.world import World, tool, world

ORIGIN = "https://api.example.com"
UNKNOWN = "01234567-89ab-7def-8123-456789abcdef"
PRESET = words.fixed_id("preset", "h264-360p")


def vendor(acme: World, method: str, path: str, body: Any = None, **headers: str) -> SimpleNamespace:
    """An answer with its body read, if it is JSON."""
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    found = acme.vendor("xvid", method, path, body, headers=sent)
    if found.headers["content-type"].startswith("application/json"):
        found.body = json.loads(found.body)
    return found


def get(acme: World, path: str, **headers: str) -> Any:
    found = vendor(acme, "GET", path, **headers)
    assert found.status == 200, found.body
    return found.body


def error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"error_code": code, "error_message": message}}


INVALID = error("0050001", "Invalid Input")


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose jobs the tests of this module only look at."""
    with world() as made, pytest.MonkeyPatch.context() as patch:
        # A worker empties its directory, which other tests' workers have too.
        patch.setattr(work, "_ROOT", tmp_path_factory.mktemp("work"))
        made.tools["test:nothing"] = tool(lambda _run, _parameters: Result())
        yield made


@pytest.fixture(scope="module")
def done(acme: World) -> dict[str, Any]:
    """A vendor's job that has run, by a pipeline from and to the organization's own part of the bucket."""
    clip_bytes = clip("clip.mp4").read_bytes()
    aws.media_client(REGION).put_object(
        Bucket="media", Key=f"{acme.organization}/in/my clip.mp4", Body=clip_bytes
    )
    own = f"s3://media/{acme.organization}"
    pipeline = {"name": "P", "input_download_dir": f"{own}/in", "output_upload_dir": f"{own}/out/"}
    made = vendor(acme, "POST", "/v1/pipelines/", {"pipeline": pipeline})
    assert made.status == 200, made.body
    job = {
        "pipeline": {"id": made.body["pipeline"]["id"]},
        "input": {"input_name": "my clip.mp4"},
        "user_data": "mark",
        "unique_custom_key": "k1",
        "autograph": {"watermark_strength": "light"},
        "output_prefix": "{job_id}/",
        "outputs": [
            {
                "output_name": "ED_{input_name}",
                "preset": {"id": PRESET},
                "thumbnails": [
                    {"thumbnail_names": "thumb_{resolution}", "thumbnail_preset": "thumbnails_small"}
                ],
                "settings": {"video": {"height": "100%", "width": "100%", "bitrate": "90%"}},
            }
        ],
    }
    answer = vendor(acme, "POST", "/v1/jobs/?show_null=true", {"job": job})
    assert answer.status == 200, answer.body
    assert answer.body["job"]["status"] == "QUEUED"
    acme.settle_down()
    shown: dict[str, Any] = get(acme, f"/v1/jobs/{answer.body['job']['id']}?show_null=true")["job"]
    return shown


@pytest.fixture(scope="module")
def others(acme: World, done: dict[str, Any]) -> list[str]:
    """Ids of jobs that came by our own API, in order; the last is pending."""
    ids = []
    for number in range(6):
        time.sleep(0.002)
        ids.append(acme.submit("test:nothing", user_data=f"n{number % 2}"))
    acme.settle_down()
    time.sleep(0.002)
    ids.append(acme.submit("test:nothing"))
    return ids


def listed(acme: World, query: str = "") -> list[str]:
    return [job["id"] for job in get(acme, f"/v1/jobs/?{query}")["jobs"]]


def test_a_vendors_job_is_done_and_shown_as_on_the_page(acme: World, done: dict[str, Any]) -> None:
    sample = samples()[1]["job"]
    assert done["error_msg"] is None
    assert (list(done), done["status"], done["percentage_completed"]) == (list(sample), "SUCCESS", 100)
    assert set(done["outputs"][0]) == set(sample["outputs"][0])
    assert done["output_prefix"] == f"{done['id']}/"
    assert done["input"]["file"]["name"] == "my clip.mp4"
    assert (done["unique_custom_key"], done["user_data"]) == ("k1", "mark")
    keys = aws.media_client(REGION).list_objects_v2(Bucket="media", Prefix=f"{acme.organization}/out/")
    stored = [entry["Key"].rpartition("/out/")[2] for entry in keys["Contents"]]
    assert f"{done['id']}/ED_my clip.mp4" in stored
    assert f"{done['id']}/thumb_160x90-0010.jpg" in stored
    assert f"{done['id']}/thumbnails_ED_my clip_mp4.zip" in stored


def test_the_page_s_own_requests_are_answered(acme: World, done: dict[str, Any], others: list[str]) -> None:
    first, second = (line.rpartition(" ")[2].strip('"') for line in PAGE.splitlines() if "curl -H" in line)
    every = get(acme, urlsplit(first).path + "?" + urlsplit(first).query.replace("start=200", "start=2"))
    assert list(every) == list(samples()[0])
    assert (every["total"], every["start"], every["limit"]) == (8, 2, 2)
    assert list(every["jobs"][0]) == list(samples()[0]["jobs"][0])
    query = "limit=2&show_null=true&human=true&sort=created_at"
    for name, start in {"first": 0, "last": 6, "next": 4, "prev": 0}.items():
        assert every[name] == {"href": f"{ORIGIN}/v1/jobs/?start={start}&{query}"}
    one = vendor(acme, "GET", urlsplit(second).path + "?" + urlsplit(second).query)
    # The vendor's id is none of ours.
    assert (one.status, one.body) == (404, error("0x0050005", "Job does not exist"))


def test_pages_join_to_the_list_and_end(acme: World, done: dict[str, Any], others: list[str]) -> None:
    path, seen = "/v1/jobs/?limit=3", []
    while path:
        page = get(acme, path)
        seen += [job["id"] for job in page["jobs"]]
        path = page.get("next", {}).get("href", "").removeprefix(ORIGIN)
    assert seen == [done["id"], *others]
    assert "prev" not in get(acme, "/v1/jobs/?limit=3")
    assert get(acme, "/v1/jobs/?start=50&limit=3")["jobs"] == []


def test_a_page_that_is_too_large_for_an_answer_is_cut_and_leads_on(
    acme: World, done: dict[str, Any], others: list[str], monkeypatch: Any
) -> None:
    whole = [job["id"] for job in get(acme, "/v1/jobs/?human=true")["jobs"]]
    for shape in ("human=true", "format=json"):
        monkeypatch.setattr(payload, "MAX_BYTES", 6_000)
        seen, sizes, path = [], [], f"/v1/jobs/?{shape}"
        while path:
            answer = acme.vendor("xvid", "GET", path)
            assert len(json.dumps(answer.body)) < 7_500
            page = json.loads(answer.body)
            seen += [job["id"] for job in page["jobs"]]
            sizes.append(len(page["jobs"]))
            path = page.get("next", {}).get("href", "").removeprefix(ORIGIN)
        assert (seen, len(sizes) > 1) == (whole, True)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("status=SUCCESS", [0, 1, 2, 3, 4, 5, 6]),
        ("status=QUEUED", [7]),
        ("status=FAILURE", []),
        ("user_data=n1", [2, 4, 6]),
        ("user_data=n1&direction=-1", [6, 4, 2]),
        ("inprogress=true", [0, 1, 2, 3, 4, 5, 6]),
        ("inprogress=false", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("autograph=true", [0]),
        ("autograph=false", [1, 2, 3, 4, 5, 6, 7]),
        ("pipeline.id=000000000000000000000001", [0]),
        ("pipeline.id=000000000000000000000002", []),
        ("input.file.name=CLIP", [0]),
        ("input.file.name=nope", []),
        ("sort=id&direction=-1&limit=2", [7, 6]),
        ("sort=unique_custom_key&direction=-1&limit=1", [0]),
        ("sort=percentage_completed&limit=1", [7]),
        ("sort=input.input_name&direction=-1&limit=1", [0]),
        ("unknown=field", [0, 1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_lists_are_filtered_and_sorted(
    acme: World, done: dict[str, Any], others: list[str], query: str, numbers: list[int]
) -> None:
    ids = [done["id"], *others]
    assert listed(acme, query) == [ids[number] for number in numbers]


def test_a_list_can_be_sorted_by_every_key_of_a_job(
    acme: World, done: dict[str, Any], others: list[str]
) -> None:
    whole = {*samples()[0]["jobs"][0], *samples()[1]["job"]}
    assert whole <= words.JOB_KEYS
    for key in words.JOB_KEYS:
        assert sorted(listed(acme, f"sort={key}")) == sorted([done["id"], *others]), key


def test_dates_bound_the_list_on_both_sides_without_the_moments_named(
    acme: World, done: dict[str, Any], others: list[str]
) -> None:
    moment = done["created_at"]
    assert listed(acme, f"from_date={moment}") == others
    assert listed(acme, f"to_date={moment}") == []
    assert listed(acme, f"from_date={moment - 1}&to_date={moment + 1}") == [done["id"]]
    # The same in seconds.
    assert listed(acme, f"from_date={moment // 1000 - 1}&to_date={moment // 1000 + 1}")[0] == done["id"]
    assert listed(acme, f"to_date={moment // 1000 - 1}") == []


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=5001", "limit=x", "start=-1", "sort=nothing", "direction=2", "status=DONE"),
        *("human=yes", "show_null=1", "autograph=maybe", "from_date=yesterday", "format=yaml", "bin_data=2"),
    ],
)
def test_a_bad_parameter_is_invalid_input(acme: World, query: str) -> None:
    found = vendor(acme, "GET", f"/v1/jobs/?{query}")
    assert (found.status, found.body) == (400, INVALID)


def test_a_bad_token_is_forbidden_not_unauthorized(acme: World) -> None:
    for sent in ({"authorization": "Bearer nonsense"}, {"authorization": ""}):
        found = vendor(acme, "GET", "/v1/jobs/", **sent)
        assert (found.status, found.body) == (403, error("0x0000003", "Invalid access token"))


def test_errors_are_xml_where_xml_is_asked_for(acme: World) -> None:
    for path, headers in (("?format=xml", {}), ("", {"accept": "application/xml"})):
        found = vendor(acme, "GET", f"/v1/jobs/{UNKNOWN}{path}", **headers)
        assert found.status == 404
        assert found.headers["content-type"].startswith("application/xml")
        root = ElementTree.fromstring(found.body)
        assert (root.tag, root.findtext("error_code")) == ("error", "0x0050005")
    # The parameter beats the header.
    found = vendor(acme, "GET", f"/v1/jobs/{UNKNOWN}?format=json", accept="application/xml")
    assert found.body == error("0x0050005", "Job does not exist")


def test_our_own_failure_is_an_internal_error(acme: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs, "detail", lambda *_: 1 / 0)
    found = vendor(acme, "GET", f"/v1/jobs/{UNKNOWN}")
    assert (found.status, found.body) == (500, error("0x0000001", "Internal Error"))


def test_accept_chooses_by_quality(acme: World) -> None:
    for accept, kind in {
        "*/*": "json",
        "application/xml": "xml",
        "application/json;q=0.5, application/xml": "xml",
        "application/xml;q=0.5, application/json": "json",
        "text/html": "json",
    }.items():
        found = vendor(acme, "GET", "/v1/jobs/", accept=accept)
        assert found.headers["content-type"] == f"application/{kind}; charset=utf-8", accept


def test_the_vendor_s_own_client_finds_name_size_and_type_of_the_files(
    acme: World, done: dict[str, Any]
) -> None:
    query = "status=SUCCESS&expand=file&autograph=true&start=0&limit=20&sort=created_at&direction=-1"
    (job,) = get(acme, f"/v1/jobs/?{query}&input.file.name=clip")["jobs"]
    file = job["outputs"][0]["file"]
    assert (file["name"], file["mime_type"]) == ("ED_my clip.mp4", "video/mp4")
    assert file["size"] > 10_000
    assert set(job["pipeline"]) == {"id", "href"}
    location = vendor(acme, "GET", f"/v1/files/downloads?file_id={file['id']}&autograph_tag=&redirect=true")
    assert location.status == 302
    assert quote("ED_my clip.mp4") in urlsplit(location.headers["location"]).path


def test_expand_all_puts_in_what_stands_elsewhere_once(acme: World, done: dict[str, Any]) -> None:
    job = get(acme, f"/v1/jobs/{done['id']}?expand_all=true")["job"]
    assert (job["pipeline"]["name"], job["user"]["name"]) == ("P", "Acme")
    assert job["application"]["user"]["name"] == "Acme"
    output = job["outputs"][0]
    assert output["preset"]["target_format"]["vcodec"]["codec"]["name"] == "H.264 / AVC"
    assert output["thumbnail_zip"]["file"]["mime_type"] == "application/zip"
    # The job stands around its files already.
    assert set(output["file"]["job"]) == {"id", "href"}


def test_every_link_of_an_answer_leads_somewhere(acme: World, done: dict[str, Any]) -> None:
    def links(value: Any) -> Iterator[str]:
        if isinstance(value, list):
            for part in value:
                yield from links(part)
        if isinstance(value, dict):
            yield from ([value["href"]] if "href" in value else [])
            for part in value.values():
                yield from links(part)

    found = set(links(get(acme, f"/v1/jobs/{done['id']}?expand_all=true")))
    assert len(found) > 8
    for link in found:
        thing = get(acme, link.removeprefix(ORIGIN))
        ((_, shown),) = thing.items()
        assert shown["href"] == link


def test_pictures_come_as_data_where_they_are_asked_for(
    acme: World, done: dict[str, Any], monkeypatch: Any
) -> None:
    path = f"/v1/jobs/{done['id']}?bin_data=true"
    job = get(acme, path)["job"]
    kind, _, data = job["input"]["file"]["thumbnail"].partition(",")
    assert (kind, base64.b64decode(data)[:2]) == ("data:image/jpeg;base64", b"\xff\xd8")
    assert job["outputs"][0]["thumbnails"][0]["file"]["thumbnail"].endswith(data)
    assert "thumbnail" not in job["outputs"][0]["thumbnail_zip"]["file"]
    assert "thumbnail" not in get(acme, path.partition("?")[0])["job"]["input"]["file"]
    monkeypatch.setattr(library, "MAX_PICTURE", 10)
    assert "thumbnail" not in get(acme, path)["job"]["input"]["file"]


def test_a_list_in_xml_says_what_the_json_says(acme: World, done: dict[str, Any]) -> None:
    root = ElementTree.fromstring(vendor(acme, "GET", "/v1/jobs/?format=xml&limit=1").body)
    assert [
        root.findtext(path) for path in ("total", "jobs/job/id", "jobs/job/outputs/output/output_name")
    ] == [
        str(get(acme, "/v1/jobs/")["total"]),
        done["id"],
        "ED_my clip",
    ]


def test_a_job_of_another_api_is_shown_without_what_it_never_had(acme: World, others: list[str]) -> None:
    job = get(acme, f"/v1/jobs/{others[0]}?show_null=true")["job"]
    assert list(job) == list(samples()[1]["job"])
    assert (job["status"], job["outputs"], job["pipeline"]) == ("SUCCESS", [], None)
    assert (job["input"]["input_name"], job["input"]["file"]) == (None, None)
    assert (job["output_prefix"], job["autograph"]) == (None, None)


def test_files_are_listed_and_had(acme: World, done: dict[str, Any], others: list[str]) -> None:
    names = ["my clip.mp4", "ED_my clip.mp4"]
    files = get(acme, f"/v1/files/?job.id={done['id']}&limit=2")
    assert ([file["name"] for file in files["files"]], files["total"]) == (names, 13)
    assert get(acme, "/v1/files/?pipeline.id=000000000000000000000001")["total"] == 13
    assert get(acme, "/v1/files/?type=folder,archive")["total"] == 0
    largest = get(acme, "/v1/files/?sort=size&direction=-1&limit=1")["files"][0]
    assert largest["name"] in names
    url = get(acme, urlsplit(largest["uri"]).path + "?" + urlsplit(largest["uri"]).query)["url"]
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["900"]
    by_key = {"object_key": f"{done['id']}/ED_my clip.mp4", "pipeline_id": done["pipeline"]["id"]}
    found = get(acme, f"/v1/files/downloads/?{urlencode({**by_key, 'streaming': 'true'})}")["url"]
    assert "inline" in found
    wrong = urlencode({**by_key, "pipeline_id": "000000000000000000000002"})
    assert vendor(acme, "GET", f"/v1/files/downloads/?{wrong}").status == 404
    for refused in ("autograph_tag=x", "anti_fraud=true"):
        answer = vendor(acme, "GET", f"/v1/files/downloads/?file_id={largest['id']}&{refused}")
        assert answer.status == 400


@pytest.mark.parametrize("kind", ["pipelines", "presets", "codecs", "files", "users", "applications"])
def test_what_is_not_there_is_said_in_the_vendor_s_shape(acme: World, kind: str) -> None:
    for thing in ("000000000000000000000999", "nonsense", "f" * 38, UNKNOWN):
        found = vendor(acme, "GET", f"/v1/{kind}/{thing}")
        assert (found.status, found.body["error"]["error_code"]) == (404, "0x0050005")
        assert found.body["error"]["error_message"] == f"{kind.removesuffix('s').title()} does not exist"


def test_another_organization_sees_nothing_of_it(acme: World, done: dict[str, Any]) -> None:
    from mediajobs.bootstrap import bootstrap

    other = bootstrap("Other", 1, [REGION])
    sent = {"authorization": f"Bearer {other.api_key}"}
    assert get(acme, "/v1/jobs/", **sent)["total"] == 0
    assert get(acme, "/v1/files/", **sent)["total"] == 0
    for path in (
        f"/v1/jobs/{done['id']}",
        f"/v1/files/{done['outputs'][0]['file']['id']}",
        f"/v1/files/downloads?file_id={done['outputs'][0]['file']['id']}",
        f"/v1/pipelines/{done['pipeline']['id']}",
        f"/v1/users/{acme.organization}",
        f"/v1/applications/{done['application']['id']}",
    ):
        assert vendor(acme, "GET", path, **sent).status == 404, path
    found = vendor(acme, "POST", "/v1/jobs/", {"job": {"pipeline_id": done["pipeline"]["id"]}}, **sent)
    assert found.status == 400


def test_a_client_gets_a_token_for_its_key(acme: World) -> None:
    form = {"grant_type": "client_credential", "client_id": acme.key.split("_")[1], "client_secret": acme.key}
    kind = {"content_type": "application/x-www-form-urlencoded", "authorization": ""}
    found = vendor(acme, "POST", "/v1/oauth2/token/", urlencode(form).encode(), **kind)
    assert found.status == 200, found.body
    assert (found.body["token_type"], found.body["expires_in"]) == ("Bearer", 3600)
    assert found.body["scope"] == "mediahub"
    token = found.body["access_token"]
    assert get(acme, "/v1/jobs/", authorization=f"Bearer {token}")["start"] == 0
    page = get(acme, f"/v1/jobs/?limit=1&access_token={token}", authorization="")
    assert token not in json.dumps(page)
    secret = acme.key[:-1] + ("0" if acme.key[-1] != "0" else "1")
    for wrong, status in (
        ({**form, "client_secret": secret}, 403),
        ({**form, "client_id": "another"}, 403),
        ({**form, "grant_type": "password"}, 400),
        ({**form, "expires_in": "x"}, 400),
    ):
        assert vendor(acme, "POST", "/v1/oauth2/token/", urlencode(wrong).encode(), **kind).status == status


def test_the_system_s_presets_are_open_to_all(acme: World) -> None:
    nobody = {"authorization": ""}
    every = get(acme, "/v1/presets/?type=system&show_null=true", **nobody)
    assert every["total"] == len(words.SYSTEM_PRESETS)
    one = get(acme, f"/v1/presets/{PRESET}?expand=codec", **nobody)["preset"]
    assert (one["name"], one["type"]) == ("h264-360p", "system")
    assert one["target_format"]["vcodec"]["codec"]["name"] == "H.264 / AVC"
    assert vendor(acme, "GET", "/v1/presets/?type=custom", **nobody).status == 403
    assert vendor(acme, "GET", "/v1/presets/", authorization="Bearer nonsense").status == 403
    assert get(acme, "/v1/codecs/?sort=name&limit=1", **nobody)["codecs"][0]["name"] == "AC-3"


def test_a_preset_of_ones_own_makes_jobs(acme: World) -> None:
    vcodec = {"codec": {"id": words.fixed_id("codec", "h264")}, "profile": "Baseline", "passes": 1}
    acodec = {"codec": {"id": words.fixed_id("codec", "aac")}, "caps": {"max_channels": 2, "max_bitrate": 96}}
    target = {
        "extension": "mp4",
        "container": "mp4",
        "vcodec": {**vcodec, "caps": {"max_width": 640, "max_height": 480, "max_bitrate": 1000}},
        "acodec": acodec,
    }
    preset = {"name": "mine", "description": "d", "target_format": target}
    made = vendor(acme, "POST", "/v1/presets/", {"preset": preset})
    assert made.status == 200, made.body
    shown = get(acme, f"/v1/presets/{made.body['preset']['id']}")["preset"]
    assert (shown["type"], shown["target_format"]) == ("custom", target)
    assert [each["name"] for each in get(acme, "/v1/presets/?type=custom")["presets"]] == ["mine"]
    outputs = [{"output_name": "a", "preset": {"id": shown["id"]}}]
    asked = {"job": {"input": {"input_name": "https://example.com/a.avi"}, "outputs": outputs}}
    job = vendor(acme, "POST", "/v1/jobs/", asked)
    assert job.status == 200, job.body
    rendition = acme.job(job.body["job"]["id"])["tasks"][1]["parameters"]["renditions"][0]
    assert (rendition["video"]["width"], rendition["video"]["max_bit_rate"]) == (640, 1_000_000)
    assert rendition["audio"] == {"bit_rate": 96_000, "max_channels": 2}
    for broken in ({"extension": "flv"}, {"container": "flv"}, {"vcodec": {"codec": {"id": "x"}}}):
        answer = vendor(
            acme, "POST", "/v1/presets/", {"preset": {**preset, "target_format": {**target, **broken}}}
        )
        assert (answer.status, answer.body["error"]["error_code"]) == (400, "0050001"), broken


def test_templates_are_kept_changed_and_reset(acme: World) -> None:
    settings = {
        "input": {"start_time": 0},
        "autograph": {"watermark_strength": "light"},
        "output_prefix": "{job_id}/",
        "outputs": [{"output_name": "{input_name}", "preset": {"id": PRESET}}],
    }
    body = {"template": {"name": "T", "description": "d", "job_settings": settings}}
    made = vendor(acme, "POST", "/v1/jobs/templates/", body)
    assert made.status == 200, made.body
    path = f"/v1/jobs/templates/{made.body['template']['id']}"
    assert made.body["template"]["href"] == ORIGIN + path
    changed = vendor(acme, "PUT", path, {"template": {"description": None, "name": "U"}})
    assert changed.status == 200, changed.body
    shown = get(acme, f"{path}?show_null=true")["template"]
    assert (shown["name"], shown["description"], shown["job_settings"]) == ("U", None, settings)
    assert get(acme, "/v1/jobs/templates/")["total"] == 1
    for bad in ({"input": {"input_name": "a"}}, {"unique_custom_key": "k"}):
        answer = vendor(acme, "POST", "/v1/jobs/templates/", {"template": {"name": "X", "job_settings": bad}})
        assert answer.status == 400
    logo = [{"logo_image": "https://u:pass@example.com/l.png", "logo_preset": "Logo15"}]
    secret = {"outputs": [{"logos": logo}]}
    refused = vendor(acme, "POST", "/v1/jobs/templates/", {"template": {"name": "X", "job_settings": secret}})
    assert (refused.status, "pass" in refused.body["error"]["error_message"].split()) == (400, False)
