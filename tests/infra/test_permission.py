"""Least privilege, both ways: what the handlers call is permitted, and what is permitted is called."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from infra.permission.endpoint import endpoints
from infra.permission.grant import Needs
from infra.permission.reaction import reactions
from infra.permission.region import handlers
from mediajobs import aws
from mediajobs.errors import InvalidMedia, RunLost
from mediajobs.reactions import dispatch
from mediajobs.routes import ROUTES
from mediajobs.store import account
from mediajobs.store import job as jobs
from mediajobs.tools.tool import Result, Worker
from tests.ledger import NAMES, Ledger, granted, meant
from tests.moto_account import REGION, end_execution
from tests.world import World, tool

#: What only large files and foreign buckets bring about; tests/unit/transfer does.
ELSEWHERE = {
    # The list that issues the first token of all makes the key that signs them: here that of the jobs.
    ("api.list_keys", "dynamodb:PutItem"),
    ("api.list_bundles", "dynamodb:PutItem"),
    ("api.list_templates", "dynamodb:PutItem"),
    ("api.list_deliveries", "dynamodb:PutItem"),
    ("api.list_job_deliveries", "dynamodb:PutItem"),
    ("worker.storage", "sts:AssumeRole"),
    ("worker.storage", "s3:AbortMultipartUpload"),
    ("worker.inspect", "sts:AssumeRole"),
    ("worker.media", "s3:AbortMultipartUpload"),
    # No call: to who may not list, S3 says of a missing object that it is forbidden.
    ("reactions.submit_on_event", "s3:ListBucket"),
    # Signed into a link, for who has the link to call.
    ("api.get_job", "s3:GetObject"),
    ("api.link_work", "s3:GetObject"),
    ("api.link_work", "s3:PutObject"),
    # Parts of a large file, as with the worker in Lambda.
    ("worker.container", "s3:AbortMultipartUpload"),
}


def _endpoint(_: World, method: str, path: str, *__: Any, **___: Any) -> str:
    """The module that answers, in a process that has not seen the caller's key."""
    account._cache.clear()
    return meant(ROUTES, method, path)


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    made = Ledger()
    for name in ("announce", "dispatch", "drive", "notify", "settle", "sweep"):
        module = f"reactions.{name}"
        monkeypatch.setattr(
            World, name, made.watched(getattr(World, name), lambda *_, _module=module, **__: _module)
        )
    monkeypatch.setattr(World, "offer_task", made.watched(World.offer_task, lambda *_: "reactions.offer"))
    monkeypatch.setattr(World, "arrive", made.watched(World.arrive, lambda *_: "reactions.submit_on_event"))
    monkeypatch.setattr(World, "call", made.watched(World.call, _endpoint))
    monkeypatch.setattr(
        World, "work", made.watched(World.work, lambda _, payload, *__: f"worker.{payload['worker']}")
    )
    for name in ("convert", "follow", "contain"):
        module = "worker.container" if name == "contain" else f"reactions.{name}"
        monkeypatch.setattr(
            World, name, made.watched(getattr(World, name), lambda *_, _module=module, **__: _module)
        )
    monkeypatch.setattr(World, "inspect", made.watched(World.inspect, lambda *_: "worker.inspect"))
    with made.listening():
        yield made


def permitted() -> dict[str, Needs]:
    return {
        **endpoints(NAMES),
        **reactions(NAMES),
        **handlers(NAMES, REGION),
    }


