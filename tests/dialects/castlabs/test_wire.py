"""castLabs over the wire: the page's own commands, and a job that does real work.

The page's text has words in place of values and in two places no valid JSON. What is mended here, and nothing
else: `<tool1>` and `<tool2>` are the names of tools, `[ ... ]` and `{ ... }` what stands there, `...` alone
is nothing, `organization id` and the like are values, `--- alternatively` means two texts, and the comma that
is missing before `"tasks"` is put in.
"""

import json
import re
import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clip import clip
from tests.dialects.castlabs.page import PAGE, TIME, kinds, shown
from tests.e2e.bucket import Bucket, look
from tests.e2e.door import Answer, call
from tests.server.http import serve
from tests.stack import RunningStack

COMMANDS: list[str] = re.findall(r"^curl .*$", PAGE, re.M)
WAY = "storage:get", "ffmpeg:cmd", "storage:put"

Ask = Callable[..., Answer]


@pytest.fixture
def ask(stack: RunningStack) -> Ask:
    """Calls with our key as the vendor's clients send it; a body that is not text goes as JSON."""

    def send(method: str, path: str, body: Any = None, **headers: str) -> Answer:
        text = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        sent = {"Authorization": f"api-key {stack.api_key}"} | headers
        return call(stack.url, method, path, text, headers=sent)

    return send


def ended(ask: Ask, job_id: str) -> Any:
    """The job, once it has ended."""
    deadline = time.monotonic() + 90
    while (job := ask("GET", f"/api/jobs/{job_id}/").json)["status"] < 2:
        assert time.monotonic() < deadline, job
        time.sleep(0.2)
    return job


def work(media: Bucket, *, folder: str) -> list[dict[str, Any]]:
    """A real way through: fetch a clip, make it small, store it."""
    media.put(f"{folder}/in/clip.mp4", clip("clip.mp4"))
    keyed = media.url(f"{folder}/out").replace("s3://", "s3://AKIAIOSFODNN7EXAMPLE:wJalr/XUtn+FEMI@")
    return [
        {"tool": "storage:get", "parameters": {"location": media.url(f"{folder}/in"), "files": ["clip.mp4"]}},
        {
            "tool": "ffmpeg:cmd",
            "parameters": {"arguments": ["-i", "clip.mp4", "-vf", "scale=64:-2", "out/small.mp4"]},
        },
        {
            "tool": "storage:put",
            "parameters": {"location": keyed, "files": ["*.mp4"], "base_dir": "out"},
        },
    ]


@pytest.fixture(scope="module")
def _done() -> dict[str, Any]:
    return {}


@pytest.fixture
def done(_done: dict[str, Any], ask: Ask, media: Bucket) -> Any:
    """A job that has ended."""
    if not _done:
        made = ask("POST", "/api/jobs/", {"tasks": work(media, folder="castlabs"), "tags": ["a"]})
        assert made.status == 201, made.body
        _done.update(ended(ask, made.json["id"]))
    return _done


def test_a_clip_is_fetched_made_small_and_stored(done: Any, media: Bucket, tmp_path: Path) -> None:
    assert (done["status"], done["status_text"]) == (2, "Completed"), done
    assert [(task["tool"], task["status"]) for task in done["tasks"]] == [(tool, 2) for tool in WAY]
    assert media.names("castlabs/out/") == ["small.mp4"]
    (tmp_path / "small.mp4").write_bytes(media.get("castlabs/out/small.mp4"))
    assert "64x36" in look(tmp_path / "small.mp4")


@pytest.fixture
def run(stack: RunningStack, tmp_path: Path) -> Callable[[str], tuple[int, dict[str, str], str]]:
    """Runs a command of the page in a shell, with scheme, host and key changed; status, headers and body."""

    def send(command: str) -> tuple[int, dict[str, str], str]:
        command = command.replace("https://vtks.castlabs.com", stack.url)
        command = re.sub(r"api-key [\w.]+", f"api-key {stack.api_key}", command)
        command = f"APP_URL={shlex.quote(stack.url)}; {command} --silent --dump-header head"
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        first, *lines = (tmp_path / "head").read_text().strip().splitlines()
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        return int(first.split()[1]), headers, done.stdout

    return send


def command(*parts: str) -> str:
    """The one command of the page that has these parts, and nothing behind the last one."""
    found = {each for each in COMMANDS if all(part in each for part in parts) and each.endswith(parts[-1])}
    assert len(found) == 1, found
    return found.pop()


