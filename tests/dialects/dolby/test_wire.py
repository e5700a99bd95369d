"""Dolby.io over the wire: the vendor's own clients, unmodified, and its page's own snippets.

What is mended in the snippets, and nothing else: in the page's first one, the Python text has a JavaScript
template in backticks for its header; and it and its two neighbours use a token that nothing defines.
"""

import asyncio
import gc
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import certifi
import pytest
from dolbyio_rest_apis.core import urls
from dolbyio_rest_apis.core.http_request_error import HttpRequestError
from dolbyio_rest_apis.media import (
    authentication,
    diagnose,
    enhance,
    io,
    jobs,
    transcode,
    webhooks,
)

from tests.clip import clip
from tests.dialects.dolby import node_client
from tests.e2e.bucket import look
from tests.server.http import serve
from tests.stack import RunningStack, secure_stack

__all__ = ["secure_stack"]

PAGE = (Path(__file__).parent / "page.txt").read_text()
VENDOR = "https://api.dolby.com"

PYTHON = re.findall(r"^import os\n.*?^print\(response\.json\(\)\)$", PAGE, re.M | re.S)
NODE = re.findall(r"^const axios = .*?\.catch\(function ?\(error\) \{\n.*?\n *\}\);?$", PAGE, re.M | re.S)
SHELL = re.findall(r"(?:^#!/bin/bash\n(?:.*\n){1,6}?)?^curl -X (?:.*\\\n)*.*$", PAGE, re.M)


@pytest.fixture
def stack(secure_stack: RunningStack) -> RunningStack:
    """By https, as the vendor's client for Node knows nothing else."""
    return secure_stack


@pytest.fixture
def app(stack: RunningStack) -> tuple[str, str]:
    """An app's key and secret: an API key's id, and the key."""
    made = stack.call("POST", "/keys", {"user": "dolby", "role": "CONFIG"})
    return made["id"], made["api_key"]