def everything_that_can_happen(world: World, clock: Any) -> None:
    """The lives of jobs that bring every handler to all that it can do."""

    def writes(run: Any, _: Any) -> Result:
        Path(run.directory / "out").write_text("x")
        return Result(files=[run.save(run.directory / "out", "out.txt")])

    def reads(run: Any, _: Any) -> Result:
        run.open("out.txt")
        return Result()

    def breaks(run: Any, _: Any) -> Result:
        writes(run, _)
        raise InvalidMedia("no video")

    def vanishes(run: Any, _: Any) -> Result:
        writes(run, _)
        raise SystemExit

    for worker in Worker:
        world.tools |= {
            f"test:{name}-{worker}": tool(do, worker)
            for name, do in (("write", writes), ("read", reads), ("break", breaks), ("vanish", vanishes))
        }
    for path in ("/tools", "/tools/media:probe", "/pools"):
        assert world.call("GET", path).status == 200
    world.call("PUT", f"/pools/{REGION}", {"capacity": 2})
    _administrate(world)
    _succeed(world)
    _fail(world, clock)
    _work_outside(world, clock)
    _forget_to_tell(world, clock)
    _contain(world)
    _convert(world)
    _cancel(world)
    _tell(world, clock)
    _trigger(world)
    _heal(world, clock)


def _administrate(world: World) -> None:
    for path in (
        "/organizations",
        f"/organizations/{world.organization}",
        "/keys?limit=1",
        f"/pools/{REGION}",
    ):
        assert world.call("GET", path).status == 200
    changed = world.call("PUT", f"/organizations/{world.organization}", {"default_region": REGION})
    assert changed.status == 200
    made = world.call("POST", "/organizations", {"name": "Other", "admin_user": "jo"}).body
    invitation = {"user": "jo", "role": "ADMIN", "invitation": True}
    invited = world.call("POST", "/keys", invitation, key=made["api_key"]).body
    admin = world.call("POST", "/keys", {"user": "jo", "role": "ADMIN"}).body
    joined = world.call(
        "POST", "/organizations/join", {"invitation": invited["api_key"]}, key=admin["api_key"]
    )
    assert joined.status == 200
    rotate = f"/keys/{admin['id']}/rotate?organization=Acme"
    rotated = world.call("POST", rotate, key=admin["api_key"])
    assert rotated.status == 201
    assert world.call("DELETE", f"/keys/{rotated.body['id']}").status == 204


def _succeed(world: World) -> None:
    sent = {"idempotency-key": "once"}
    media = f"s3://media/{world.organization}/out.txt"
    tasks: list[dict[str, Any]] = [
        *({"tool": f"test:{name}-{worker}"} for worker in Worker for name in ("write", "read")),
        {"tool": "storage:put", "parameters": {"files": ["out.txt"], "destinations": [{"url": media}]}},
        {"tool": "storage:get", "parameters": {"sources": [{"url": media}]}},
    ]
    body = {"tasks": tasks}
    job_id = world.call("POST", "/jobs", body, headers=sent).body["id"]
    assert world.call("POST", "/jobs", body, headers=sent).body["id"] == job_id
    world.settle_down()
    assert world.job(job_id).get("error") is None
    assert world.call("GET", "/metrics").status == 200
    for path in ("", "/events", "/metrics", "/tasks/0/logs"):
        assert world.call("GET", f"/jobs/{job_id}{path}").status == 200
    assert world.call("POST", "/jobs?dry_run=true", body).status == 200
    bundle_id = world.call("POST", "/bundles", {"name": "all"}).body["id"]
    for path in ("/bundles", "/bundles?name=all", f"/bundles/{bundle_id}", f"/jobs?bundle_id={bundle_id}"):
        assert world.call("GET", path).status == 200
    template = {"job": {"tasks": [{"tool": "test:nothing"}]}}
    assert world.call("PUT", "/templates/small", template).status == 200
    assert world.call("POST", "/jobs", {"template": "small"}).status == 201
    for path in ("/templates", "/templates/small"):
        assert world.call("GET", path).status == 200
    assert world.call("DELETE", "/templates/small").status == 204
    world.submit("test:nothing")
    token = world.call("GET", "/jobs?limit=1").body["next_token"]
    assert world.call("GET", f"/jobs?limit=1&next_token={token}").status == 200
    assert world.call("GET", "/jobs?status=Failed").status == 200
    world.settle_down()