def test_the_page_has_no_command_that_is_not_run_here() -> None:
    run_here = {
        command("/api/jobs/abcDEFGHIjk/"),
        command("/restart/"),
        command("/logs/"),
        command("--data @jb.json", "/job_bundle/"),
        command("curl -v -H", "json $APP_URL/job_bundle/"),
        command("?search={bundle_name}"),
        command("?name={bundle_name}"),
    }
    assert run_here == set(COMMANDS)


def test_the_pages_commands_for_jobs_work(done: Any, run: Any, ask: Ask) -> None:
    status, headers, body = run(command("/api/jobs/abcDEFGHIjk/").replace("abcDEFGHIjk", done["id"]))
    assert (status, headers["allow"]) == (200, "GET, OPTIONS, HEAD, POST")
    assert headers["content-type"] == "application/json"
    golden = shown('{\n"id":"abcDEFGHIjk"')
    assert list(json.loads(body)) == list(golden)
    plain: dict[str, list[Any]] = {"tasks": [], "tags": []}
    assert kinds(json.loads(body) | plain) == kinds(golden | plain)
    assert all(TIME.fullmatch(json.loads(body)[name]) for name in ("created", "modified"))

    number = str(done["tasks"][1]["id"])
    logs = command("/logs/").replace("abcDEFGHIjk", done["id"]).replace("12345", number)
    status, headers, body = run(logs)
    assert (status, headers["allow"]) == (200, "GET, OPTIONS, HEAD, POST")
    lines = json.loads(body)["logs"]
    assert kinds(lines[:1]) == kinds(shown('{\n"logs":')["logs"])
    assert any("ffmpeg" in line["message"] for line in lines)
    assert lines[0]["timestamp"] == pytest.approx(time.time(), abs=600)

    metrics = ask("GET", f"/api/jobs/{done['id']}/metrics/").json
    assert kinds(metrics) == kinds(shown('{"id": "F8QDEYg1qos"'))
    assert metrics["cus"] > 0
    assert (metrics["video_minutes_in"], metrics["video_minutes_out"]) == (1, 1)
    assert metrics["gb_in"] > 0
    assert metrics["gb_out"] > 0


def test_the_pages_restart_answers_an_empty_page_and_a_resubmitted_job_has_a_new_id(
    ask: Ask, run: Any, media: Bucket
) -> None:
    made = ask("POST", "/api/jobs/", {"tasks": work(media, folder="castlabs-again")}).json
    ended(ask, made["id"])
    status, headers, body = run(command("/restart/").replace("2w9geAylAqq", made["id"]))
    assert (status, body) == (200, "")
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert (headers["content-length"], headers["allow"]) == ("0", "OPTIONS, POST")
    assert ended(ask, made["id"])["status"] == 2
    again = ask("POST", f"/api/jobs/{made['id']}/resubmit/", b"")
    assert again.status == 200
    assert again.json["id"] != made["id"]
    assert ended(ask, again.json["id"])["status"] == 2


@pytest.mark.parametrize("root", ["", "/api"])
def test_the_pages_commands_for_bundles_work(run: Any, tmp_path: Path, ask: Ask, root: str) -> None:
    text = re.search(r'^\{\n"name" : bundle_name,.*?^\}', PAGE, re.M | re.S)
    assert text is not None
    own = ask("POST", "/job_bundle/", {"name": f"another{root}"}).json["organization"]
    name = f"Metropolis{root.strip('/')}"
    mended = text[0].replace("bundle_name", json.dumps(name), 1)
    (tmp_path / "jb.json").write_text(mended.replace("your_organization_name", json.dumps(own)))

    def send(line: str) -> Any:
        status, _, body = run(line.replace("$APP_URL", f"$APP_URL{root}").replace("{bundle_name}", name))
        assert status in (200, 201), body
        return json.loads(body)

    made = send(command("--data @jb.json", "/job_bundle/"))
    assert (made["name"], made["organization"]) == (name, own)
    assert made in send(command("curl -v -H", "json $APP_URL/job_bundle/"))["results"]
    assert made in send(command("?search={bundle_name}"))["results"]
    assert send(command("?name={bundle_name}"))["results"] == [made]
    job = ask("POST", "/api/jobs/", {"tasks": [{"tool": "media:probe"}], "job_bundle_id": made["id"]})
    assert (job.json["job_bundle"], job.json["job_bundle_id"]) == (name, made["id"])


