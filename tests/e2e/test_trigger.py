"""Triggers on the running stack: a file put into a bucket makes a job, once; what cannot is redriven."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from infra.local.emulator import ACCOUNT
from mediajobs import aws
from mediajobs.cli import main
from tests.e2e import task
from tests.e2e.bucket import Bucket
from tests.stack import RunningStack

UPLOADED = {"source": "s3://${detail.bucket.name}/${detail.object.key}"}


def until(look: Callable[[], Any], seconds: float = 30) -> Any:
    """What a look at the stack shows, as soon as it shows anything."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(0.2)
    return found


def copies(stack: RunningStack, to: str, region: str | None = None) -> str:
    """A template that copies its source into the folder `to`, and so makes an object itself."""
    name = f"copy-{uuid4()}"
    job = {"tasks": [task.get("${source}"), task.put(to)], "region": region or stack.home_region}
    template = {"parameters": {"source": {"type": "string"}}, "job": job}
    stack.call("PUT", f"/templates/{name}", template)
    return name


def jobs(stack: RunningStack, template: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = stack.call("GET", f"/jobs?template_id={template}@1")["jobs"]
    return listed


@pytest.mark.parametrize("region", [None, "us-east-1"])
def test_a_file_put_into_a_bucket_makes_a_job_and_what_the_job_stores_makes_none(
    stack: RunningStack, region: str | None
) -> None:
    bucket, folder = Bucket(stack, region=region), f"triggered-{uuid4()}/"
    template = copies(stack, bucket.url(f"{folder}out/"), region)
    trigger = {"name": "copies", "bucket": bucket.name, "prefix": folder, "template": template}
    made = stack.call("POST", "/triggers", {**trigger, "parameters": UPLOADED})
    bucket.put(f"{folder}in/a b{{c}}.txt", b"words")
    (listed,) = until(lambda: jobs(stack, template))
    job = stack.wait(listed["id"])
    assert (job["status"], job["submitted_by"]) == ("Success", made["submits_as"]), job
    stored = until(lambda: bucket.names(f"{folder}out/"))
    assert bucket.get(f"{folder}out/{stored[0]}") == b"words"
    # Another upload is the last one of a queue of events, but what the job has stored made none.
    bucket.put(f"{folder}in/z.txt", b"more")
    until(lambda: len(jobs(stack, template)) > 1)
    assert len(jobs(stack, template)) == 2
    stack.call("DELETE", f"/triggers/{made['id']}")


def test_an_event_of_others_that_cannot_make_a_job_is_kept_with_its_reason_and_redriven(
    stack: RunningStack, media: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = f"shop-{uuid4()}"
    template = copies(stack, media.url(f"{source}/"))
    trigger = {"name": "orders", "pattern": {"source": [source]}, "template": template}
    made = stack.call("POST", "/triggers", {**trigger, "parameters": {"source": "${detail.url}"}})
    stack.call("DELETE", f"/templates/{template}")
    detail = {"organization_id": stack.organization_id, "url": media.put("ordered.txt", b"words")}
    entry = {"EventBusName": "mediajobs-local", "Source": source, "DetailType": "Ordered"}
    put = stack.client("events").put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])
    assert put["FailedEntryCount"] == 0

    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.endpoint_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    aws.client.cache_clear()

    def redrive(*more: str) -> list[dict[str, Any]]:
        place = ["--stage", "local", "--region", stack.home_region]
        done = CliRunner().invoke(main.app, ["--json", "admin", "redrive", "trigger-failed", *place, *more])
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    (kept,) = until(lambda: redrive("--dry-run"))
    assert kept["reason"].startswith(f"trigger {made['id']}")
    assert "there is no such template" in kept["reason"]
    job = {"tasks": [task.get("${source}")]}
    again = {"parameters": {"source": {"type": "string"}}, "job": job}
    stack.call("PUT", f"/templates/{template}", again)
    assert until(redrive)
    (listed,) = until(lambda: stack.call("GET", f"/jobs?template_id={template}@2")["jobs"])
    assert stack.wait(listed["id"])["status"] == "Success"
    stack.call("DELETE", f"/triggers/{made['id']}")
    aws.client.cache_clear()
