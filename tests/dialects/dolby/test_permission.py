"""Least privilege of Dolby.io's endpoints, both ways."""

import base64
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from infra import permission
from mediajobs import aws
from mediajobs.api_key import ApiKey
from mediajobs.routes import DIALECTS
from mediajobs.store import account, signing
from tests.infra.test_permission import NAMES, Ledger
from tests.world import World

ELSEWHERE = {
    # The page token that is the first token of all makes the key that signs them: here an access token did.
    ("list_jobs", "dynamodb:PutItem"),
    # Signed into a link, for who has the link to call.
    ("create_input", "s3:PutObject"),
    *(
        (name, action)
        for name in ("create_output", "get_output")
        for action in ("s3:GetObject", "s3:ListBucket")
    ),
}


def _endpoint(_: World, __: str, method: str, path: str, *___: Any, **____: Any) -> str:
    # Each endpoint is a process of its own.
    account._cache.clear()
    signing.key.cache_clear()
    segments = path.partition("?")[0].split("/")[1:]
    routes = [each for each in DIALECTS["dolby"] if each.method == method]
    matches = [(found, each) for each in routes if (found := each.match(segments)) is not None]
    return min(matches, key=lambda match: len(match[0]))[1].endpoint


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    made = Ledger()
    monkeypatch.setattr(World, "vendor", made.watched(World.vendor, _endpoint))
    events = aws.session().get_component("event_emitter")
    events.register("before-parameter-build", made.note)
    for cached in (aws.client, aws.media_client):
        cached.cache_clear()
    yield made
    events.unregister("before-parameter-build", made.note)
    for cached in (aws.client, aws.media_client):
        cached.cache_clear()


def everything(world: World) -> None:
    """What brings every endpoint to all that it can do."""

    def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = world.vendor("dolby", method, path, body, headers=headers)
        assert answer.status in (200, 302), answer.body
        return answer.body

    key = ApiKey.parse(world.key)
    assert key is not None
    basic = base64.b64encode(f"{key.id}:{world.key}".encode()).decode()
    call("POST", "/v1/auth/token", b"grant_type=client_credentials", authorization=f"Basic {basic}")
    assert world.call("PUT", "/secrets/p", {"value": "word"}).status == 200
    order = {"input": "https://u:{p}@x.invalid/a.wav", "output": "dlb://out.wav"}
    for _ in range(2):
        made = call("POST", "/media/enhance", order, **{"idempotency-key": "once"})
    call("GET", f"/media/enhance?job_id={made['job_id']}")
    call("GET", "/media/jobs")
    call("GET", "/media/jobs?status=Pending")
    call("POST", f"/media/jobs/cancel?job_id={made['job_id']}")
    for name in ("input", "output"):
        call("POST", f"/media/{name}", {"url": "dlb://a"})
    call("GET", "/media/output?url=dlb://a")
    callback = {"callback": {"url": "https://example.com/", "headers": {"x": "1"}}}
    call("POST", "/media/webhooks", callback)
    for method in ("GET", "PUT", "DELETE"):
        call(method, "/media/webhooks", callback)


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
            for grant in needs[f"dolby.{use[0]}"].grants
        )
    }
    assert forbidden == set()
    granted = {
        (endpoint, action)
        for endpoint in {each.endpoint for each in DIALECTS["dolby"]}
        for grant in needs[f"dolby.{endpoint}"].grants
        for action in grant.actions
    }
    assert granted == {use[:2] for use in ledger.used} | ELSEWHERE
