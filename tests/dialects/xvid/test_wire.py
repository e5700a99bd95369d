"""Xvid over the wire: the page's own commands, and a job that does real work.

The commands are run as they stand, with scheme, host and token changed, and with an id of ours for a job; no
other part of them is mended.
"""

import json
import re
import shlex
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from mediajobs.dialects.xvid.words import fixed_id
from tests.clip import clip
from tests.dialects.xvid.test_page import PAGE, samples
from tests.e2e.bucket import Bucket, look
from tests.e2e.door import Answer, call
from tests.e2e.process import until
from tests.server.http import serve
from tests.stack import RunningStack

COMMANDS = re.findall(r"^curl .*$", PAGE, re.M)
THEIRS = "5d2f7c35e4b004f9cd197877"


class Client:
    """Calls as the vendor's own client does, with a token that it has fetched for its id and secret."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack
        form = {
            "grant_type": "client_credential",
            "client_id": stack.api_key.split("_")[1],
            "client_secret": stack.api_key,
        }
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = call(stack.url, "POST", "/v1/oauth2/token/", urlencode(form), headers=kind)
        assert (answer.status, answer.json["token_type"]) == (200, "Bearer"), answer.body
        self.token = answer.json["access_token"]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        text = None if body is None else json.dumps(body)
        return call(self._stack.url, method, path, text, key=self.token, headers=headers)

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status == 200, answer.body
        return answer.json


@pytest.fixture
def client(stack: RunningStack) -> Client:
    return Client(stack)


@pytest.fixture(scope="module")
def _done() -> dict[str, Any]:
    return {}


@pytest.fixture
def done(_done: dict[str, Any], client: Client, media: Bucket) -> dict[str, Any]:
    """A job that has gone the whole way, by a pipeline with pings."""
    if _done:
        return _done
    media.put("xvid/in/trailer.mp4", clip("clip.mp4"))
    with serve({"/ping": lambda handler: handler.answer(204)}) as server:
        pings = {name: server.url(f"/ping?stage={name}") for name in ("started", "finished", "error")}
        places = {"input_download_dir": media.url("xvid/in"), "output_upload_dir": media.url("xvid/out")}
        made = client.ask("POST", "/v1/pipelines/", {"pipeline": {"name": "P", **places, "ping_urls": pings}})
        assert made.status == 200, made.body
        thumbnails = [{"thumbnail_names": "thumb_{resolution}", "thumbnail_preset": "thumbnails_small"}]
        output = {
            "output_name": "{input_name}_small",
            "preset": {"id": fixed_id("preset", "h264-360p")},
            "thumbnails": thumbnails,
            "settings": {"video": {"height": "50%", "width": "50%", "bitrate": "90%"}},
        }
        job = {
            "pipeline": {"id": made.json["pipeline"]["id"]},
            "input": {"input_name": "trailer.mp4"},
            "output_prefix": "{job_id}/",
            "outputs": [output],
        }
        sent = client.ask("POST", "/v1/jobs/?human=true&show_null=true", {"job": job})
        assert (sent.status, sent.json["job"]["status"]) == (200, "QUEUED"), sent.body
        path, deadline = f"/v1/jobs/{sent.json['job']['id']}?show_null=true", time.monotonic() + 90
        while (shown := client.get(path)["job"])["status"] == "QUEUED":
            assert time.monotonic() < deadline, shown
            time.sleep(0.2)
        until(lambda: len(server.requests) >= 2, 60)
        told = {each.path: json.loads(each.body) for each in server.requests}
        assert {path: body["ping"] for path, body in told.items()} == {
            "/ping?stage=started": "started",
            "/ping?stage=finished": "finished",
        }
        assert {body["job"]["id"] for body in told.values()} == {shown["id"]}
    _done.update(shown)
    return _done


def test_a_clip_is_fetched_made_small_pictured_and_stored(done: Any, media: Bucket, tmp_path: Path) -> None:
    assert (done["status"], done["percentage_completed"], done["error_msg"]) == ("SUCCESS", 100, None)
    folder = f"xvid/out/{done['id']}/"
    names = media.names(folder)
    assert names[0] == "thumb_160x90-0001.jpg"
    assert names[-2:] == ["thumbnails_trailer_small_mp4.zip", "trailer_small.mp4"]
    (tmp_path / "small.mp4").write_bytes(media.get(f"{folder}trailer_small.mp4"))
    assert "64x36" in look(tmp_path / "small.mp4")


def run(stack: RunningStack, token: str, command: str) -> Any:
    """What a command of the page prints, with scheme, host and token changed."""
    command = command.replace("https://api.xvid.com", stack.url).replace("AUTH_TOKEN", token)
    printed = subprocess.run(
        [*shlex.split(command), "--silent"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert printed.count("\n") > 4, "it is not for people"
    return json.loads(printed)


def kinds(sample: Any) -> Any:
    """The fields of a sample and the types of their values, where they have one."""
    if isinstance(sample, dict):
        return {name: kinds(part) for name, part in sample.items()}
    return [kinds(part) for part in sample[:1]] if isinstance(sample, list) else type(sample)


def test_the_pages_commands_work(stack: RunningStack, client: Client, done: Any) -> None:
    listing, one = COMMANDS
    every = run(stack, client.token, listing)
    assert (list(every), every["start"], every["limit"]) == (list(samples()[0]), 200, 2)
    query = "limit=2&show_null=true&human=true&sort=created_at"
    assert every["first"] == {"href": f"{stack.url}/v1/jobs/?start=0&{query}"}
    assert every["prev"] == {"href": f"{stack.url}/v1/jobs/?start=198&{query}"}
    # There are no 200 jobs here, and other tests have made some: what the page shows is looked for in all.
    first = run(stack, client.token, listing.replace("start=200&limit=2", "start=0&limit=1000"))
    (job,) = [each for each in first["jobs"] if each["id"] == done["id"]]
    assert kinds(job) == kinds(samples()[0]["jobs"][0])
    assert run(stack, client.token, one) == samples()[4]
    alone = run(stack, client.token, one.replace(THEIRS, done["id"]))
    assert list(alone["job"]) == list(samples()[1]["job"])
    bad = run(stack, "nonsense", listing)
    assert bad == samples()[3]
    assert run(stack, client.token, listing.replace("limit=2", "limit=x")) == samples()[2]


def test_the_vendors_own_client_lists_and_downloads(stack: RunningStack, client: Client, done: Any) -> None:
    query = "status=SUCCESS&expand=file&start=0&limit=20&sort=created_at&direction=-1"
    jobs = client.get(f"/v1/jobs?{query}&input.file.name=TRAILER")["jobs"]
    file = next(job for job in jobs if job["id"] == done["id"])["outputs"][0]["file"]
    assert (file["name"], file["mime_type"]) == ("trailer_small.mp4", "video/mp4")
    path = f"/v1/files/downloads?file_id={file['id']}&autograph_tag=&redirect=true"
    answer = client.ask("GET", path)
    assert (answer.status, answer.body) == (302, b"")
    link = answer.headers["location"]
    loaded = subprocess.run(["curl", "-sf", link], capture_output=True, check=True, timeout=60).stdout
    assert len(loaded) == file["size"]
    assert client.get(f"/v1/jobs?autograph=true&{query}")["jobs"] == []


def test_paths_and_headers_as_clients_write_them(client: Client, done: Any) -> None:
    for path in (f"/v1/jobs/{done['id']}/", f"//v1/jobs/{done['id']}", f"/V1/Jobs/{done['id']}"):
        assert client.get(path)["job"]["id"] == done["id"]
    answer = client.ask("GET", f"/v1/jobs/{done['id']}/", Accept="application/xml")
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    assert f"<id>{done['id']}</id>" in answer.body.decode()
    assert client.ask("HEAD", "/v1/jobs/").body == b""
    missing = client.ask("GET", "/v1/jobs/nothing/?human=true")
    assert (missing.status, missing.json) == (404, samples()[4])
    job = {"job": {"input": {"input_name": "https://example.com/a.avi"}, "outputs": []}}
    refused = client.ask("POST", "/v1/jobs", job, **{"Content-Type": "text/plain"})
    assert refused.status == 400
    assert refused.json["error"]["error_message"] == "Invalid Input: /job/outputs: at least one output"


def test_a_failing_job_says_why_and_pings(client: Client, media: Bucket) -> None:
    media.put("xvid/in/broken.mp4", b"no film")
    with serve({"/bad": lambda handler: handler.answer(200)}) as server:
        pipeline = {
            "name": "B",
            "input_download_dir": media.url("xvid/in"),
            "ping_urls": {"error": server.url("/bad")},
        }
        pipeline_id = client.ask("POST", "/v1/pipelines", {"pipeline": pipeline}).json["pipeline"]["id"]
        output = {"output_name": "o", "preset": {"id": fixed_id("preset", "h264-360p")}}
        job = {"pipeline_id": pipeline_id, "input": {"input_name": "broken.mp4"}, "outputs": [output]}
        job_id = client.ask("POST", "/v1/jobs/", {"job": job}).json["job"]["id"]
        until(lambda: client.get(f"/v1/jobs/{job_id}")["job"]["status"] == "FAILURE", 60)
        shown = client.get(f"/v1/jobs/{job_id}?show_null=true")["job"]
        assert list(shown) == list(samples()[1]["job"])
        assert shown["error_code"] == samples()[1]["job"]["error_code"]
        assert job_id in [each["id"] for each in client.get("/v1/jobs/?status=FAILURE")["jobs"]]
        until(lambda: bool(server.requests), 60)
        assert json.loads(server.requests[0].body)["ping"] == "error"
