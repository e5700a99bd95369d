"""A dry run on the running stack: the inspector of each region is called, and no job comes of it."""

from tests.e2e.bucket import Bucket
from tests.stack import RunningStack


def test_a_dry_run_looks_from_the_jobs_region_and_makes_no_job(stack: RunningStack) -> None:
    before = stack.call("GET", "/jobs?limit=1")["jobs"]
    for region in stack.local.regions:
        media = Bucket(stack, region=region)
        sources = [{"url": media.put("rehearsal/in.mp4", b"123")}, {"url": media.url("rehearsal/none.mp4")}]
        tasks = [
            {"tool": "storage:get", "parameters": {"sources": sources}},
            {"tool": "storage:put", "parameters": {"destinations": [{"url": media.url("rehearsal/out/")}]}},
        ]
        plan = stack.call("POST", "/jobs?dry_run=true", {"tasks": tasks, "region": region})
        assert plan["region"] == region
        seen = [(check["ok"], check["bytes"]) for check in plan["checks"]]
        assert seen == [(True, 3), (False, None), (True, None)]
        assert media.names("rehearsal/") == ["in.mp4"]
    assert stack.call("GET", "/jobs?limit=1")["jobs"] == before
