"""Least privilege of TransparentEdge's endpoints, both ways."""

from collections.abc import Iterator
from typing import Any

import pytest

from mediajobs.store import account, signing
from tests.dialects.ledger import permitted, watching
from tests.dialects.transparentedge.test_handlers import BASE, PROFILE, start
from tests.dialects.transparentedge.test_request import ORDER
from tests.ledger import Ledger, granted
from tests.world import World


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with watching("transparentedge", account._cache.clear) as made:
        yield made


def everything(world: World) -> None:
    """What brings every endpoint to all that it can do."""

    def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = world.vendor("transparentedge", method, path, body, headers=headers)
        assert answer.status in (200, 201, 204), answer.body
        return answer.body

    signing.key.cache_clear()
    key_id = world.key.split("_")[1]
    form = f"grant_type=client_credentials&client_id={key_id}&client_secret={world.key}"
    call("POST", "/v1/oauth2/access_token/", form.encode(), authorization="")
    call("GET", "/schema")
    call("GET", f"{BASE}/allowed_values")
    call("GET", f"{BASE}/transcoding/consumed_minutes")
    for _ in range(2):
        call("POST", f"{BASE}/transcoding_profiles", PROFILE)
    call("GET", f"{BASE}/transcoding_profiles")
    call("GET", f"{BASE}/transcoding_profile/2")
    call("PUT", f"{BASE}/transcoding_profile/2", {"video_bitrate": 900})
    call("DELETE", f"{BASE}/transcoding_profile/2")
    assert world.call("PUT", "/secrets/word", {"value": "word"}).status == 200
    origin = {"origin": "ftp://usuario:{word}@ftp.com/published/video.mp4"}
    order = {**ORDER, **origin, "jobs": [{"filename": "a.mp4", "profile_id": 1}], "notifications": []}
    for _ in range(2):
        made = call("POST", f"{BASE}/transcode", order, **{"idempotency-key": "once"})
    order_id = made["message"].split("#")[1].split()[0]
    start(world, order_id)
    call("GET", f"{BASE}/transcode")
    call("GET", f"{BASE}/transcode?filters=%7B%22status%22:%22UPLOADING%22%7D")
    call("GET", f"{BASE}/transcode/{order_id}")
    world.call("POST", f"/jobs/{order_id}/cancel")
    call("POST", f"{BASE}/transcode_requeue/{order_id}")


def test_all_that_is_called_is_permitted_and_all_that_is_permitted_is_called(
    acme: World, ledger: Ledger
) -> None:
    everything(acme)
    assert ledger.forbidden(permitted("transparentedge")) == set()
    assert granted(permitted("transparentedge")) == ledger.actions