DEFINITIONS = re.findall(
    r'^\{\n(?:"tasks"|"region"|"organization_id"|"job_bundle_id").*?^\}$', PAGE, re.M | re.S
)
ALTERNATIVES = re.compile(r"\{\n(?P<one>.*)\n--- alternatively\n(?P<other>.*)\n(?P<tasks>\"tasks\".*)", re.S)


def mended(text: str) -> list[str]:
    """A job definition of the page as JSON, but for the values that are written as words."""
    tasks = '[{"tool": "storage:get", "parameters": [{"location": LOCATION}]}]'
    for words, meant in (
        ("<tool1>", "storage:get"),
        ("<tool2>", "media:probe"),
        (",\n{\n...\n}", ""),
        ("[{\n...\n}]", tasks),
        ("[\n...\n]", tasks),
        (",\n...", ""),
    ):
        text = text.replace(words, meant)
    text = text.replace("[ ... ]", '[{"location": LOCATION}]', 1).replace("[ ... ]", "[]")
    found = ALTERNATIVES.fullmatch(text)
    return [f"{{\n{found[name]},\n{found['tasks']}" for name in ("one", "other")] if found else [text]


def test_the_pages_job_definitions_are_jobs(ask: Ask, media: Bucket) -> None:
    location = media.put("castlabs/tiny.txt", b"tiny")
    number = ask("POST", "/job_bundle/", {"name": "Definitions"}).json["id"]
    organization = ask("GET", "/job_bundle/").json["results"][0]
    values = {
        "organization id": organization["organization_id"],
        "organization name": organization["organization"],
        "job_bundle_id": number,
        "job_bundle_name": "Definitions",
    }
    texts = [text for definition in DEFINITIONS for text in mended(definition)]
    assert len(texts) == 7
    for text in texts:
        body = text.replace("LOCATION", json.dumps(location)).replace("eu-central-1", "us-east-1")
        for word, value in values.items():
            body = body.replace(f": {word},", f": {json.dumps(value)},")
        made = ask("POST", "/api/jobs/", body, **{"Content-Type": "application/x-www-form-urlencoded"})
        assert made.status == 201, (body, made.body)
        assert made.json["organization"] == organization["organization"]
        if "job_bundle" in text:
            assert made.json["job_bundle_id"] == number
        if "Metropolis" in text:
            assert made.json["tags"] == ["2017-03-Encodings", "Metropolis_1927"]
        if "region" in text:
            assert (made.json["region"], made.json["tags"]) == ("aws:us-east-1", ["Tag ID", "Tag ID 2"])


def test_who_is_to_be_told_is_sent_the_jobs_id_url_and_status(ask: Ask) -> None:
    with serve({"/hook": lambda handler: handler.answer(200)}) as server:
        job = {"tasks": [{"tool": "media:probe"}], "notify": server.url("/hook")}
        made = ask("POST", "/api/jobs/", job).json
        assert made["notify"] == server.url("/hook")
        deadline = time.monotonic() + 60
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.2)
    (told,) = server.requests
    assert (told.method, told.headers["content-type"]) == ("POST", "application/json")
    assert json.loads(told.body) == {"job_id": made["id"], "job_url": made["url"], "status": 3}


def test_paths_words_and_bodies_come_as_clients_send_them(done: Any, ask: Ask, stack: RunningStack) -> None:
    for path in (f"/api/jobs/{done['id']}", f"//api/jobs/{done['id']}/", f"/API/Jobs/{done['id']}/"):
        for scheme in ("api-key", "Ticket", "bearer"):
            answer = ask("GET", path, Authorization=f"{scheme} {stack.api_key}")
            assert (answer.status, answer.json["id"]) == (200, done["id"]), (path, scheme)
    head = ask("HEAD", f"/api/jobs/{done['id']}/")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-type"] == "application/json"
    options = ask("OPTIONS", f"/api/jobs/{done['id']}/")
    assert options.status in (200, 204)
    assert {"GET", "HEAD", "OPTIONS"} <= set(options.headers["allow"].split(", "))
    for path in ("/api/jobs/abcDEFGHIjk/", "/api/jobs/abcDEFGHIjk/nothing/", "/api/nothing/"):
        assert (ask("GET", path).status, list(ask("GET", path).json)) == (404, ["detail"])
    refused = ask("DELETE", f"/api/jobs/{done['id']}/")
    assert (refused.status, list(refused.json)) == (405, ["detail"])
    assert ask("GET", "/api/", Authorization="api-key wrong").status == 401
    assert set(ask("GET", "/api/").json) == {"jobs", "po", "job_bundle"}
    assert ask("GET", "/api/").json["jobs"].startswith("http")