def _fail(world: World, clock: Any) -> None:
    for worker in Worker:
        job_id = world.submit(f"test:break-{worker}")
        world.settle_down()
        assert world.job(job_id)["status"] == "Failed"
    assert world.call("POST", f"/jobs/{job_id}/restart", {"start_at": "failed"}).status == 202
    for method, path, value in (
        ("PUT", "/secrets/word", {"value": "word"}),
        ("GET", "/secrets", None),
        ("PUT", "/secrets/gone", {"value": "word"}),
        ("DELETE", "/secrets/gone", None),
    ):
        assert world.call(method, path, value).status < 300
    secret = {"sources": [{"url": "https://user:{word}@nowhere.invalid/a.mp4"}]}
    body = {"tasks": [{"tool": "storage:get", "parameters": secret}]}
    assert world.call("POST", "/jobs?dry_run=true", body).status == 200
    refused = world.call("POST", "/jobs", body)
    assert refused.status == 201
    assert world.call("POST", f"/jobs/{refused.body['id']}/resubmit").status == 201
    world.settle_down()
    job_id = world.submit("test:vanish-media")
    _vanish(world, job_id)
    payload = {"organization": world.organization, "job": job_id, "attempt": 1, "task": 0}
    assert world.settle({**payload, "error": {"Error": "Runtime.ExitError"}})["next"] == "stop"
    clock.shift(1000)
    world.sweep()


def _vanish(world: World, job_id: str) -> None:
    for _ in range(4):
        world.deliver()
    with pytest.raises(SystemExit):
        world.run(f"{job_id}-1-1")


def _tell(world: World, clock: Any) -> None:
    """Webhooks and mails, and a receiver that is not there."""
    hook = world.call("POST", "/webhooks", {"url": "https://127.0.0.1/"}).body["id"]
    for method, path, body in (
        ("GET", "", None),
        ("GET", f"/{hook}", None),
        ("PUT", f"/{hook}", {"url": "https://127.0.0.1/"}),
        ("POST", f"/{hook}/rotate", None),
        ("POST", f"/{hook}/ping", None),
    ):
        assert world.call(method, f"/webhooks{path}", body).status < 300
    job = {"tasks": [{"tool": "test:nothing"}], "notify": ["mailto:user@example.com"]}
    job_id = world.call("POST", "/jobs", job).body["id"]
    world.settle_down()
    (told,) = world.call("GET", f"/jobs/{job_id}/deliveries").body["deliveries"]
    assert told["status"] == "Delivered"
    disabled = {"url": "https://127.0.0.1/", "enabled": False}
    assert world.call("PUT", f"/webhooks/{hook}", disabled).status == 200
    clock.shift(3600)
    world.sweep()
    world.settle_down()
    listed = world.call("GET", f"/webhooks/{hook}/deliveries").body["deliveries"]
    parked = [each for each in listed if each["status"] == "Parked"]
    again = f"/webhooks/{hook}/deliveries/{parked[0]['id']}/redeliver"
    assert world.call("POST", again).status == 202
    assert world.call("DELETE", f"/webhooks/{hook}").status == 204


def _trigger(world: World) -> None:
    """Triggers, and events that make jobs and that make none."""
    job = {
        "tasks": [{"tool": "storage:get", "parameters": {"sources": [{"url": "https://{word}@x.invalid/a"}]}}]
    }
    assert world.call("PUT", "/templates/small", {"job": job}).status == 200
    wanted = {"name": "uploads", "bucket": "media", "template": "small"}
    path = f"/triggers/{world.call('POST', '/triggers', wanted).body['id']}"
    for method, where, body in (("GET", "/triggers", None), ("GET", path, None), ("PUT", path, wanted)):
        assert world.call(method, where, body).status == 200
    key = f"{world.organization}/in.mp4"
    made = {"bucket": {"name": "media"}, "object": {"key": key, "etag": "e", "sequencer": "1"}}
    uploaded = {"id": "1", "source": "aws.s3", "detail-type": "Object Created", "detail": made}
    world.arrive(uploaded)
    aws.media_client(REGION).put_object(Bucket="media", Key=key, Body=b"x")
    world.arrive(uploaded)
    assert world.call("GET", "/jobs?limit=1").body["jobs"][0]["template_id"] == "small@2"
    assert world.call("DELETE", path).status == 204
    world.settle_down()


