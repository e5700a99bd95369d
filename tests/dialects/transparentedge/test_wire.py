"""TransparentEdge over the wire: the page's own addresses, and orders that do real work.

The page has no commands, only addresses to GET "after authentication". What is mended here, and nothing else:
`{company_id}`, `{companyid}` and `{order_id}` are values, and its list's last comma is none of JSON.
"""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.clip import clip
from tests.dialects.transparentedge.test_handlers import PAGE, PROFILE, shape, shown
from tests.e2e.bucket import Bucket, look
from tests.e2e.door import Answer, call
from tests.server import ftp
from tests.server.http import Handler, Server, serve
from tests.stack import RunningStack

ADDRESSES = re.findall(r"https://api\.transparentcdn\.com[^\s.]*", PAGE)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def token(stack: RunningStack) -> str:
    """An access token, fetched as the vendor's clients do."""
    client = {"client_id": stack.api_key.split("_")[1], "client_secret": stack.api_key}
    body = urlencode({**client, "grant_type": "client_credentials"})
    answer = call(stack.url, "POST", "/v1/oauth2/access_token/", body, headers=FORM)
    assert answer.status == 200, answer.body
    return str(answer.json["access_token"])


@pytest.fixture(scope="module")
def base(stack: RunningStack) -> str:
    """The paths of our company."""
    (own,) = stack.call("GET", "/organizations")["organizations"]
    return f"/v1/media/{own['number']}"


@pytest.fixture
def ask(stack: RunningStack, token: str) -> Ask:
    """Calls with the token."""

    def send(method: str, path: str, body: Any = None, **headers: str) -> Answer:
        text = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        return call(stack.url, method, path, text, key=token, headers=headers)

    return send


