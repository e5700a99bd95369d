"""Least privilege of castLabs' endpoints, both ways."""

from collections.abc import Iterator
from typing import Any

import pytest

from mediajobs.dialects.castlabs import endpoints
from mediajobs.store import account
from mediajobs.tools.tool import Result
from tests.dialects.ledger import permitted, watching
from tests.ledger import Ledger, granted
from tests.world import World, tool


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    known = (endpoints._organization, endpoints._user, endpoints._bundle)
    with watching("castlabs", account._cache.clear, *(each.cache_clear for each in known)) as made:
        yield made


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
    assert ledger.forbidden(permitted("castlabs")) == set()
    assert granted(permitted("castlabs")) == ledger.actions
