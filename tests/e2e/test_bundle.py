"""Bundles and templates over HTTP, with jobs that run."""

from typing import Any
from uuid import uuid4

import pytest

from infra.local.caller import CallFailed
from tests.e2e import task
from tests.e2e.bucket import Bucket
from tests.stack import RunningStack

_NAME = f"Spring {uuid4()}"


@pytest.fixture(scope="module")
def bundle(stack: RunningStack) -> dict[str, Any]:
    """A bundle without jobs."""
    made: dict[str, Any] = stack.call("POST", "/bundles", {"name": _NAME})
    return made


def test_a_bundle_is_found_by_its_id_its_name_and_a_part_of_it(
    stack: RunningStack, bundle: dict[str, Any]
) -> None:
    assert stack.call("GET", f"/bundles/{bundle['id']}")["name"] == _NAME
    search = _NAME[7:20].upper()
    for query in (f"name={_NAME.replace(' ', '%20')}", f"search={search}", "limit=1"):
        assert stack.call("GET", f"/bundles?{query}")["bundles"] == [bundle]
    assert stack.call("GET", f"/bundles?name={search}")["bundles"] == []
    with pytest.raises(CallFailed) as refused:
        stack.call("POST", "/bundles", {"name": _NAME})
    assert refused.value.status == 409


def test_jobs_come_into_a_bundle_by_its_id_or_name_and_are_counted(
    stack: RunningStack, media: Bucket, bundle: dict[str, Any]
) -> None:
    good, bad = media.put("bundle/tiny", b"tiny"), media.url("bundle/none")
    jobs = [
        stack.submit(task.get(good), bundle_id=bundle["id"]),
        stack.submit(task.get(bad), bundle=_NAME),
        stack.submit(task.get(good)),
    ]
    for job in jobs:
        stack.wait(job["id"])
    found = stack.call("GET", f"/jobs?bundle_id={bundle['id']}")["jobs"]
    assert [row["id"] for row in found] == [jobs[1]["id"], jobs[0]["id"]]
    counted = stack.call("GET", f"/bundles/{bundle['id']}")["jobs"]
    assert counted == {"Pending": 0, "Running": 0, "Success": 1, "Failed": 1, "Cancelled": 0}


def test_a_job_keeps_the_version_of_the_template_that_it_was_made_of(
    stack: RunningStack, media: Bucket
) -> None:
    name, source = f"t-{uuid4()}", media.put("template/tiny", b"tiny")
    body: dict[str, Any] = {
        "parameters": {"source": {"type": "string"}, "urgency": {"type": "integer", "default": 60}},
        "job": {"priority": "${urgency}", "tasks": [task.get("${source}")]},
    }
    assert stack.call("PUT", f"/templates/{name}", body)["id"] == f"{name}@1"
    old = stack.call("POST", "/jobs", {"template": name, "parameters": {"source": source}})
    body["job"]["tasks"] *= 2
    assert stack.call("PUT", f"/templates/{name}", body)["id"] == f"{name}@2"
    pinned = stack.call("POST", "/jobs", {"template": f"{name}@1", "parameters": {"source": source}})
    new = stack.call("POST", "/jobs", {"template": name, "parameters": {"source": source, "urgency": 7}})
    ended = [stack.wait(job["id"]) for job in (old, pinned, new)]
    assert [job["status"] for job in ended] == ["Success"] * 3
    seen = [(job["template_id"], len(job["tasks"]), job["priority"]) for job in ended]
    assert seen == [(f"{name}@1", 1, 60), (f"{name}@1", 1, 60), (f"{name}@2", 2, 7)]
    listed = stack.call("GET", f"/jobs?template_id={name}@1")["jobs"]
    assert {row["id"] for row in listed} == {old["id"], pinned["id"]}
    stack.call("DELETE", f"/templates/{name}")
    with pytest.raises(CallFailed) as refused:
        stack.call("POST", "/jobs", {"template": name, "parameters": {"source": source}})
    assert refused.value.problem["errors"][0]["pointer"] == "/template"