@pytest.fixture
def profiles(ask: Ask, base: str, media: Bucket) -> tuple[int, int]:
    """A plain profile, and one that marks and segments."""
    logo = media.put("te/logo.png", clip("logo.png"))
    overlay = {"profile_type": "overlay", "url": logo, "position": "after", "scale_width": 32}
    custom = [{"profile_type": "hls", "hls_time": 1}, {**overlay, "offset_x": 4, "offset_y": 4}]
    wanted = [
        {**PROFILE, "video_height": 36, "restrict_bitrate": True},
        {"name": "Test HLS", "video_format": "mpegts", "video_codec": "h264", "custom_profiles": custom},
    ]
    made = [ask("POST", f"{base}/transcoding_profiles/", each) for each in wanted]
    assert [answer.status for answer in made] == [201, 201], made
    return made[0].json["id"], made[1].json["id"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    """An FTP server with a clip; its URI, with user and password."""
    root = tmp_path / "ftp"
    root.mkdir()
    (root / "in.mp4").write_bytes(clip("clip.mp4").read_bytes())
    with ftp.serve(root) as port:
        yield f"ftp://{ftp.USER}:{quote(ftp.PASSWORD, safe='')}@127.0.0.1:{port}"


def take(handler: Handler) -> None:
    handler.answer(204)


@pytest.fixture
def receiver() -> Iterator[Server]:
    with serve({"/notify": take}) as server:
        yield server


def order_id(answer: Answer) -> str:
    """What the vendor's PHP client takes for the id."""
    assert answer.status == 201, answer.body
    found = re.search(r"#([^\s]+)", answer.body.decode())
    assert found is not None
    return found[1]


def ended(ask: Ask, path: str, *, seconds: float = 120) -> tuple[Any, set[str]]:
    """An order, once it has ended, and its statuses until then."""
    seen: set[str] = set()
    deadline = time.monotonic() + seconds
    while (order := ask("GET", path).json)["status"] not in ("FINISHED", "ERROR"):
        assert time.monotonic() < deadline, order
        seen.add(order["status"])
        time.sleep(0.1)
    return order, seen


def test_an_order_is_loaded_transcoded_marked_segmented_pictured_stored_and_told(
    ask: Ask,
    base: str,
    profiles: tuple[int, int],
    place: str,
    receiver: Server,
    media: Bucket,
    tmp_path: Path,
) -> None:
    plain, segmented = profiles
    order = {
        "priority": 5,
        "origin": f"{place}/in.mp4",
        "destinations": [f"{place}/out", media.url("te/out")],
        "jobs": [
            {
                "label": "iphone",
                "filename": "watermark.mp4",
                "profile_id": plain,
                "thumbnails": [
                    {"filename": "nombre.jpg", "label": "x", "width": "72", "height": "48", "time": 0.3}
                ],
            },
            {"label": "web", "filename": "stream.mp4", "profile_id": segmented},
        ],
        "thumbnails": [{"filename": "poster.png", "label": "y", "width": 64, "height": 36, "time": 1}],
        "notifications": [{"email": "micorreo@example.com", "call": receiver.url("/notify?a=b")}],
    }
    sent = ask("POST", f"{base}/transcode/", urlencode({"order": json.dumps(order)}), **FORM)
    found, statuses = ended(ask, f"{base}/transcode/{order_id(sent)}")
    assert found["status"] == "FINISHED", found
    assert statuses <= {"QUEUED", "DOWNLOADING", "TRANSCODING", "UPLOADING"}
    assert "TRANSCODING" in statuses

    files = tmp_path / "ftp/out"
    names = {str(path.relative_to(files)) for path in files.rglob("*") if path.is_file()}
    assert {"watermark.mp4", "nombre.jpg", "poster.png", "stream/master.m3u8"} <= names
    assert not any("segmented" in name or name == "in.mp4" for name in names)
    assert set(media.names("te/out/")) == names
    # The height that the profile names, and the aspect.
    assert "64x36" in look(files / "watermark.mp4")
    assert "72x48" in look(files / "nombre.jpg")
    assert "128x72" in look(files / "stream/master.m3u8")

    source = clip("clip.mp4")
    assert found["size"] == source.stat().st_size
    assert found["duration"] == pytest.approx(2, abs=0.1)
    assert isinstance(found["duration"], float)
    assert [each["progress"] for each in found["transcodingjob_set"]] == [100.0, 100.0]
    assert found["transcodingdownload"]["download_user"] == ftp.USER
    assert [each["upload_protocol"] for each in found["transcodingupload_set"]] == ["FTP", "S3"]
    assert quote(ftp.PASSWORD, safe="") not in json.dumps(found)

    deadline = time.monotonic() + 60
    while not receiver.requests:
        assert time.monotonic() < deadline, "nobody was told"
        time.sleep(0.1)
    (told,) = receiver.requests
    assert told.method == "POST"
    assert told.path == "/notify?a=b"
    assert json.loads(told.body) == found


def test_the_pages_addresses_answer_what_the_page_shows(
    stack: RunningStack, ask: Ask, base: str, profiles: tuple[int, int], token: str, media: Bucket
) -> None:
    media.put("te/in.mp4", clip("clip.mp4"))
    job = {"label": "prioridad alta", "filename": "nombre.mp4", "profile_id": profiles[0]}
    order = {"origin": media.url("te/in.mp4"), "destinations": [media.url("te/page")], "jobs": [job]}
    made = order_id(ask("POST", f"{base}/transcode", order))
    ended(ask, f"{base}/transcode/{made}")
    assert len(ADDRESSES) == 2
    company = base.rpartition("/")[2]
    answers = []
    for address in ADDRESSES:
        url = address.replace("https://api.transparentcdn.com", stack.url)
        url = url.replace("{company_id}", company).replace("{companyid}", company).replace("{order_id}", made)
        done = subprocess.run(
            ["curl", "--silent", "--fail", "-H", f"Authorization: Bearer {token}", url],
            check=True,
            capture_output=True,
            text=True,
        )
        answers.append(json.loads(done.stdout))
    listed, detail = answers
    assert shape(listed) == shape(shown(0))
    assert listed[0] == {"id": made, "created_on": detail["timestamp"], "status": "FINISHED"}
    example = shown(1)
    assert list(detail) == list(example)
    for each in (detail, example):
        each["transcodingnotification_set"] = []
        each["transcodingupload_set"][0]["upload_user"] = None
        each["transcodingdownload"]["download_user"] = None
    assert shape(detail) == shape(example)


@pytest.mark.parametrize(
    "path", ["{base}/transcode", "{base}/transcode/", "/{base}//transcode/", "{upper}/Transcode/"]
)
def test_paths_are_taken_as_clients_write_them(ask: Ask, base: str, path: str) -> None:
    written = path.format(base=base, upper=base.upper())
    assert isinstance(ask("GET", f"{written}?limit=1").json, list)
    assert ask("HEAD", written).status == 200
    options = ask("OPTIONS", written)
    assert (options.status, options.headers["allow"]) == (200, "GET, HEAD, OPTIONS, POST")


def test_an_order_in_the_query_an_empty_body_and_a_failed_order_that_is_requeued(
    ask: Ask, base: str, profiles: tuple[int, int], media: Bucket
) -> None:
    job = {"filename": "a.mp4", "profile_id": profiles[0]}
    missing = {"origin": media.url("te/none.mp4"), "destinations": [media.url("te/x")], "jobs": [job]}
    sent = ask("POST", f"{base}/transcode/?{urlencode({'data': json.dumps(missing)})}")
    made = order_id(sent)
    found, _ = ended(ask, f"{base}/transcode/{made}/")
    assert found["status"] == "ERROR"
    assert "failed: " in found["comment"]
    media.put("te/none.mp4", clip("clip.mp4"))
    company = base.rpartition("/")[2]
    again = ask("POST", f"/media/{company}/transcode_requeue/{made}/")
    assert (again.status, again.json) == (200, {"message": f"Order #{made} requeued"})
    assert ended(ask, f"{base}/transcode/{made}")[0]["status"] == "FINISHED"


def test_errors_over_the_wire_have_one_key(stack: RunningStack, ask: Ask, base: str) -> None:
    wrong = call(stack.url, "GET", f"{base}/transcode/", key="wrong")
    assert (wrong.status, list(wrong.json)) == (401, ["detail"])
    for method, path, status in (
        ("GET", "/v1/media/999/transcode/", 404),
        ("GET", f"{base}/transcode/1631092552-1237/", 404),
        ("GET", f"{base}/nowhere/", 404),
        ("DELETE", f"{base}/transcode/", 405),
    ):
        answer = ask(method, path)
        assert (answer.status, list(answer.json)) == (status, ["detail"]), path
    bad = ask("POST", f"{base}/transcode/", "order={}", **FORM)
    assert (bad.status, list(bad.json)) == (400, ["message"])


def test_the_schema_is_read_with_a_token(ask: Ask, stack: RunningStack) -> None:
    found = ask("GET", "/schema").json
    assert found["servers"] == [{"url": stack.url}]
    assert "/v1/media/{company_id}/transcode/" in found["paths"]