@pytest.fixture
def lead(stack: RunningStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python client's hosts are the stack, and what it trusts is the stack's certificate."""
    host = urlsplit(stack.url).netloc
    monkeypatch.setattr(urls, "API_URL", host)
    monkeypatch.setattr(urls, "MAPI_URL", host)
    monkeypatch.setattr(certifi, "where", lambda: stack.ca_file)


def _environment(stack: RunningStack, **more: str) -> dict[str, str]:
    trusted = dict.fromkeys(
        ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), stack.ca_file or ""
    )
    return {**trusted, "STACK_URL": stack.url, **more}


async def _ended(api: Any, token: str, job_id: str) -> Any:
    deadline = time.monotonic() + 90
    while (answer := await api.get_results(token, job_id)).status in ("Pending", "Running"):
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(0.3)
    return answer


@pytest.mark.usefixtures("lead")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the client's own libraries
@pytest.mark.filterwarnings("ignore:unclosed transport:ResourceWarning")
def test_the_vendors_python_client_works(stack: RunningStack, app: tuple[str, str], tmp_path: Path) -> None:
    async def everything() -> None:
        granted = await authentication.get_api_token(*app, expires_in=600)
        assert (granted.token_type, granted.expires_in_val) == ("Bearer", 600)
        token = granted.access_token

        upload = await io.get_upload_url(token, "dlb://python/in.mp4")
        assert upload.startswith(stack.url)
        await io.upload_file(upload, str(clip("quiet.mp4")))
        order = {"input": "dlb://python/in.mp4", "output": "dlb://python/out.mp4"}
        job_id = await enhance.start(token, json.dumps(order))
        done = await _ended(enhance, token, job_id)
        assert (done.status, done.progress, done.path) == ("Success", 100, "/media/enhance"), done
        await io.download_file(token, "dlb://python/out.mp4", str(tmp_path / "out.mp4"))
        assert "Audio: aac" in look(tmp_path / "out.mp4")

        page = await jobs.list_jobs(token, status="Success", submitted_after="2021-08-10")
        (row,) = [row for row in page.jobs if row.job_id == job_id]
        assert (row.status, row.duration) == ("Success", pytest.approx(2, abs=0.1))
        assert page.count == len(page.jobs)

        with pytest.raises(HttpRequestError) as refusal:
            await jobs.cancel(token, job_id)
        assert (refusal.value.status_code, refusal.value.error_code) == (409, 409)
        job_id = await diagnose.start(token, json.dumps({"input": "dlb://python/in.mp4"}))
        found = (await _ended(diagnose, token, job_id)).result
        assert found["media_info"]["video"]["codec"] == "h264"
        job_id = await transcode.start(
            token,
            json.dumps({"inputs": [{"source": "dlb://no"}], "outputs": [{"destination": "dlb://out.mp4"}]}),
        )
        failed = await _ended(transcode, token, job_id)
        assert failed.error.title == "SourceNotFound"
        assert "does not exist" in failed.error.detail

        webhook_id = await webhooks.register_webhook(token, "https://hooks.example.com/a", {"X-Mine": "1"})
        await webhooks.update_webhook(token, webhook_id, "https://hooks.example.com/b")
        assert (await webhooks.retrieve_webhook(token, webhook_id)).url == "https://hooks.example.com/b"
        assert await webhooks.delete_webhook(token, webhook_id) == webhook_id

    asyncio.run(everything())
    # The client's sessions do not wait until their TLS connections are closed: some may be left to this.
    gc.collect()


def test_the_vendors_node_client_works(stack: RunningStack, app: tuple[str, str], tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    places = {"INPUT": str(clip("clip.mp4")), "OUTPUT": str(output)}
    given = _environment(stack, APP_KEY=app[0], APP_SECRET=app[1], **places)
    told = json.loads(node_client.run("client.cjs", given, "--require", "./stack.cjs"))
    assert (told["token"]["token_type"], told["token"]["expires_in"]) == ("Bearer", 600)
    assert (told["transcode"]["status"], told["transcode"]["result"]) == ("Success", {})
    assert "64x36" in look(output)
    assert told["job_id"] in [row["job_id"] for row in told["page"]["jobs"]]
    assert told["job_id"] in [row["job_id"] for row in told["all"]]
    assert told["diagnose"]["result"]["audio"]["loudness"]["true_peak"] < 0
    assert "409" in told["late"]
    assert told["failed"]["error"]["details"]
    assert "400" in told["unsupported"]
    assert "not available" in told["unsupported"]
    assert told["webhook"]["callback"]["url"] == "https://hooks.example.com/other"
    assert told["deleted"]


def test_the_page_has_as_many_snippets_as_are_run() -> None:
    assert [len(each) for each in (PYTHON, NODE, SHELL)] == [3, 3, 3]


@pytest.mark.parametrize("language", ["python", "node", "shell"])
@pytest.mark.parametrize("index", [0, 1, 2], ids=["list", "status", "cancel"])
def test_a_snippet_of_the_page_works(
    stack: RunningStack, app: tuple[str, str], language: str, index: int
) -> None:
    # It waits for its turn behind nothing, and is long enough to be seen pending or running.
    job_id = stack.submit(
        {
            "tool": "storage:get",
            "parameters": {"sources": [{"url": "http://127.0.0.1:9/a"}]},
            "retry": {"count": 1, "delay_seconds": 60},
        }
    )["id"]
    given = _environment(stack, DOLBYIO_API_TOKEN=app[1], API_TOKEN=app[1], DOLBYIO_JOB_ID=job_id)
    match language:
        case "python":
            text = PYTHON[index].replace(VENDOR, stack.url)
            if index == 0:
                text = text.replace("`Bearer ${api_token}`", '"Bearer {0}".format(api_token)')
                text = text.replace(
                    "import requests\n", 'import requests\napi_token = os.environ["DOLBYIO_API_TOKEN"]\n'
                )
            said = _output([sys.executable, "-c", text.replace("response.json()", "response.text")], given)
        case "node":
            text = NODE[index].replace(VENDOR, stack.url)
            if index == 0:
                text = "const api_token = process.env.DOLBYIO_API_TOKEN;\n" + text
            said = node_client.run(
                re.sub(r"console\.log\(response\.data\)", "console.log(JSON.stringify(response.data))", text),
                given,
            )
        case _:
            said = _output(["bash", "-c", SHELL[index].replace(VENDOR, stack.url)], given)
    answer = json.loads(said)
    match index:
        case 0:
            assert job_id in [row["job_id"] for row in answer["jobs"]]
            assert answer["count"] == len(answer["jobs"])
        case 1:
            assert answer["status"] in ("Pending", "Running")
            assert answer["api_version"] == "v1.1.1"
        case _:
            assert answer == {}
    if index == 2:
        assert stack.job(job_id)["status"] == "Cancelled"
    else:
        stack.call("POST", f"/jobs/{job_id}/cancel")


def test_a_callback_comes_at_the_end_with_the_jobs_id_and_the_headers_asked_for(
    stack: RunningStack, app: tuple[str, str]
) -> None:
    with serve({"/done": lambda handler: handler.answer(200)}) as server:
        order = {
            "input": "dlb://nowhere.wav",
            "output": "dlb://out.wav",
            "on_complete": {"url": server.url("/done?job=1"), "headers": ["x-job-id", "x-mine"]},
        }
        headers = {
            "Authorization": f"Bearer {app[1]}",
            "x-job-id": "True",
            "x-mine": "yes",
            "Content-Type": "text/plain",
        }
        # Two slashes and another case, as some clients write them.
        job_id = stack.call("POST", "//Media/enhance", order, headers)["job_id"]
        deadline = time.monotonic() + 60
        while not server.requests:
            assert time.monotonic() < deadline, stack.job(job_id)
            time.sleep(0.2)
        request = server.requests[0]
    sent = {name.lower(): value for name, value in request.headers.items()}
    assert (request.method, request.path) == ("POST", "/done?job=1")
    assert (sent["x-job-id"], sent["x-mine"]) == (job_id, "yes")
    told = json.loads(request.body)
    assert (told["job_id"], told["status"], told["path"]) == (job_id, "Failed", "/media/enhance")


def _output(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