def _work_outside(world: World, clock: Any) -> None:
    """Two tasks outside: one is done, one fails, and one is given to another worker in between."""
    worker = world.key_of("WORK")

    def ask(path: str, body: Any = None) -> Any:
        return world.call("POST", path, body, key=worker)

    for call, body in (("result", {}), ("failure", {"code": "InvalidMedia"})):
        task = {"tool": "test:nothing", "executor": "outside", "retry": {"count": 1, "delay_seconds": 0}}
        tasks = [task, {"tool": "test:nothing"}]
        job_id = world.call("POST", "/jobs", {"tasks": tasks}).body["id"]
        while world.deliver():
            pass
        world.offer(f"{job_id}-1-1")
        assert ask("/work").status == 200
        clock.shift(61)
        assert ask("/work").status == 204
        work = ask("/work").body["work"]
        path = f"/work/{work}"
        assert ask(f"{path}/heartbeat", {"lines": ["x"]}).status == 200
        assert ask(f"{path}/links", {"name": "out.mp4", "content_type": "video/mp4"}).status == 200
        assert ask(f"{path}/links", {"name": "none.mp4"}).status == 422
        region = world.job(job_id)["region"]
        job = jobs.find(world.organization, job_id)
        assert job is not None
        aws.media_client(region).put_object(
            Bucket="workspace", Key=f"{job.folder(job.place)}out.mp4", Body=b"x"
        )
        files = [{"name": "out.mp4", "content_type": "video/mp4"}]
        assert ask(f"{path}/{call}", {"files": files} if call == "result" else body).status == 204
        # An offer that was not taken back.
        world.call("POST", f"/jobs/{job_id}/cancel")
        ask("/work")
        world.settle_down()


def _forget_to_tell(world: World, clock: Any) -> None:
    """Results from outside whose word to the execution is lost: a worker says it again, or the sweeper."""
    worker = world.key_of("WORK")
    for heals in (lambda: world.call("POST", "/work", key=worker), world.sweep):
        tasks = [{"tool": "test:nothing", "executor": "outside"}, {"tool": "test:nothing"}]
        job_id = world.call("POST", "/jobs", {"tasks": tasks}).body["id"]
        while world.deliver():
            pass
        world.offer(f"{job_id}-1-1")
        work = world.call("POST", "/work", key=worker).body["work"]
        with lost_words():
            assert world.call("POST", f"/work/{work}/result", {}, key=worker).status == 204
        clock.shift(61)
        heals()
        assert world.call("POST", f"/jobs/{job_id}/cancel").status == 200
        world.settle_down()


@contextmanager
def lost_words() -> Iterator[None]:
    """Step Functions does not answer who tells an execution of an end."""

    def refuse(**_: Any) -> tuple[Any, dict[str, Any]]:
        error = {"Code": "ServiceUnavailable", "Message": "away"}
        return SimpleNamespace(status_code=500), {"Error": error, "ResponseMetadata": {}}

    events = aws.client("stepfunctions", REGION).meta.events
    events.register("before-call.sfn.SendTaskSuccess", refuse)
    try:
        yield
    finally:
        events.unregister("before-call.sfn.SendTaskSuccess", refuse)


def _contain(world: World) -> None:
    """The container's own entry point, with the variables of its task definition."""
    left = [f"test:{name}-media" for name in ("write", "read")]
    for names in (left, ["test:break-media"]):
        tasks = [{"tool": name, "executor": "fargate"} for name in names]
        job_id = world.call("POST", "/jobs", {"tasks": tasks}).body["id"]
        while world.deliver():
            pass
        for _ in names:
            world.contain(world.step(f"{job_id}-1-1"))
        end_execution(NAMES.execution_arn(REGION).replace("*", f"{job_id}-1-1"), "SUCCEEDED")
        world.settle_down()


