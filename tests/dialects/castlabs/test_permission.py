"""Least privilege of castLabs' endpoints, both ways."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from infra import permission
from mediajobs import aws
from mediajobs.routes import DIALECTS
from mediajobs.store import account
from mediajobs.tools.tool import Result
from tests.infra.test_permission import NAMES, Ledger
from tests.world import World, tool


def _endpoint(_: World, __: str, method: str, path: str, *___: Any, **____: Any) -> str:
    account._cache.clear()
    from mediajobs.dialects.castlabs import endpoints

    for known in (endpoints._organization, endpoints._user, endpoints._bundle):
        known.cache_clear()
    bare = path.partition("?")[0].rstrip("/")
    routes = [each for each in DIALECTS["castlabs"] if each.method == method]
    return next(each.endpoint for each in routes if each.match(bare.split("/")[1:]) is not None)


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    made = Ledger()
    monkeypatch.setattr(World, "vendor", made.watched(World.vendor, _endpoint))
    events = aws.session().get_component("event_emitter")
    events.register("before-parameter-build", made.note)
    for cached in (aws.client, aws.media_client, aws.function_client):
        cached.cache_clear()
    yield made
    events.unregister("before-parameter-build", made.note)
    for cached in (aws.client, aws.media_client):
        cached.cache_clear()


def everything(world: World) -> None:
    """What brings every endpoint to all that it can do."""
    world.tools["test:nothing"] = tool(lambda *_: Result())

    def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = world.vendor("castlabs", method, path, body, headers=headers)
        assert answer.status in (200, 201), answer.body
        return answer.body

    call("GET", "/api/")
    call("POST", "/job_bundle/", {"name": "b", "organization_name": "Acme"})
    for path in ("/job_bundle/", "/job_bundle/?name=b", "/job_bundle/1/"):
        call("GET", path)
    assert world.call("PUT", "/secrets/p", {"value": "word"}).status == 200
    get = {"tool": "storage:get", "parameters": {"location": "https://u:{p}@x.invalid/a"}}
    made = call("POST", "/api/jobs/", {"tasks": [get], "job_bundle_id": 1})
    plain = {"tasks": [{"tool": "test:nothing"}], "job_bundle": "b"}
    for _ in range(2):
        ended = call("POST", "/api/jobs/", plain, **{"idempotency-key": "once"})
    call("POST", f"/api/jobs/{made['id']}/resubmit/")
    world.settle_down()
    for path in ("", "?status=2", f"/{ended['id']}/", f"/{ended['id']}/metrics/"):
        call("GET", f"/api/jobs{path}")
    call("GET", f"/api/jobs/{ended['id']}/tasks/{ended['tasks'][0]['id']}/logs/")
    call("POST", f"/api/jobs/{ended['id']}/restart/")


def test_all_that_is_called_is_permitted_and_all_that_is_permitted_is_called(
    acme: World, ledger: Ledger
) -> None:
    everything(acme)
    needs = permission.dialects(NAMES)
    forbidden = {
        use
        for use in ledger.used
        if not any(
            use[1] in grant.actions and any(fnmatchcase(use[2], pattern) for pattern in grant.resources)
            for grant in needs[f"castlabs.{use[0]}"].grants
        )
    }
    assert forbidden == set()
    granted = {
        (endpoint, action)
        for endpoint in {each.endpoint for each in DIALECTS["castlabs"]}
        for grant in needs[f"castlabs.{endpoint}"].grants
        for action in grant.actions
    }
    assert granted == {use[:2] for use in ledger.used}
