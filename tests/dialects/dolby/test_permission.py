"""Least privilege of Dolby.io's endpoints, both ways."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from mediajobs.api_key import ApiKey
from mediajobs.store import account, signing
from tests.dialects.ledger import permitted, watching
from tests.ledger import Ledger, granted
from tests.world import World

ELSEWHERE = {
    # The page token that is the first token of all makes the key that signs them: here an access token did.
    ("dolby.list_jobs", "dynamodb:PutItem"),
    # Signed into a link, for who has the link to call.
    ("dolby.create_input", "s3:PutObject"),
    *(
        (name, action)
        for name in ("dolby.create_output", "dolby.get_output")
        for action in ("s3:GetObject", "s3:ListBucket")
    ),
}


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with watching("dolby", account._cache.clear, signing.key.cache_clear) as made:
        yield made


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
    assert ledger.forbidden(permitted("dolby")) == set()
    assert granted(permitted("dolby")) == ledger.actions | ELSEWHERE