def _convert(world: World) -> None:
    """Transcodes in MediaConvert: one is done, one has no input, one is cancelled."""
    transcode = {
        "tool": "media:transcode",
        "parameters": {
            "engine": "mediaconvert",
            "input": "out.txt",
            "renditions": [{"preset": "h264-720p"}],
        },
    }
    nothing = {**transcode, "parameters": {**transcode["parameters"], "input": "none.mov"}}  # type: ignore[dict-item]
    for how, task in (("done", transcode), ("failed", nothing), ("cancelled", transcode)):
        job_id = world.call("POST", "/jobs", {"tasks": [{"tool": "test:write-media"}, task]}).body["id"]
        while world.deliver():
            pass
        name = f"{job_id}-1-1"
        assert world.work({**world.step(name), "worker": "media"}) is None
        step = world.step(name)
        if how == "failed":
            with pytest.raises(RunLost):
                world.convert(step)
        else:
            begun = world.convert(step)
            told = {"userMetadata": begun["request"]["UserMetadata"]}
            moved = {"status": "STATUS_UPDATE", "jobProgress": {"jobPercentComplete": 50}, **told}
            world.follow({"detail": moved})
            for group in begun["request"]["Settings"]["OutputGroups"]:
                key = group["OutputGroupSettings"]["FileGroupSettings"]["Destination"].partition("/jobs/")[2]
                aws.media_client(REGION).put_object(Bucket="workspace", Key=f"jobs/{key}.mp4", Body=b"x")
        if how == "done":
            world.convert({**step, "conversion": begun, "converted": {"Job": {}}})
        elif how == "cancelled":
            assert world.call("POST", f"/jobs/{job_id}/cancel").status == 200
            with pytest.raises(RunLost):
                world.convert({**step, "conversion": begun, "converted": {"Job": {}}})
        end_execution(NAMES.execution_arn(REGION).replace("*", name), "SUCCEEDED")
        world.settle_down()
    # The one whose end is told by MediaConvert alone.
    job_id = world.call("POST", "/jobs", {"tasks": [{"tool": "test:write-media"}, transcode]}).body["id"]
    while world.deliver():
        pass
    name = f"{job_id}-1-1"
    assert world.work({**world.step(name), "worker": "media"}) is None
    begun = world.convert(world.step(name))
    key = begun["request"]["Settings"]["OutputGroups"][0]["OutputGroupSettings"]["FileGroupSettings"]
    left = key["Destination"].partition("/jobs/")[2]
    aws.media_client(REGION).put_object(Bucket="workspace", Key=f"jobs/{left}.mp4", Body=b"x")
    assert world.call("POST", f"/jobs/{job_id}/cancel").status == 200
    world.follow({"detail": {"status": "CANCELED", "userMetadata": begun["request"]["UserMetadata"]}})
    world.settle_down()


def _cancel(world: World) -> None:
    job_id = world.submit("test:nothing")
    for _ in range(4):
        world.deliver()
    assert world.call("POST", f"/jobs/{job_id}/cancel").status == 200
    world.settle_down()


def _heal(world: World, clock: Any) -> None:
    """Everything by the sweeper alone."""
    _vanish(world, world.submit("test:vanish-storage"))
    clock.shift(3600)
    world.sweep()
    lost = world.submit("test:nothing")
    for _ in range(3):
        clock.shift(61)
        world.sweep()
    end_execution(NAMES.execution_arn(REGION).replace("*", f"{lost}-1-1"), "FAILED")
    for _ in range(3):
        clock.shift(61)
        world.sweep()
    cancelled = world.submit("test:nothing")
    for _ in range(2):
        clock.shift(61)
        world.sweep()
    world.call("POST", f"/jobs/{cancelled}/cancel")
    for _ in range(3):
        clock.shift(61)
        world.sweep()


def test_all_that_the_handlers_call_is_permitted_and_all_that_is_permitted_is_called(
    acme: World, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "MOST", 1)  # so that few jobs are already more than can be granted at once
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        everything_that_can_happen(acme, clock)
    assert ledger.forbidden(permitted()) == set()
    assert granted(permitted()) - ledger.actions == ELSEWHERE
